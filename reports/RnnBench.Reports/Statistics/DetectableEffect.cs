using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace RnnBench.Reports.Statistics;

/// <summary>The smallest effect that a comparison with some pairs can be expected to find, in standard deviations of the paired difference.</summary>
public static class DetectableEffect
{
    const int MostSimulated = 12, Simulated = 2000;

    /// <summary>
    /// The effect that the exact sign-flip test finds with some power, for Gaussian differences. Up to 12 pairs by simulation from a fixed seed, because the
    /// test's few levels matter there; beyond, by the paired t-test, whose power is nearly the same (Hoeffding 1952).
    /// </summary>
    /// <param name="pairs">How many seeds both models have.</param>
    /// <param name="comparisons">Among how many the level is shared.</param>
    /// <param name="level">The level of all comparisons.</param>
    /// <param name="power">The chance to find the effect.</param>
    /// <returns>Null where no effect, however large, could reach the level: 2^(1-n) is above it.</returns>
    public static double? Of(int pairs, int comparisons = 1, double level = 0.05, double power = 0.8)
    {
        var each = level / Math.Max(1, comparisons);
        if (SignFlip.SmallestP(pairs) > each) return null;
        Func<double, double> reached = pairs <= MostSimulated ? Simulation(pairs, each) : effect => PowerOfT(effect, pairs, each);
        var (low, high) = (0.0, 16.0);
        while (high - low > 1e-3) (low, high) = reached((low + high) / 2) < power ? ((low + high) / 2, high) : (low, (low + high) / 2);
        return high;
    }

    /// <summary>The power of the two-sided paired t-test: a noncentral t, as the integral of Φ(t s - δ) over s, the root of χ² over its degrees of freedom.</summary>
    /// <param name="effect">Mean difference over its standard deviation.</param>
    /// <param name="pairs">How many.</param>
    /// <param name="level">Two-sided.</param>
    public static double PowerOfT(double effect, int pairs, double level)
    {
        var (freedom, shift) = (pairs - 1.0, effect * Math.Sqrt(pairs));
        var critical = StudentT.InvCDF(0, 1, freedom, 1 - level / 2);
        return Integrate.GaussLegendre(s => Density(s) * (Normal.CDF(0, 1, shift - critical * s) + Normal.CDF(0, 1, -shift - critical * s)), 0, 1 + 10 / Math.Sqrt(2 * freedom), 128);

        double Density(double s) => s <= 0 ? 0 : Chi.PDF(freedom, s * Math.Sqrt(freedom)) * Math.Sqrt(freedom);
    }

    /// <summary>The same draws for each effect, so that power rises with it.</summary>
    static Func<double, double> Simulation(int pairs, double level)
    {
        var random = Resampling.Generator(pairs);
        var noise = Enumerable.Range(0, Simulated).Select(_ => Enumerable.Range(0, pairs).Select(_ => Normal.Sample(random, 0, 1)).ToArray()).ToArray();
        return effect => noise.Count(draw => SignFlip.P([.. draw.Select(x => x + effect)]) <= level) / (double)Simulated;
    }
}
