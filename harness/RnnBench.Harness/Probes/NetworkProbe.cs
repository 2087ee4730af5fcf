using RnnBench.Language;
using RnnBench.Results;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// Looks into a network at chosen moments, with a runner of its own that shows gates and states: one forward and backward pass over a fixed
/// probe batch, in evaluation mode. The network in training is only read.
/// </summary>
sealed class NetworkProbe : IDisposable
{
    readonly ISequenceRunner<Tensor> runner;
    readonly Batch batch;

    /// <param name="runner">A runner of the same model that records gates and taps states; disposed of with the probe.</param>
    /// <param name="batch">The probe batch.</param>
    public NetworkProbe(ISequenceRunner<Tensor> runner, Batch batch) => (this.runner, this.batch) = (runner, batch);

    /// <summary>Looks at the network as it is now.</summary>
    /// <param name="network">The network in training.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="into">Where the rows go.</param>
    public void Look(Network network, long step, Recording into)
    {
        using var scope = NewDisposeScope();
        using (no_grad()) runner.Write(network.Runner.Read());
        using var taps = new StateTaps();
        var x = network.Input(batch).detach().requires_grad_(true);
        var rows = LossRows(batch);
        var prediction = network.Run(batch, rows, hooks: new RunHooks<Tensor> { RecordGates = true, Tap = taps.Add }, runner: runner, input: x);
        into.Gates.AddRange(prediction.Run.Gates.Select(gate => GateStatistics.Of(gate.Key, gate.Value, step)));
        // Gradients go to the taps and to x alone: those of the parameters stay untouched.
        var leaves = taps.Leaves.Append(x).ToList();
        Tensor?[] gradients = [.. autograd.grad([network.Losses(prediction.Read, batch, rows).Sum], leaves, allow_unused: true)
            .Select(gradient => gradient is null || gradient.IsInvalid ? null : gradient)];                // the loss does not depend on a clock
        into.GradientLags.AddRange(taps.ByLag([.. gradients.SkipLast(1)], batch.Steps, step));
        if (batch.Children is null) into.GradientLags.AddRange(GradientLags.OfInput(gradients[^1], step));
    }

    /// <summary>
    /// The rows whose loss is differentiated. Where the task has a group of its own beside the trained one, such as the recall of a copy task,
    /// it is the smallest of them; otherwise the targets of the last step that has any.
    /// </summary>
    public static long[] LossRows(Batch batch)
    {
        var smallest = batch.Groups.Values.Where(weights => Count(weights) > 0).MinBy(Count)!;
        var rows = Enumerable.Range(0, smallest.Length).Where(row => smallest[row] != 0).Select(row => (long)row).ToArray();
        return rows.Length < Count(batch.Groups[Batch.Trained]) ? rows : [.. rows.Where(row => row / batch.Size == rows[^1] / batch.Size)];

        static int Count(float[] weights) => weights.Count(weight => weight != 0);
    }

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();
}
