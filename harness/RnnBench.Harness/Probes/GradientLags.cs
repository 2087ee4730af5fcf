using MathNet.Numerics.Statistics;
using RnnBench.Results;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// Adds a zero that requires gradient to every state as it is computed. Its gradient is the total derivative with respect to that state, all
/// paths included.
/// </summary>
sealed class StateTaps : IDisposable
{
    readonly List<(string Layer, int Step, Tensor Leaf)> taps = [];

    /// <summary>The zeros, in the order of <see cref="Add"/>.</summary>
    public IEnumerable<Tensor> Leaves => taps.Select(tap => tap.Leaf);

    /// <summary>For <see cref="Language.RunHooks{TTensor}.Tap"/>.</summary>
    public Tensor Add(string prefix, string state, int step, Tensor value)
    {
        var zero = zeros_like(value).requires_grad_(true).DetachFromDisposeScope();
        taps.Add((prefix.TrimEnd('.'), step, zero));
        return value + zero;
    }

    /// <summary>The rows of every layer, all its states taken as one vector.</summary>
    /// <param name="gradients">Of the leaves, in their order; null or empty where the loss does not depend on one.</param>
    /// <param name="steps">T.</param>
    /// <param name="at">Steps of training done.</param>
    public IEnumerable<GradientLagRow> ByLag(IReadOnlyList<Tensor?> gradients, int steps, long at) => taps
        .Zip(gradients, (tap, gradient) => (tap.Layer, tap.Step, Squares: GradientLags.Squares(gradient is { IsInvalid: false } ? gradient : zeros_like(tap.Leaf), 1)))
        .GroupBy(tap => (tap.Layer, tap.Step), tap => tap.Squares)
        .Select(states => GradientLags.Row(at, states.Key.Layer, steps - 1 - states.Key.Step, Sum(states)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var leaf in Leaves) leaf.Dispose();
    }

    static double[] Sum(IEnumerable<double[]> squares) => squares.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);
}

/// <summary>
/// The norm of the loss's gradient with respect to what lies k steps before the end, for every sequence of the probe batch: how the influence
/// of the past fades.
/// </summary>
static class GradientLags
{
    /// <summary>The name that the rows of the recurrent part's input x have in place of a layer.</summary>
    public const string InputLayer = "x";

    /// <summary>For each sequence the sum of squares of a gradient [B,...] or [T,B,...], in double precision.</summary>
    public static double[] Squares(Tensor gradient, int from) =>
        gradient.to(ScalarType.Float64).square().flatten(from).sum(-1).cpu().data<double>().ToArray();

    /// <summary>The rows of the gradient with respect to x [T,B,I].</summary>
    public static IEnumerable<GradientLagRow> OfInput(Tensor? gradient, long step)
    {
        if (gradient is null) return [];
        var (steps, size, squares) = ((int)gradient.shape[0], (int)gradient.shape[1], Squares(gradient, 2));
        return Enumerable.Range(0, steps).Select(t => Row(step, InputLayer, steps - 1 - t, squares[(t * size)..((t + 1) * size)])).ToList();
    }

    /// <summary>The row of a lag from each sequence's squared norm.</summary>
    public static GradientLagRow Row(long step, string layer, int lag, double[] squares)
    {
        var norms = squares.Select(Math.Sqrt).ToArray();
        return new GradientLagRow(step, layer, lag, norms.Average(), Quantile(0.5), Quantile(0.1), Quantile(0.9));

        double Quantile(double share) => norms.QuantileCustom(share, QuantileDefinition.R7);
    }
}
