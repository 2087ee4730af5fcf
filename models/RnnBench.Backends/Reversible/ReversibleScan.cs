using RnnBench.Backends.Eager;
using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Reversible;

/// <summary>
/// A scan whose backward pass undoes it step by step instead of reading what the forward pass has kept. A tapped run, for probes that change states,
/// is that of the same equations in floating point with everything kept.
/// </summary>
sealed class ReversibleScan : ScanRunner
{
    readonly Scan scan;
    readonly Undoable cell;
    readonly Reversal reversal;
    readonly EagerScan real;

    /// <param name="scan">What is run.</param>
    /// <param name="reversal">How steps are undone.</param>
    /// <param name="device">Where.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    public ReversibleScan(Scan scan, Reversal reversal, Device device, ScalarType dtype) =>
        (this.scan, this.reversal, cell, real) = (scan, reversal, new Undoable(scan.Cell), new EagerScan(scan, device, dtype));

    public override IReadOnlyList<Tensor> Trainable => real.Trainable;
    public override IReadOnlyList<Tensor> Constants => real.Constants;
    public override Tensor Read(Parameter weight) => real.Read(weight);
    public override Tensor ReadGradient(Parameter weight) => real.ReadGradient(weight);
    public override void Write(Parameter weight, Tensor value) => real.Write(weight, value);

    public override SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        if (hooks.Tap is not null) return real.Run(x, initial, hooks);
        using var scope = NewDisposeScope();
        x = Lengths.Masked(x, hooks.Lengths);
        var starts = scan.Cell.States.Select(s => initial.GetValueOrDefault(s.Name) ?? x.new_zeros([x.shape[1], scan.Cell.WidthOf(s).Size])).ToArray();
        var call = new ReversibleCall(cell, scan, reversal, hooks.Lengths, hooks.RecordGates, is_grad_enabled(), x.requires_grad);
        var outputs = call.Training ? AutogradCall.Apply(() => ReversibleFunction.apply([call, x, .. starts, .. real.Trainable]), call.Bare, () => call.Gates.Values)
            : call.Forward(x, starts, real.Trainable);
        outputs[0] = Lengths.Masked(outputs[0], hooks.Lengths);
        var gates = call.Gates.ToDictionary(g => scan.Prefix + g.Key, g => Lengths.Masked(g.Value, hooks.Lengths));
        foreach (var kept in (IEnumerable<Tensor>)[.. outputs, .. gates.Values]) kept.MoveToOuterDisposeScope();
        return new(outputs[0], scan.Cell.States.Index().ToDictionary(s => s.Item.Name, s => outputs[1 + s.Index]), gates);
    }

    public override void Dispose() => real.Dispose();
}

/// <summary>What one run hands from its forward to its backward pass.</summary>
sealed class ReversibleCall(Undoable cell, Scan scan, Reversal reversal, IReadOnlyList<int>? lengths, bool gates, bool training, bool inputGradient)
{
    ReversibleRun? run;

    /// <summary>How many states the cell has.</summary>
    public int States => cell.Cell.States.Count;

    /// <summary>Whether a backward pass may follow.</summary>
    public bool Training => training;

    /// <summary>The outputs before autograd wrapped them.</summary>
    public List<Tensor> Bare { get; } = [];

    /// <summary>The recorded gates.</summary>
    public IReadOnlyDictionary<string, Tensor> Gates { get; private set; } = new Dictionary<string, Tensor>();

    public List<Tensor> Forward(Tensor x, IReadOnlyList<Tensor> starts, IReadOnlyList<Tensor> weights)
    {
        run = new ReversibleRun(cell, scan.Reversed, lengths, reversal);
        var result = run.Forward(Named(weights), x, cell.Cell.States.Zip(starts).ToDictionary(s => s.First, s => s.Second), gates);
        if (!training) run.Dispose();
        Gates = result.Gates;
        Bare.AddRange([result.Output, .. result.Last]);
        return [.. Bare];
    }

    public List<Tensor?> Backward(Tensor x, IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> incoming)
    {
        using var undone = run ?? throw new InvalidOperationException("a reversible run was undone already: its backward pass can be made once");
        run = null;
        var gradients = undone.Backward(Named(weights), x, incoming[0], [.. incoming.Skip(1)], inputGradient);
        return [gradients.Input, .. gradients.First, .. gradients.Weights];
    }

    Dictionary<Parameter, Tensor> Named(IReadOnlyList<Tensor> weights) => cell.Cell.Parameters.Zip(weights).ToDictionary(q => q.First, q => q.Second);
}

/// <summary>A scan as one function of autograd: x, the first states and the weights to the output and the last states.</summary>
sealed class ReversibleFunction : autograd.MultiTensorFunction<ReversibleFunction>
{
    public override string Name => "ReversibleScan";

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (ReversibleCall)vars[0];
        var (x, rest) = ((Tensor)vars[1], vars[2..].Cast<Tensor>().ToArray());
        ctx.save_data("call", call);
        ctx.save_for_backward([x, .. rest[call.States..]]);
        return call.Forward(x, rest[..call.States], rest[call.States..]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> incoming)
    {
        var saved = ctx.get_saved_variables();
        var gradients = ((ReversibleCall)ctx.get_data("call")).Backward(saved[0], [.. saved.Skip(1)], incoming);
        foreach (var tensor in saved.Concat(incoming)) tensor.Dispose();
        return [null!, .. gradients.Select(d => d!)];                          // a missing gradient is null for TorchSharp
    }
}
