namespace RnnBench.Reports.Statistics;

/// <summary>The mean of the middle half of the scores: as robust as the median against single seeds, and more precise (Agarwal et al. 2021, section 4.3).</summary>
public static class InterquartileMean
{
    /// <summary>Drops a quarter of the values at each end, rounded down as rliable does, and averages the rest; NaN of nothing.</summary>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return OfSorted(sorted);
    }

    /// <summary>The interquartile mean over all runs of all tasks, with its stratified bootstrap interval.</summary>
    /// <param name="tasks">Normalised scores: [task][seed].</param>
    /// <param name="resamples">How many resamples.</param>
    public static StratifiedInterval Over(IReadOnlyList<IReadOnlyList<double>> tasks, int resamples = Resampling.StratifiedResamples) =>
        StratifiedInterval.Of(tasks, sample =>
        {
            var all = sample.SelectMany(task => task).ToArray();
            Array.Sort(all);
            return OfSorted(all);
        }, resamples);

    static double OfSorted(double[] sorted)
    {
        var cut = sorted.Length / 4;
        return sorted.Length == 0 ? double.NaN : sorted.AsSpan(cut, sorted.Length - 2 * cut).ToArray().Average();
    }
}
