namespace RnnBench.Reports.Statistics;

/// <summary>What the exact sign-flip test of paired differences can reach at best: with n pairs there are 2^n sign patterns and no more.</summary>
public static class SignFlip
{
    /// <summary>The smallest two-sided p that n pairs allow: 2^(1-n), and 1 of none.</summary>
    public static double SmallestP(int pairs) => Math.Min(1, Math.Pow(2, 1 - pairs));

    /// <summary>The fewest pairs that can reach a level when the level is shared among some comparisons (Holm 1979, its first step).</summary>
    /// <param name="comparisons">How many rivals a model is compared with, at least 1.</param>
    /// <param name="level">The level of the whole table.</param>
    public static int PairsNeeded(int comparisons, double level = 0.05) =>
        Enumerable.Range(1, 64).First(pairs => SmallestP(pairs) <= level / Math.Max(1, comparisons));
}
