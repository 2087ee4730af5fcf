using MathNet.Numerics.Distributions;

namespace RnnBench.Reports.Statistics;

/// <summary>A mean over seeds and its interval.</summary>
/// <param name="Mean">The mean; NaN of nothing.</param>
/// <param name="Low">The lower end; NaN where there are fewer than two values.</param>
/// <param name="High">The upper end.</param>
/// <param name="Count">How many values.</param>
public readonly record struct MeanInterval(double Mean, double Low, double High, int Count)
{
    /// <summary>
    /// Student 1908: mean ± t(n-1) s / sqrt(n), s with n-1 in the denominator. It holds for values that are about Gaussian; for figures that
    /// are bimodal over seeds (solved or not) the solved rate says more.
    /// </summary>
    /// <param name="values">One value a seed, finite.</param>
    /// <param name="level">The coverage, 0.95 unless said.</param>
    public static MeanInterval Of(IReadOnlyCollection<double> values, double level = 0.95)
    {
        var n = values.Count;
        if (n == 0) return new(double.NaN, double.NaN, double.NaN, 0);
        var mean = values.Average();
        if (n == 1) return new(mean, double.NaN, double.NaN, 1);
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (n - 1));
        var half = StudentT.InvCDF(0, 1, n - 1, (1 + level) / 2) * deviation / Math.Sqrt(n);
        return new(mean, mean - half, mean + half, n);
    }
}
