using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Modules;

/// <summary>One run of a module: what it reads beside x, and what it gives beside y.</summary>
public sealed class Pass
{
    readonly Module module;
    readonly IReadOnlyDictionary<string, Tensor> weights, initial;
    readonly IReadOnlyDictionary<string, ISequenceRunner<Tensor>> inside;
    readonly RunHooks<Tensor> hooks;
    readonly Dictionary<string, Tensor> gates = [], carried = [];
    readonly List<Tensor> penalties = [];
    readonly Dictionary<string, (double, long)> figures = [];
    readonly List<(double, Tensor)> supervised = [];
    readonly Tensor x;

    internal Pass(Module module, IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, ISequenceRunner<Tensor>> inside,
        Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks) =>
        (this.module, this.weights, this.inside, this.x, this.initial, this.hooks) = (module, weights, inside, x, initial, hooks);

    /// <summary>A parameter of the module's own.</summary>
    public Tensor this[string parameter] => weights[parameter];

    /// <summary>The step of training; null in evaluation.</summary>
    public TrainingMoment? Training => hooks.Training;

    /// <summary>How many steps of each sequence are real, [B], the rest being padding at its end; null where all are.</summary>
    public IReadOnlyList<int>? Lengths => hooks.Lengths;

    /// <summary>The hooks, for a module that looks at more than this class offers.</summary>
    public RunHooks<Tensor> Hooks => hooks;

    /// <summary>A state before the first step, in its stored form; zeros where none was given.</summary>
    public Tensor State(string name)
    {
        if (initial.TryGetValue(name, out var value)) return value;
        return x.new_zeros([.. module.States.First(s => s.Name == name).Shape((int)x.shape[1]).Select(side => (long)side)]);
    }

    /// <summary>Whether a state was given.</summary>
    public bool HasState(string name) => initial.ContainsKey(name);

    /// <summary>Gives a state after the last step, in its stored form.</summary>
    public void Carry(string name, Tensor value) => carried[name] = value;

    /// <summary>Whether gate values are kept.</summary>
    public bool RecordsGates => hooks.RecordGates;

    /// <summary>Gives the values of a gate over the whole sequence, [T,B,...], or [N,...] in a forest; what lies behind a sequence's end counts as zero.</summary>
    public void Gate(string name, Tensor value)
    {
        if (hooks.RecordGates) gates[name] = (module.Arity is null && value.shape[0] == x.shape[0] ? Backends.Lengths.Masked(value, hooks.Lengths) : value).detach();
    }

    /// <summary>Applies what is done between layers, dropout for instance; for the input of every layer but the first.</summary>
    public Tensor Between(Tensor value) => hooks.BetweenLayers is { } between ? between(value) : value;

    /// <summary>Shows a state to who watches the run, right after it is computed, and gives what to go on with.</summary>
    /// <param name="prefix">Its layer: <c>layer0.</c>, or "".</param>
    /// <param name="state">Its name.</param>
    /// <param name="step">t.</param>
    /// <param name="value">[B,...].</param>
    public Tensor Tap(string prefix, string state, int step, Tensor value) => hooks.Tap is { } tap ? tap(prefix, state, step, value) : value;

    /// <summary>
    /// The last steps of what came before a sequence and the sequence, [D+T,B,W]; the last D real steps of it are the state after it. What a causal
    /// convolution that looks D steps back reads.
    /// </summary>
    /// <param name="state">The name of the state, of depth D.</param>
    /// <param name="value">The sequence [T,B,W].</param>
    public Tensor Past(string state, Tensor value)
    {
        var depth = module.States.First(s => s.Name == state).Depth;
        var all = cat([depth > 1 ? State(state) : State(state).unsqueeze(0), value], 0);
        var last = hooks.Lengths is not { } lengths ? all.narrow(0, value.shape[0], depth)
            : stack(lengths.Select((length, member) => all.narrow(0, length, depth).select(1, member)), 1);
        Carry(state, depth > 1 ? last : last[0]);
        return all;
    }

    /// <summary>What a state goes on with after a step: the new value of members whose step is real, the old one of the others.</summary>
    /// <param name="step">t.</param>
    /// <param name="next">[B,...].</param>
    /// <param name="before">[B,...].</param>
    public Tensor Hold(int step, Tensor next, Tensor before)
    {
        if (hooks.Lengths is not { } lengths || lengths.All(length => step < length)) return next;
        var real = tensor([.. lengths.Select(length => step < length)], device: next.device).reshape([-1, .. Enumerable.Repeat(1L, (int)next.dim() - 1)]);
        return where(real, next, before);
    }

