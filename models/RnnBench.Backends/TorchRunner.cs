using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>A model on TorchSharp: layers, directions and skips around scans, as the section <c>stacked</c> of the catalogue defines them.</summary>
sealed class TorchRunner : ISequenceRunner<Tensor>
{
    readonly Stack stack;
    readonly IReadOnlyDictionary<Scan, ScanRunner> scans;
    readonly Device device;
    readonly ScalarType dtype;

    /// <param name="stack">What is run.</param>
    /// <param name="path">The path that was taken, for the record.</param>
    /// <param name="device">Where the weights lie and the input comes from.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="scan">Makes the runner of one scan.</param>
    public TorchRunner(Stack stack, string path, Device device, ScalarType dtype, Func<Scan, ScanRunner> scan)
    {
        (this.stack, Path, this.device, this.dtype) = (stack, path, device, dtype);
        scans = stack.Scans.ToDictionary(s => s, scan);
        Trainable = [.. stack.Scans.SelectMany(s => scans[s].Trainable)];
        Constants = [.. stack.Scans.SelectMany(s => scans[s].Constants)];
    }

    public Model Model => stack;
    public string Path { get; }
    public IReadOnlyList<MeasuredChoice> Choices => [.. scans.SelectMany(s => s.Value.Choices.Select(choice => choice with { Scan = s.Key.Prefix }))];
    public IReadOnlyList<Tensor> Trainable { get; }

    public IReadOnlyList<Tensor> Constants { get; }

    public IReadOnlyDictionary<string, Tensor> Read() => stack.Parameters.ToDictionary(p => p.Name, p => Whole(p, scans[p.Scan].Read));

    public IReadOnlyDictionary<string, Tensor> ReadGradients() =>
        stack.Parameters.ToDictionary(p => p.Name, p => Whole(p, scans[p.Scan].ReadGradient));

    public void Write(IReadOnlyDictionary<string, Tensor> parameters)
    {
        DemandAll(stack, parameters);
        Change(parameters);
    }

    public void Change(IReadOnlyDictionary<string, Tensor> parameters)
    {
        foreach (var p in stack.Parameters.Where(p => parameters.ContainsKey(p.Name)))
            if (p.Matrices is not { } several) scans[p.Scan].Write(p.Weight, parameters[p.Name]);
            else foreach (var (k, matrix) in several.Matrices.Index()) scans[p.Scan].Write(matrix, parameters[p.Name].select(several.Last ? -1 : 0, k));
    }

