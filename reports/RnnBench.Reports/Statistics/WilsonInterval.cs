using MathNet.Numerics.Distributions;

namespace RnnBench.Reports.Statistics;

/// <summary>A share of successes and its interval.</summary>
/// <param name="Share">Successes over trials; NaN without trials.</param>
/// <param name="Low">The lower end, 0 to 1.</param>
/// <param name="High">The upper end.</param>
/// <param name="Successes">How many succeeded.</param>
/// <param name="Trials">Of how many.</param>
public readonly record struct WilsonInterval(double Share, double Low, double High, int Successes, int Trials)
{
    /// <summary>Wilson 1927, the score interval without continuity correction; it stays inside of 0 to 1 and says something even at 0 of n.</summary>
    /// <param name="successes">How many succeeded.</param>
    /// <param name="trials">Of how many.</param>
    /// <param name="level">The coverage, 0.95 unless said.</param>
    /// <exception cref="ArgumentOutOfRangeException">More successes than trials, or fewer than none.</exception>
    public static WilsonInterval Of(int successes, int trials, double level = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0) return new(double.NaN, double.NaN, double.NaN, 0, 0);
        double n = trials, share = successes / n, z = Normal.InvCDF(0, 1, (1 + level) / 2);
        var centre = (share + z * z / (2 * n)) / (1 + z * z / n);
        var half = z / (1 + z * z / n) * Math.Sqrt(share * (1 - share) / n + z * z / (4 * n * n));
        return new(share, successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half, successes, trials);
    }
}
