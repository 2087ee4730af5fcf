using RnnBench.Backends.Eager;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Prefix;

/// <summary>A scan without a time loop: every equation is evaluated for all steps at once, the states by prefix scans.</summary>
/// <param name="scan">What is run.</param>
/// <param name="device">Where.</param>
/// <param name="dtype">Float32 or Float64.</param>
sealed class ParallelScan(Scan scan, Device device, ScalarType dtype) : LeafScan(scan, device, dtype)
{
    readonly IReadOnlyList<LinearStates> groups = Linear.Of(scan.Cell)!;

    /// <summary>Why a model cannot be run so, or null if it can.</summary>
    public static string? WhyNot(Stack model) => model.Scans.FirstOrDefault(scan => Linear.Of(scan.Cell) is null) is { } scan
        ? $"a state of {scan.Cell.Name} is no linear function of its last step, element by element, so that step has to follow step" : null;

    public override SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        var cell = Scan.Cell;
        initial = ComputedWeights.Started(cell, initial, x.shape[1], Leaf);
        var before = cell.States.ToDictionary(s => s, s => Before(s, initial.GetValueOrDefault(s.Name), x));
        var values = new SequenceValues(cell, groups, Weights(), Turned(Lengths.Masked(x, hooks.Lengths)), before);
        Tensor Seen(Expr e) => Lengths.Masked(Turned(values.Whole(e, cell.WidthOf(e).Size)), hooks.Lengths);
        return new(Seen(cell.Output), cell.States.ToDictionary(s => s.Name, s => Last(values.WithPast(s), cell.DepthOf(s), hooks.Lengths)),
            hooks.RecordGates ? cell.Gates.ToDictionary(g => Scan.Prefix + g.Name, g => Seen(g).detach()) : []);

        Tensor Turned(Tensor sequence) => Scan.Reversed ? Lengths.Turned(sequence, hooks.Lengths) : sequence;
    }

    Tensor Before(State state, Tensor? given, Tensor x)
    {
        long[] shape = [Scan.Cell.DepthOf(state), x.shape[1], Scan.Cell.WidthOf(state).Size];
        return given is null ? x.new_full(shape, state.Initial) : given.reshape(shape);
    }

    /// <summary>The last steps of each sequence, [B,W] or [D,B,W]; steps behind its end come from nothing real and are passed over.</summary>
    static Tensor Last(Tensor state, int depth, IReadOnlyList<int>? lengths)
    {
        var last = lengths is null ? state.narrow(0, state.shape[0] - depth, depth)
            : stack([.. lengths.Select((length, member) => state.narrow(0, length, depth).select(1, member))], 1);
        return depth > 1 ? last : last[0];
    }
}
