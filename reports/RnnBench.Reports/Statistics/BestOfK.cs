namespace RnnBench.Reports.Statistics;

/// <summary>What the best of k trials of a random search is expected to reach: how an order of models depends on the tuning budget.</summary>
public static class BestOfK
{
    /// <summary>
    /// The mean of the best over all choices of k of the n trials, without replacement, which is unbiased (Tang et al. 2020; with replacement
    /// Dodge et al. 2019, "Show your work", equation 7). Trial i in order from the worst is the best of the choice with probability C(i-1, k-1) / C(n, k).
    /// </summary>
    /// <param name="trials">One figure a trial, larger is better.</param>
    /// <returns>For k = 1 to n: the first is the mean, the last the best.</returns>
    public static IReadOnlyList<double> Of(IReadOnlyCollection<double> trials)
    {
        var sorted = trials.Order().ToArray();
        return [.. Enumerable.Range(1, sorted.Length).Select(k => Expected(sorted, k))];
    }

    static double Expected(double[] sorted, int k)
    {
        // From the best downwards: P(i is the best) = (k / i) Π over the better ones of (1 - k / j).
        var (expected, left) = (0.0, 1.0);
        for (var i = sorted.Length; i >= k; i--)
        {
            var chosen = left * k / i;
            expected += chosen * sorted[i - 1];
            left -= chosen;
        }
        return expected;
    }
}
