using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Modules;

/// <summary>A module on TorchSharp: its own parameters as leaves, the models inside on whatever backend was chosen.</summary>
sealed class ModuleRunner : ISequenceRunner<Tensor>
{
    readonly Module module;
    readonly Device device;
    readonly ScalarType dtype;
    readonly Dictionary<string, Tensor> weights;
    readonly Dictionary<string, ISequenceRunner<Tensor>> inside;

    /// <param name="module">What is run.</param>
    /// <param name="device">Where the weights lie and the input comes from.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="run">Makes the runner of a model inside.</param>
    public ModuleRunner(Module module, Device device, ScalarType dtype, Func<Model, ISequenceRunner<Tensor>> run)
    {
        (this.module, this.device, this.dtype) = (module, device, dtype);
        inside = module.Insides.ToDictionary(m => m.Key, m => run(m.Value));
        weights = module.Own.ToDictionary(q => q.Name, q =>
            (Tensor)new TorchSharp.Modules.Parameter(zeros([.. q.Shape.Select(side => (long)side)], dtype, device)).DetachFromDisposeScope());
        Trainable = [.. module.Own.Select(q => weights[q.Name]), .. inside.Values.SelectMany(runner => runner.Trainable)];
    }

    public Model Model => module;
    public string Path => inside.Count == 0 ? "eager" : $"module + {string.Join(", ", inside.Values.Select(runner => runner.Path).Distinct())}";
    public IReadOnlyList<MeasuredChoice> Choices => [.. inside.SelectMany(m => m.Value.Choices.Select(choice => choice with { Scan = m.Key + choice.Scan }))];
    public IReadOnlyList<Tensor> Trainable { get; }

    public IReadOnlyDictionary<string, Tensor> Read() => Named(weight => weight.detach(), runner => runner.Read());

    public IReadOnlyDictionary<string, Tensor> ReadGradients() => Named(weight => weight.grad ?? zeros_like(weight), runner => runner.ReadGradients());

    public void Write(IReadOnlyDictionary<string, Tensor> parameters)
    {
        TorchRunner.DemandAll(module, parameters);
        using var still = no_grad();
        foreach (var (name, weight) in weights) weight.copy_(parameters[name]);
        foreach (var (prefix, runner) in inside) runner.Write(runner.Model.Parameters.ToDictionary(q => q.Name, q => parameters[prefix + q.Name]));
    }

    public SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor>? initial = null, RunHooks<Tensor>? hooks = null)
    {
        var flat = module.Arity is not null && x.dim() == 3 && x.shape[1] == 1;
        var seen = flat ? x.squeeze(1) : x;
        Demand(seen, initial ?? new Dictionary<string, Tensor>());
        hooks ??= new();
        if (module.Arity is null) hooks.CheckLengths(module, x.shape[0], x.shape[1]);
        // A tapped run leaves all tensors to the caller's scope: with a scope of its own it would dispose those that the tap has kept.
        using var scope = hooks.Tap is null ? NewDisposeScope() : null;
        if (module.Arity is null) seen = Lengths.Masked(seen, hooks.Lengths);
        var pass = new Pass(module, weights, inside, seen, initial ?? new Dictionary<string, Tensor>(), hooks);
        var y = module.Run(pass, seen);
        if (y.shape[0] == seen.shape[0] && module.Arity is null) y = Lengths.Masked(y, hooks.Lengths);
        var result = pass.Result(flat ? y.unsqueeze(1) : y);
        scope?.MoveToOuter([result.Output, .. result.State.Values, .. result.Gates.Values, .. result.Penalties, .. result.Supervised.Select(s => s.Output)]);
        return result;
    }

    public void Dispose()
    {
        foreach (var weight in weights.Values) weight.Dispose();
        foreach (var runner in inside.Values) runner.Dispose();
    }

    Dictionary<string, Tensor> Named(Func<Tensor, Tensor> own, Func<ISequenceRunner<Tensor>, IReadOnlyDictionary<string, Tensor>> others) => new(
    [
        .. weights.Select(w => KeyValuePair.Create(w.Key, own(w.Value))),
        .. inside.SelectMany(i => others(i.Value).Select(w => KeyValuePair.Create(i.Key + w.Key, w.Value))),
    ]);

    void Demand(Tensor x, IReadOnlyDictionary<string, Tensor> initial)
    {
        var outer = module.Arity is null ? 2 : 1;
        if (x.dim() != outer + module.InputShape.Count || x.shape[0] < 1 || !x.shape[outer..].SequenceEqual(module.InputShape.Select(side => (long)side)))
            throw new UserError($"The input of {module.Text} is [{(outer == 2 ? "T,B" : "N")},{string.Join(",", module.InputShape)}], with at least one "
                + $"{(outer == 2 ? "step" : "node")}; it is [{string.Join(",", x.shape)}].");
        if (x.dtype != dtype || x.device_type != device.type)
            throw new UserError($"The input of {module.Text} is {x.dtype} on {x.device}; this run is {dtype} on {device}.");
        foreach (var (name, value) in initial)
        {
            var state = module.States.FirstOrDefault(s => s.Name == name) ?? throw new UserError(
                $"{module.Text} has no state {name}; it has {string.Join(", ", module.States.Select(s => s.Name).DefaultIfEmpty("none"))}.");
            TorchRunner.Demand($"The initial state {name} of {module.Text}", value, [.. state.Shape((int)x.shape[1]).Select(side => (long)side)]);
        }
    }
}
