using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports;

/// <summary>What can be said about a study before it runs.</summary>
public static class PlanFigures
{
    /// <summary>Seconds as a person says them: 8.3 s, 12 min, 3 h 20 min.</summary>
    public static string Duration(double seconds) => Format.Duration(seconds);

    /// <summary>What so many seeds can detect at power 0.8 and level 0.05, for one comparison and for all rivals of a table.</summary>
    /// <param name="seeds">Seeds that all models have.</param>
    /// <param name="rivals">Models that one is compared with.</param>
    public static IEnumerable<string> Detectable(int seeds, int rivals) =>
        new[] { 1, rivals }.Where(comparisons => comparisons > 0).Distinct().Select(comparisons =>
        {
            var among = comparisons == 1 ? "one planned comparison" : $"{Format.Integer(comparisons)} rivals (Holm's correction)";
            return DetectableEffect.Of(seeds, comparisons) is { } effect
                ? $"{Format.Count(seeds, "seed")}, {among}: detects a difference of {Format.Significant(effect, 2)} standard deviations of the paired difference or more (power 0.8, level 0.05)."
                : $"{Format.Count(seeds, "seed")}, {among}: too few seeds, the exact test cannot reach 0.05; it needs {Format.Integer(SignFlip.PairsNeeded(comparisons))}.";
        });
}
