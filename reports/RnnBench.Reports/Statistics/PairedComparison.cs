namespace RnnBench.Reports.Statistics;

/// <summary>Two models on one task, paired by seed: the difference, its interval, and the exact test.</summary>
/// <param name="Difference">The mean of first minus second, with its BCa interval.</param>
/// <param name="Pairs">How many seeds both have.</param>
/// <param name="P">The two-sided p of the sign-flip test, before any correction.</param>
/// <param name="Improvement">The probability that a run of the first has the larger value.</param>
public sealed record PairedComparison(BcaInterval Difference, int Pairs, double P, double Improvement)
{
    /// <summary>Compares values with equal keys; what only one side has is left out.</summary>
    /// <param name="first">By seed, finite.</param>
    /// <param name="second">By seed, finite.</param>
    public static PairedComparison Of(IReadOnlyDictionary<long, double> first, IReadOnlyDictionary<long, double> second)
    {
        var seeds = first.Keys.Where(second.ContainsKey).Order().ToArray();
        double[] differences = [.. seeds.Select(seed => first[seed] - second[seed])];
        return new(BcaInterval.Of(differences), seeds.Length, SignFlip.P(differences),
            seeds.Length == 0 ? double.NaN : ProbabilityOfImprovement.Of([.. seeds.Select(s => first[s])], [.. seeds.Select(s => second[s])])) { Differences = differences };
    }

    /// <summary>First minus second, by seed.</summary>
    public IReadOnlyList<double> Differences { get; private init; } = [];

    /// <summary>Whether so many pairs could reach a level at all when it is shared among some comparisons.</summary>
    public bool CanDecide(int comparisons, double level = 0.05) => SignFlip.SmallestP(Pairs) <= level / Math.Max(1, comparisons);
}