    /// <summary>The children of a forest's nodes, node by node, without those that are missing at the end; checked.</summary>
    /// <exception cref="UserError">They are not given, a child does not stand before its parent, or there are too many.</exception>
    public long[][] Children()
    {
        var children = Given("children") ?? throw new UserError($"{module.Text} reads trees; the children of the nodes are not given.");
        if (children.dim() != 2 || children.shape[0] != x.shape[0])
            throw new UserError($"{module.Text}: the children are [N,K] for N = {x.shape[0]} nodes; they are [{string.Join(",", children.shape)}].");
        var width = (int)children.shape[1];
        var nodes = width == 0 ? [.. Enumerable.Range(0, (int)x.shape[0]).Select(_ => Array.Empty<long>())]
            : children.cpu().to(ScalarType.Int64).contiguous().data<long>().ToArray().Chunk(width).Select(row => row[..(Array.FindLastIndex(row, c => c >= 0) + 1)]).ToArray();
        for (var node = 0; node < nodes.Length; node++)
        {
            if (nodes[node].Length > module.Arity) throw new UserError($"{module.Text}: node {node} has {nodes[node].Length} children; there can be {module.Arity}.");
            if (nodes[node].Any(child => child >= node)) throw new UserError($"{module.Text}: node {node} stands before a child of it; children come first.");
        }
        return nodes;
    }

    /// <summary>What is given from outside by its full name, <c>const.perm</c>, <c>children</c>; null where it is not.</summary>
    public Tensor? Given(string name) => hooks.Given.GetValueOrDefault(name);

    /// <summary>Random numbers: those given as <c>noise.NAME</c>; in training drawn from the stream <c>noise/NAME</c> of the step; else null.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="draw">One number from a generator.</param>
    public Tensor? Noise(string name, long[] shape, Func<Random, double> draw)
    {
        if (Given($"noise.{name}") is { } given)
        {
            TorchRunner.Demand($"noise.{name} of {module.Text}", given, shape);
            return given;
        }
        if (hooks.Training is not { } training) return null;
        var random = training.Stream($"noise/{name}");
        var values = new float[shape.Aggregate(1L, (product, side) => product * side)];
        for (var k = 0; k < values.Length; k++) values[k] = (float)draw(random);
        return tensor(values, shape).to(x.dtype, x.device);
    }

    /// <summary>Inverted dropout in training: elements are zeroed with probability <paramref name="share"/>, the others divided by 1 - share.</summary>
    /// <param name="name">The mask's name; given masks are called <c>noise.NAME</c> and multiply as they are.</param>
    /// <param name="value">What is dropped from.</param>
    /// <param name="share">The probability.</param>
    /// <param name="shape">The mask's shape, 1 where one number is for a whole side.</param>
    public Tensor Dropout(string name, Tensor value, double share, params long[] shape) =>
        share > 0 && Noise(name, shape, random => random.NextDouble() < share ? 0 : 1 / (1 - share)) is { } mask ? value * mask : value;

    /// <summary>Runs a model inside, gates and taps included; its gates come back by their names in that model.</summary>
    /// <param name="prefix">Its prefix.</param>
    /// <param name="x">[T,B,I] of that model.</param>
    /// <param name="initial">Its state before the first step; null for zeros.</param>
    /// <param name="change">What is done along the way where it differs; null for the same.</param>
    public SequenceResult<Tensor> Inside(string prefix, Tensor x, IReadOnlyDictionary<string, Tensor>? initial = null, Func<RunHooks<Tensor>, RunHooks<Tensor>>? change = null)
    {
        var tap = hooks.Tap;
        var own = hooks with { Tap = tap is null ? null : (at, state, step, value) => tap(prefix + at, state, step, value) };
        return inside[prefix].Run(x, initial, change is null ? own : change(own));
    }

    /// <summary>The parameters of a model inside, by their names there, for a module that runs it in another way.</summary>
    public IReadOnlyDictionary<string, Tensor> InsideParameters(string prefix) => inside[prefix].Read();

    /// <summary>Adds a single number to the training loss.</summary>
    public void Penalty(Tensor term) => penalties.Add(term);

    /// <summary>Says a figure of this run: an average over so many steps, those of all sequences counted.</summary>
    public void Figure(string name, double mean, long steps) => figures[name] = (mean, steps);

    /// <summary>Has a further output, like y, judged by the same targets through the same output layer.</summary>
    /// <param name="weight">By how much its loss counts.</param>
    /// <param name="y">[T,B,O].</param>
    public void Supervise(double weight, Tensor y) => supervised.Add((weight, y));

    /// <summary>All that the run gives.</summary>
    internal SequenceResult<Tensor> Result(Tensor y) => new(y, module.States.ToDictionary(s => s.Name, s => carried.GetValueOrDefault(s.Name) ?? State(s.Name)), gates)
    {
        Penalties = penalties,
        Supervised = supervised,
        Figures = figures,
    };
}
