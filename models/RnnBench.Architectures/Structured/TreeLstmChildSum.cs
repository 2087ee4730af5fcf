using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The child-sum tree LSTM: a node's children are summed, and each has its own forget gate; for any number of unordered children.</summary>
/// <remarks>Tai, Socher and Manning 2015, ACL, arXiv:1503.00075. One bias a gate where the authors' code has two.</remarks>
public sealed class TreeLstmChildSum : TreeLstm
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("tree-lstm-childsum", request => new TreeLstmChildSum(request))
    {
        Title = "Child-sum tree LSTM",
        Source = "Tai, Socher and Manning 2015, ACL, arXiv:1503.00075",
        Family = "structured",
        Settings =
        [
            Architecture.Hidden,
            OutputGate,
            Setting.Choice("forget", "each", "a forget gate for each child, or one for all that is computed from their sum", "each", "shared"),
            Setting.Flag("mean", false, "s is the mean of the children, not their sum"),
            Batching,
        ],
        FixableGates = Fixable,
        Recipes = AuthorsRecipes,
    };

    readonly bool shared, mean;

    TreeLstmChildSum(ModelRequest request) : base(request)
    {
        (shared, mean) = (Settings.Choice("forget") == "shared", Settings.Flag("mean"));
        var input = new Width(request.InputWidth, "I");
        foreach (var part in Parts)
        {
            Weight($"W_{part}", FanIn(input.Size), H, input);
            Weight($"U_{part}", FanIn(H.Size), H, H);
            Weight($"b_{part}", FanIn(H.Size), H);
        }
        // A node has one parent, hence one child on average: U_f counts once, as the others do.
        Costing("", ("W x", 2L * Parts.Count * input.Size * H.Size), ("U s, U_f h_k", 2L * Parts.Count * H.Size * H.Size), (HasOutputGate ? 10L : 8L) * H.Size, 1);
        Equation($"s_j = {(mean ? "1/|C(j)| " : "")}Σ_{{k ∈ C(j)}} h_k", $@"s_j &= {(mean ? @"\frac{1}{|C(j)|} " : "")}\sum_{{k \in C(j)}} h_k");
        GateEquation("i", "j", "σ(W_i x_j + U_i s_j + b_i)", @"\sigma(W_i x_j + U_i s_j + b_i)");
        GateEquation("f", "jk", $"σ(W_f x_j + U_f {(shared ? "s_j" : "h_k")} + b_f)", $@"\sigma(W_f x_j + U_f {(shared ? "s_j" : "h_k")} + b_f)");
        if (HasOutputGate) GateEquation("o", "j", "σ(W_o x_j + U_o s_j + b_o)", @"\sigma(W_o x_j + U_o s_j + b_o)");
        Equation("g_j = tanh(W_g x_j + U_g s_j + b_g)", @"g_j &= \tanh(W_g x_j + U_g s_j + b_g)");
        Equation("c_j = i_j ⊙ g_j + Σ_{k ∈ C(j)} f_jk ⊙ c_k", @"c_j &= i_j \odot g_j + \sum_{k \in C(j)} f_{jk} \odot c_k");
        Equation(HasOutputGate ? "h_j = o_j ⊙ tanh(c_j)" : "h_j = tanh(c_j)", HasOutputGate ? @"h_j &= o_j \odot \tanh(c_j)" : @"h_j &= \tanh(c_j)");
    }

    /// <inheritdoc/>
    public override int? Arity => int.MaxValue;

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, Tensor> Read(Pass pass, Tensor x)
    {
        var all = nn.functional.linear(x, cat([.. Parts.Select(part => pass[$"W_{part}"])], 0), cat([.. Parts.Select(part => pass[$"b_{part}"])], 0)).chunk(Parts.Count, -1);
        return Parts.Zip(all).ToDictionary();
    }

    /// <inheritdoc/>
    protected override Computed Compute(Pass pass, Func<string, Tensor> read, Level level)
    {
        string[] summed = [.. Parts.Where(part => part != "f")];
        var a = summed.ToDictionary(part => part, read);
        var sum = level.Hidden.sum(1);
        if (mean) sum = sum / level.Present.sum(1).to(sum.dtype).clamp(min: 1);
        if (!level.Leaves)
        {
            var products = nn.functional.linear(sum, cat([.. summed.Select(part => pass[$"U_{part}"])], 0)).chunk(summed.Length, -1);
            foreach (var (part, product) in summed.Zip(products)) a[part] = a[part] + product;
        }
        var g = a["g"].tanh();
        var i = ValueOf("i", () => a["i"].sigmoid(), g);
        var f = ValueOf("f", () => (read("f").unsqueeze(1) + nn.functional.linear(shared ? sum.unsqueeze(1) : level.Hidden, pass["U_f"])).sigmoid(), level.Memory, ("i", i.unsqueeze(1))) * level.Present;
        var c = level.Leaves ? i * g : i * g + (f * level.Memory).sum(1);
        if (!HasOutputGate) return new(c.tanh(), c, ("i", i), ("f", f));
        var o = ValueOf("o", () => a["o"].sigmoid(), g, ("i", i));
        return new(o * c.tanh(), c, ("i", i), ("f", f), ("o", o));
    }
}
