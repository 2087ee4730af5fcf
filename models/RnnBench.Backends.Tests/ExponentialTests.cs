using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>The matrix exponential against its series, values and gradients.</summary>
public class ExponentialTests
{
    public static TheoryData<int, double> Matrices => [.. from size in new[] { 1, 2, 5, 17, 40 } from scale in new[] { 0, 1e-8, 0.1, 1, 4, 15 } select (size, scale)];

    [Theory, MemberData(nameof(Matrices))]
    public void It_is_the_series_in_float64(int size, double scale) => Check(size, scale, ScalarType.Float64, 1e-11, skew: false);

    [Theory, MemberData(nameof(Matrices))]
    public void Rotations_are_right_in_float32(int size, double scale) => Check(size, scale, ScalarType.Float32, 2e-5, skew: true);

    /// <summary>Errors relative to the largest element; in float32 squaring s times may double the rounding each time, for scale 15 about 2^5 of it.</summary>
    static void Check(int size, double scale, ScalarType dtype, double bound, bool skew)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(size);
        var (start, towards) = (randn(size, size, ScalarType.Float64).mul(scale / Math.Sqrt(size)), randn(size, size, ScalarType.Float64));
        var (expected, expectedGradient) = Run(Series, ScalarType.Float64);
        var (actual, gradient) = Run(Exponential.Of, dtype);
        Near(expected, actual);
        Near(expectedGradient, gradient);

        (Tensor, Tensor) Run(Func<Tensor, Tensor> exponential, ScalarType type)
        {
            var leaf = start.to(type, copy: true).requires_grad_();
            var value = exponential(skew ? leaf.triu(1) - leaf.triu(1).t() : leaf);
            value.backward([towards.to(type)]);
            return (value.detach(), leaf.grad!);
        }

        void Near(Tensor one, Tensor other) => Assert.InRange((other.to(ScalarType.Float64) - one).abs().max().item<double>(), 0, bound * Math.Max(1, one.abs().max().item<double>()));
    }

    /// <summary>Sixteen terms after ten halvings, which leave a norm below 0.5 for every matrix here.</summary>
    static Tensor Series(Tensor a)
    {
        var (scaled, sum) = (a / 1024, eye(a.shape[0], dtype: a.dtype));
        var term = sum;
        for (var k = 1; k <= 16; k++) sum = sum + (term = term.mm(scaled) / k);
        for (var i = 0; i < 10; i++) sum = sum.mm(sum);
        return sum;
    }

    [Fact]
    public void What_is_not_finite_stays_so()
    {
        using var scope = NewDisposeScope();
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity })
            Assert.False(Exponential.Of(full([3, 3], bad, ScalarType.Float64)).isfinite().any().item<bool>());
    }
}
