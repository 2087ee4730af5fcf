using RnnBench.Language;

namespace RnnBench.Testing;

/// <summary>Comparison relative to the largest element, naming the worst one.</summary>
static class Close
{
    public static void Assert(NdArray expected, NdArray actual, double bound, string what)
    {
        Xunit.Assert.True(expected.Shape.SequenceEqual(actual.Shape), $"{what}: shape {actual} should be {expected}");
        var scale = expected.Data.Select(Math.Abs).Append(1e-300).Max();
        var (worst, error) = expected.Data.Zip(actual.Data, (e, a) => double.IsFinite(a) ? Math.Abs(e - a) / scale : double.PositiveInfinity).Index().MaxBy(pair => pair.Item);
        Xunit.Assert.True(error <= bound, $"{what}: element {worst} of {expected} is {actual.Data[worst]:R}, should be {expected.Data[worst]:R}; error {error:e2} of the largest, bound {bound:e0}");
    }
}
