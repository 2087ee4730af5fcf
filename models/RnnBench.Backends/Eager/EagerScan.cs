using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>A scan as TorchSharp operations with autograd, straight from the graph of its equations.</summary>
sealed class EagerScan : LeafScan
{
    readonly Lazy<Plan> plain, recording;

    /// <param name="scan">What is run.</param>
    /// <param name="device">Where.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    public EagerScan(Scan scan, Device device, ScalarType dtype) : base(scan, device, dtype)
    {
        plain = new(() => new Plan(scan.Cell, Table, gates: false));
        recording = new(() => new Plan(scan.Cell, Table, gates: true));
        _ = plain.Value;                                  // an unknown node is an error when the runner is made, not when it runs
    }

    public override SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        _ = Weights();
        initial = ComputedWeights.Started(Scan.Cell, initial, x.shape[1], Leaf);
        var plan = (hooks.RecordGates ? recording : plain).Value;
        x = Lengths.Masked(x, hooks.Lengths);
        var whole = new Frame(x, new Tensor[plan.Slots]);
        foreach (var (slot, lag) in plan.Inputs) whole[slot] = Shift(x, lag);
        foreach (var operation in plan.Operations(Stage.Parameters)) operation(whole);
        foreach (var operation in plan.Operations(Stage.Sequence)) operation(whole);
        var loop = new TimeLoop(plan, Scan, whole, initial, hooks);
        loop.Run();
        return new(Lengths.Masked(loop.Collect(plan.Output), hooks.Lengths), loop.Final,
            plan.Gates.ToDictionary(g => Scan.Prefix + g.Key, g => Lengths.Masked(loop.Collect(g.Value), hooks.Lengths).detach()));
    }

    /// <summary>The input some steps back in the order of the scan; zeros before the first step.</summary>
    Tensor Shift(Tensor x, int lag)
    {
        if (lag == 0) return x;
        var (steps, some) = (x.shape[0], Math.Min(lag, x.shape[0]));
        var before = x.new_zeros([some, x.shape[1], x.shape[2]]);
        return Scan.Reversed ? cat([x.narrow(0, some, steps - some), before], 0) : cat([before, x.narrow(0, 0, steps - some)], 0);
    }
}
