namespace RnnBench.Reports.Statistics;

/// <summary>
/// The exact test of paired differences by flipping their signs (Fisher 1935, The Design of Experiments, section 21): if two models differ by
/// nothing but chance, each difference was as likely to have the other sign.
/// </summary>
public static class SignFlip
{
    const int MostExact = 20, Patterns = 100_000;

    /// <summary>
    /// The two-sided p: the share of sign patterns whose sum is at least as far from 0 as that of the differences. All 2^n patterns up to 20 pairs;
    /// beyond, 100,000 random ones with the pattern itself counted in (Phipson and Smyth 2010).
    /// </summary>
    /// <param name="differences">One a pair, finite.</param>
    /// <returns>1 where there is none.</returns>
    public static double P(IReadOnlyList<double> differences)
    {
        var sizes = differences.Where(d => d != 0).ToArray();
        var observed = Math.Abs(sizes.Sum());
        var bound = observed - 1e-12 * sizes.Sum(Math.Abs);               // sums of the same numbers in another order differ by rounding
        return sizes.Length == 0 ? 1 : sizes.Length <= MostExact ? Exact(sizes, bound) : Random(sizes, bound);
    }

    /// <summary>Half of the patterns, the first sign fixed: the other half mirrors them. A Gray code flips one sign at a time.</summary>
    static double Exact(double[] sizes, double bound)
    {
        var (sum, extreme, patterns, signs) = (sizes.Sum(), 0L, 1L << (sizes.Length - 1), sizes.ToArray());
        for (var pattern = 0L; pattern < patterns; pattern++)
        {
            if (Math.Abs(sum) >= bound) extreme++;
            var flip = System.Numerics.BitOperations.TrailingZeroCount(pattern + 1) + 1;
            if (flip >= signs.Length) break;
            signs[flip] = -signs[flip];
            sum += 2 * signs[flip];
        }
        return (double)extreme / patterns;
    }

    static double Random(double[] sizes, double bound)
    {
        var random = Resampling.Generator();
        var extreme = Enumerable.Range(0, Patterns).Count(_ => Math.Abs(sizes.Sum(d => random.NextDouble() < 0.5 ? d : -d)) >= bound);
        return (extreme + 1.0) / (Patterns + 1.0);
    }

    /// <summary>The smallest two-sided p that n pairs allow: 2^(1-n), and 1 of none.</summary>
    public static double SmallestP(int pairs) => Math.Min(1, Math.Pow(2, 1 - pairs));

    /// <summary>The fewest pairs that can reach a level when the level is shared among some comparisons (Holm 1979, its first step).</summary>
    /// <param name="comparisons">How many rivals a model is compared with, at least 1.</param>
    /// <param name="level">The level of the whole table.</param>
    public static int PairsNeeded(int comparisons, double level = 0.05) =>
        Enumerable.Range(1, 64).First(pairs => SmallestP(pairs) <= level / Math.Max(1, comparisons));
}