    public SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor>? initial = null, RunHooks<Tensor>? hooks = null)
    {
        if (x.dim() != 3 || x.shape[0] < 1 || x.shape[2] != Model.Input)
            throw new UserError($"The input of {Model.Text} is [T,B,{Model.Input}] with at least one step; it is [{string.Join(",", x.shape)}].");
        if (x.dtype != dtype || x.device_type != device.type)
            throw new UserError($"The input of {Model.Text} is {x.dtype} on {x.device}; this run is {dtype} on {device}.");
        hooks ??= new();
        hooks.CheckLengths(Model, x.shape[0], x.shape[1]);
        // A tapped run leaves all tensors to the caller's scope: with a scope of its own it would dispose those that the tap has kept.
        using var scope = hooks.Tap is null ? NewDisposeScope() : null;
        var starts = Split(initial, x.shape[1]);
        var results = new List<SequenceResult<Tensor>>();
        var outputs = new List<Tensor>();
        for (var layer = 0; layer < stack.Layers.Count; layer++)
        {
            var input = layer == 0 ? x : stack.SkipInput ? cat([outputs[^1], x], -1) : outputs[^1];
            if (layer > 0 && hooks.BetweenLayers is { } between) input = between(input);
            var found = stack.Layers[layer].Select((scan, k) => scans[scan].Run(input, starts[results.Count + k], hooks)).ToArray();
            results.AddRange(found);
            outputs.Add(Joined([.. found.Select(r => r.Output)]));
        }
        var result = new SequenceResult<Tensor>(stack.SkipOutput ? Joined(outputs) : outputs[^1], States(results),
            results.SelectMany(r => r.Gates).ToDictionary(g => g.Key, g => g.Value));
        scope?.MoveToOuter([result.Output, .. result.State.Values, .. result.Gates.Values]);
        return result;
    }

    public void Dispose()
    {
        foreach (var scan in scans.Values) scan.Dispose();
    }

    /// <summary>A parameter as it is stored: scans know its matrices one by one.</summary>
    static Tensor Whole(StackParameter p, Func<Parameter, Tensor> read) =>
        p.Matrices is { } several ? TorchSharp.torch.stack(several.Matrices.Select(read), several.Last ? -1 : 0) : read(p.Weight);

    static Tensor Joined(IReadOnlyList<Tensor> parts) => parts is [var only] ? only : cat([.. parts], -1);

    /// <summary>The initial state of each scan.</summary>
    IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Split(IReadOnlyDictionary<string, Tensor>? initial, long batch)
    {
        var each = stack.Scans.Select(_ => new Dictionary<string, Tensor>()).ToArray();
        foreach (var (name, value) in initial ?? new Dictionary<string, Tensor>())
        {
            var state = Model.States.FirstOrDefault(s => s.Name == name)
                ?? throw new UserError($"{Model.Text} has no state {name}; it has {string.Join(", ", Model.States.Select(s => s.Name))}.");
            Demand($"The initial state {name} of {Model.Text}", value, [.. state.Shape((int)batch).Select(side => (long)side)]);
            if (state.Only is { } only) each[only][state.Plain] = value;
            else for (var k = 0; k < each.Length; k++) each[k][name] = Flat(state, each.Length == 1 ? value : value[k]);
        }
        foreach (var state in Model.States.Where(s => s.Initial != 0))
            foreach (var start in each) start.TryAdd(state.Name, full([.. state.Depth > 1 ? [(long)state.Depth] : Array.Empty<long>(), batch, state.Width], state.Initial, dtype, device));
        return each;
    }

    Dictionary<string, Tensor> States(IReadOnlyList<SequenceResult<Tensor>> results) => Model.States.ToDictionary(s => s.Name, s =>
        Stored(s, s.Only is { } scan ? results[scan].State[s.Plain] : results is [var only] ? only.State[s.Name] : TorchSharp.torch.stack(results.Select(r => r.State[s.Name]), 0)));

    /// <summary>Scans know vectors only, [B,W]; a matrix memory has sides of its own.</summary>
    static Tensor Flat(ModelState state, Tensor value) => state.Sides.Count == 1 ? value : value.flatten(-state.Sides.Count);

    static Tensor Stored(ModelState state, Tensor value) =>
        state.Sides.Count == 1 ? value : value.reshape([.. value.shape[..^1], .. state.Sides.Select(side => (long)side)]);

    /// <summary>Refuses parameters that are unknown, missing or of another shape.</summary>
    internal static void DemandAll(Model model, IReadOnlyDictionary<string, Tensor> parameters)
    {
        if (parameters.Keys.Except(model.Parameters.Select(p => p.Name)).FirstOrDefault() is { } unknown)
            throw new UserError($"{model.Text} has no parameter {unknown}; it has {string.Join(", ", model.Parameters.Select(p => p.Name))}.");
        foreach (var p in model.Parameters)
            Demand($"The parameter {p.Name} of {model.Text}",
                parameters.GetValueOrDefault(p.Name) ?? throw new UserError($"The parameter {p.Name} of {model.Text} is not given."), [.. p.Shape.Select(side => (long)side)]);
    }

    /// <summary>Refuses a tensor of another shape.</summary>
    internal static void Demand(string what, Tensor value, long[] expected)
    {
        if (!value.shape.SequenceEqual(expected))
            throw new UserError($"{what} has shape [{string.Join(",", value.shape)}]; it should be [{string.Join(",", expected)}].");
    }
}
