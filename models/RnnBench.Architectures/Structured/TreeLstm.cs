using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>
/// What both tree LSTMs share: a forest is computed from its leaves up, all nodes of one height together, so that what is sequential is the height of
/// the highest tree and not the number of nodes.
/// </summary>
/// <remarks>Tai, Socher and Manning 2015, ACL, arXiv:1503.00075; the batching by levels as the catalogue describes it.</remarks>
public abstract class TreeLstm : Module
{
    /// <summary>Some nodes that are computed together.</summary>
    /// <param name="Nodes">Their numbers [n].</param>
    /// <param name="Hidden">h of their children [n,K,H], zero where there is none.</param>
    /// <param name="Memory">c of their children [n,K,H].</param>
    /// <param name="Present">Which children there are [n,K,1].</param>
    /// <param name="Leaves">Whether none of them has children.</param>
    protected sealed record Level(Tensor Nodes, Tensor Hidden, Tensor Memory, Tensor Present, bool Leaves);

    /// <summary>The gates that can be fixed.</summary>
    protected static IReadOnlyList<string> Fixable { get; } = ["i", "f", "o"];

    /// <summary>What a level gives.</summary>
    /// <param name="Hidden">h [n,H].</param>
    /// <param name="Memory">c [n,H].</param>
    /// <param name="Gates">[n,H] or [n,K,H] by name.</param>
    protected sealed record Computed(Tensor Hidden, Tensor Memory, params (string Name, Tensor Value)[] Gates);

    /// <summary>The setting <c>batching</c>.</summary>
    protected static Setting Batching { get; } = Setting.Choice("batching", "levels", "what is computed together: all nodes of a height, or each node alone", "levels", "nodes");

    /// <summary>The setting <c>output_gate</c>.</summary>
    protected static Setting OutputGate { get; } = Setting.Flag("output_gate", true, "h = o ⊙ tanh(c); without, h = tanh(c), as in the authors' relatedness models");

    /// <summary>How the authors trained both.</summary>
    protected static IReadOnlyList<Recipe> AuthorsRecipes { get; } = [Recipe.Of("tai", "Tai et al. 2015, their code, whose embedding has a rate of its own and which drops half of what the classifier reads",
        "optimizer=adagrad learning_rate=0.05 weight_decay=0.0001 batch=25")];

    /// <param name="request">What it is made from.</param>
    protected TreeLstm(ModelRequest request) : base(request)
    {
        (H, HasOutputGate) = (new Width(Settings.Integer("hidden"), "H"), Settings.Flag("output_gate"));
        HasOutput(H.Size);
        HasGates(Gated(HasOutputGate ? ["i", "f", "o"] : ["i", "f"]));
    }

    /// <summary>The hidden size.</summary>
    protected Width H { get; }
    /// <summary>Whether there is an output gate.</summary>
    protected bool HasOutputGate { get; }
    /// <summary>The gates and the candidate that are computed: i, f, o, g, o only where there is one, none that is fixed.</summary>
    protected IReadOnlyList<string> Parts => [.. (HasOutputGate ? new[] { "i", "f", "o", "g" } : ["i", "f", "g"]).Where(Computes)];
    /// <summary>Uniform on ±1/√n, the default of the authors' framework for n inputs.</summary>
    protected static Initial FanIn(int inputs) => new Initial.Uniform(1 / Math.Sqrt(inputs));

    /// <summary>What all nodes need of x before any level, computed at once.</summary>
    /// <returns>By part, [N,H].</returns>
    protected abstract IReadOnlyDictionary<string, Tensor> Read(Pass pass, Tensor x);

    /// <summary>One level.</summary>
    /// <param name="pass">Parameters.</param>
    /// <param name="read">What <see cref="Read"/> gave, at the nodes of the level.</param>
    /// <param name="level">The nodes and their children.</param>
    protected abstract Computed Compute(Pass pass, Func<string, Tensor> read, Level level);

    /// <summary>The children that there can be at most in a forest that has <paramref name="widest"/>.</summary>
    protected virtual int Width(int widest) => widest;

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var children = pass.Children();
        var (count, width) = (x.shape[0], Width((int)pass.Given("children")!.shape[1]));
        var read = Read(pass, x);
        var levels = Settings.Choice("batching") == "levels";
        TreeRows h = TreeRows.Of(levels, count, x, H.Size), c = TreeRows.Of(levels, count, x, H.Size);
        var gates = new Dictionary<string, Tensor>();
        foreach (var nodes in levels ? Levels(children) : Enumerable.Range(0, children.Length).Select(node => new[] { (long)node }))
        {
            var index = tensor(nodes, device: x.device);
            long[] rows = [.. nodes.SelectMany(node => Padded(children[node], width, count))];
            var present = tensor(rows, [nodes.Length, width, 1], device: x.device).less(count);
            var level = new Level(index, h.Read(rows).view(nodes.Length, width, H.Size), c.Read(rows).view(nodes.Length, width, H.Size), present, nodes.All(node => children[node].Length == 0));
            var computed = Compute(pass, part => read[part].index_select(0, index), level);
            h.Write(index, computed.Hidden);
            c.Write(index, computed.Memory);
            if (pass.RecordsGates) foreach (var (name, value) in computed.Gates.Where(gate => Gates.Contains(gate.Name))) Keep(gates, name, value, index, count);
        }
        foreach (var (name, value) in gates) pass.Gate(name, value);
        return h.All;
    }

    /// <summary>The nodes by their height: a leaf has 0, every other node one more than the highest of its children.</summary>
    internal static IEnumerable<long[]> Levels(long[][] children)
    {
        var heights = new int[children.Length];
        for (var node = 0; node < children.Length; node++)
            heights[node] = children[node].Where(child => child >= 0).Select(child => heights[child] + 1).DefaultIfEmpty(0).Max();
        return heights.Select((height, node) => (height, node)).GroupBy(n => n.height, n => (long)n.node).OrderBy(level => level.Key).Select(level => level.ToArray());
    }

    static IEnumerable<long> Padded(long[] children, int width, long missing) =>
        Enumerable.Range(0, width).Select(k => k < children.Length && children[k] >= 0 ? children[k] : missing);

    static void Keep(Dictionary<string, Tensor> gates, string name, Tensor value, Tensor index, long count)
    {
        if (!gates.TryGetValue(name, out var all)) all = value.new_zeros([count, .. value.shape[1..]]);
        gates[name] = all.index_copy(0, index, value.detach());
    }
}
