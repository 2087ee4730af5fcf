using MathNet.Numerics.Distributions;

namespace RnnBench.Reports.Statistics;

/// <summary>Whether a mean difference is small enough not to matter, as a claim that was tested.</summary>
/// <param name="P">The larger of the two one-sided p-values; at most 0.05 says equivalent. NaN below two values.</param>
/// <param name="Low">The lower end of the 90 % interval: it lies within the margin exactly where <paramref name="P"/> is below 0.05.</param>
/// <param name="High">The upper end.</param>
public readonly record struct Equivalence(double P, double Low, double High)
{
    /// <summary>The p of the one test that the mean lies above -margin; at most 0.05 says that the first is no worse.</summary>
    public double NoWorse { get; init; } = double.NaN;

    /// <summary>Schuirmann 1987, "A comparison of the two one-sided tests procedure": paired t-tests against -margin and +margin.</summary>
    /// <param name="differences">One a pair, finite.</param>
    /// <param name="margin">The largest difference that does not matter, above 0.</param>
    public static Equivalence Of(IReadOnlyList<double> differences, double margin)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(margin);
        if (differences.Count < 2) return new(double.NaN, double.NaN, double.NaN);
        var interval = MeanInterval.Of(differences, 0.90);
        var error = (interval.High - interval.Mean) / StudentT.InvCDF(0, 1, differences.Count - 1, 0.95);
        var (below, above) = (Tail((margin - interval.Mean) / error), Tail((margin + interval.Mean) / error));
        return new(Math.Max(below, above), interval.Low, interval.High) { NoWorse = above };

        // Without any spread the error is 0 and the ratio infinite, or 0/0 on the margin itself.
        double Tail(double t) => double.IsNaN(t) ? 0.5 : double.IsInfinity(t) ? t > 0 ? 0 : 1 : StudentT.CDF(0, 1, differences.Count - 1, -t);
    }
}
