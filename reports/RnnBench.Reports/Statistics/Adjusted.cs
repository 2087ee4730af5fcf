namespace RnnBench.Reports.Statistics;

/// <summary>p-values of several tests, adjusted so that each can be compared with the level of them all.</summary>
public static class Adjusted
{
    /// <summary>
    /// Holm 1979, "A simple sequentially rejective multiple test procedure": the chance of one false rejection or more stays below the level,
    /// however the tests depend on each other.
    /// </summary>
    /// <param name="p">In any order.</param>
    /// <returns>In the same order, at most 1.</returns>
    public static IReadOnlyList<double> Holm(IReadOnlyList<double> p)
    {
        var (adjusted, largest) = (new double[p.Count], 0.0);
        foreach (var (rank, place) in Places(p).Index())
            adjusted[place] = largest = Math.Max(largest, Math.Min(1, (p.Count - rank) * p[place]));
        return adjusted;
    }

    /// <summary>
    /// Benjamini and Hochberg 1995, "Controlling the false discovery rate": of the tests whose adjusted value is at most q, at most a share q is expected
    /// to be false.
    /// </summary>
    /// <param name="p">In any order.</param>
    /// <returns>In the same order, at most 1.</returns>
    public static IReadOnlyList<double> BenjaminiHochberg(IReadOnlyList<double> p)
    {
        var (adjusted, least) = (new double[p.Count], 1.0);
        foreach (var (rank, place) in Places(p).Index().Reverse())
            adjusted[place] = least = Math.Min(least, p[place] * p.Count / (rank + 1));
        return adjusted;
    }

    static int[] Places(IReadOnlyList<double> p) => [.. Enumerable.Range(0, p.Count).OrderBy(k => p[k])];
}
