using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>Numbers that should be equal but for rounding.</summary>
static class Close
{
    /// <summary>Compares element by element, relative to the largest element of what is expected, or to <paramref name="scale"/> where that is larger; names the worst.</summary>
    public static void Assert(Tensor expected, Tensor actual, double bound, string what, double scale = 0)
    {
        using var scope = NewDisposeScope();
        if (!expected.shape.SequenceEqual(actual.shape))
            throw new Xunit.Sdk.XunitException($"{what}: shape [{string.Join(",", actual.shape)}], expected [{string.Join(",", expected.shape)}]");
        var (a, b) = (Numbers(expected), Numbers(actual));
        scale = Math.Max(a.Max(Math.Abs), scale) is > 0 and var largest ? largest : 1;
        var worst = Enumerable.Range(0, a.Length).MaxBy(k => double.IsNaN(b[k]) ? double.PositiveInfinity : Math.Abs(a[k] - b[k]));
        var error = Math.Abs(a[worst] - b[worst]) / scale;
        if (!(error <= bound))
            throw new Xunit.Sdk.XunitException(string.Create(CultureInfo.InvariantCulture, $"{what}: element "
                + $"[{string.Join(",", Indices(worst, expected.shape))}] is {b[worst]:R}, expected {a[worst]:R}: "
                + $"{error:E1} of the largest, bound {bound:E1}"));
    }

    static double[] Numbers(Tensor tensor) => tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    static IEnumerable<long> Indices(long flat, long[] shape) =>
        Enumerable.Range(0, shape.Length).Select(k => flat / shape.Skip(k + 1).Aggregate(1L, (p, side) => p * side) % shape[k]);
}
