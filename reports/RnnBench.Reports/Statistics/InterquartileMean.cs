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
    public static StratifiedInterval Over(IReadOnlyList<IReadOnlyList<double>> tasks, int resamples = Resampling.StratifiedResamples)
    {
        var all = new double[tasks.Sum(task => task.Count)];
        return StratifiedInterval.Of(tasks, sample =>
        {
            var filled = 0;
            foreach (var task in sample)
            {
                task.CopyTo(all, filled);
                filled += task.Length;
            }
            Array.Sort(all);
            return OfSorted(all);
        }, resamples);
    }

    static double OfSorted(double[] sorted)
    {
        var cut = sorted.Length / 4;
        var sum = 0.0;
        for (var k = cut; k < sorted.Length - cut; k++) sum += sorted[k];
        return sum / (sorted.Length - 2 * cut);
    }
}
