using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>
/// A scan as TorchSharp operations with autograd, straight from the graph of its equations. What is stored are leaves in the catalogue's layout.
/// </summary>
sealed class EagerScan : ScanRunner
{
    readonly Scan scan;
    readonly Dictionary<Parameter, Tensor> leaves, weights;
    readonly Lazy<Plan> plain, recording;

    /// <param name="scan">What is run.</param>
    /// <param name="device">Where.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    public EagerScan(Scan scan, Device device, ScalarType dtype)
    {
        this.scan = scan;
        leaves = scan.Cell.Parameters.ToDictionary(q => q, q => Leaf(q.Trained, [.. scan.Cell.Shapes[q].Select(w => (long)w.Size)]));
        weights = scan.Cell.Weights.Where(leaves.ContainsKey).ToDictionary(w => w, w => leaves[w]);
        plain = new(() => new Plan(scan.Cell, weights, gates: false));
        recording = new(() => new Plan(scan.Cell, weights, gates: true));
        _ = plain.Value;                                  // an unknown node is an error when the runner is made, not when it runs

        Tensor Leaf(bool trained, long[] shape) => new TorchSharp.Modules.Parameter(zeros(shape, dtype, device), trained).DetachFromDisposeScope();
    }

    public override IReadOnlyList<Tensor> Trainable => [.. scan.Cell.Parameters.Where(q => q.Trained).Select(q => leaves[q])];

    public override IReadOnlyList<Tensor> Constants => [.. scan.Cell.Parameters.Where(q => !q.Trained).Select(q => leaves[q])];

    public override Tensor Read(Parameter weight) => leaves[weight].detach();

    public override Tensor ReadGradient(Parameter weight) => leaves[weight].grad is { } gradient ? gradient : zeros_like(leaves[weight]);

    public override void Write(Parameter weight, Tensor value)
    {
        using var still = no_grad();
        leaves[weight].copy_(value);
    }

    public override SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        foreach (var (matrix, value) in ComputedWeights.Of(scan.Cell, q => leaves[q])) weights[matrix] = value;
        initial = ComputedWeights.Started(scan.Cell, initial, x.shape[1], q => leaves[q]);
        var plan = (hooks.RecordGates ? recording : plain).Value;
        x = Lengths.Masked(x, hooks.Lengths);
        var whole = new Frame(x, new Tensor[plan.Slots]);
        foreach (var (slot, lag) in plan.Inputs) whole[slot] = Shift(x, lag);
        foreach (var operation in plan.Operations(Stage.Parameters)) operation(whole);
        foreach (var operation in plan.Operations(Stage.Sequence)) operation(whole);
        var loop = new TimeLoop(plan, scan, whole, initial, hooks);
        loop.Run();
        return new(Lengths.Masked(loop.Collect(plan.Output), hooks.Lengths), loop.Final,
            plan.Gates.ToDictionary(g => scan.Prefix + g.Key, g => Lengths.Masked(loop.Collect(g.Value), hooks.Lengths).detach()));
    }

    /// <summary>The input some steps back in the order of the scan; zeros before the first step.</summary>
    Tensor Shift(Tensor x, int lag)
    {
        if (lag == 0) return x;
        var (steps, some) = (x.shape[0], Math.Min(lag, x.shape[0]));
        var before = x.new_zeros([some, x.shape[1], x.shape[2]]);
        return scan.Reversed ? cat([x.narrow(0, some, steps - some), before], 0) : cat([before, x.narrow(0, 0, steps - some)], 0);
    }

    public override void Dispose()
    {
        foreach (var leaf in leaves.Values) leaf.Dispose();
    }
}
