using MathNet.Numerics.Statistics;

namespace RnnBench.Reports.Statistics;

/// <summary>Quantiles of a few values.</summary>
public static class Quantiles
{
    /// <summary>The quantile by linear interpolation between order statistics: Hyndman and Fan 1996, type 7, the default of R and NumPy.</summary>
    /// <param name="values">At least one, finite, in any order.</param>
    /// <param name="share">0 for the least, 0.5 for the median, 1 for the largest.</param>
    public static double Of(IEnumerable<double> values, double share) => values.QuantileCustom(share, QuantileDefinition.R7);

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values) => Of(values, 0.5);
}
