namespace RnnBench.Reports.Statistics;

/// <summary>A figure over several tasks with its percentile interval.</summary>
/// <param name="Estimate">The figure of the scores themselves.</param>
/// <param name="Low">The lower end; NaN where each task has one run, which says nothing of how runs differ.</param>
/// <param name="High">The upper end; NaN with the lower.</param>
public readonly record struct StratifiedInterval(double Estimate, double Low, double High)
{
    /// <summary>Whether each task has one run: drawing it again and again would call it certain.</summary>
    public static bool IsSingle(IReadOnlyList<IReadOnlyList<double>> tasks) => tasks.All(task => task.Count == 1);

    /// <summary>
    /// Agarwal et al. 2021, "Deep RL at the edge of the statistical precipice", section 4.1: runs are drawn with replacement within each task,
    /// never across tasks, and the interval reaches from the 2.5 % to the 97.5 % quantile of the figure.
    /// </summary>
    /// <param name="tasks">Scores: [task][run].</param>
    /// <param name="figure">What is estimated; the arrays that it gets are its own only during the call.</param>
    /// <param name="resamples">How many resamples.</param>
    /// <param name="random">Draws; a fixed generator where null.</param>
    public static StratifiedInterval Of(IReadOnlyList<IReadOnlyList<double>> tasks, Func<IReadOnlyList<double[]>, double> figure,
        int resamples = Resampling.StratifiedResamples, Random? random = null)
    {
        random ??= Resampling.Generator();
        var estimate = figure([.. tasks.Select(task => task.ToArray())]);
        if (IsSingle(tasks)) return new(estimate, double.NaN, double.NaN);
        var (sample, drawn) = (tasks.Select(task => new double[task.Count]).ToArray(), new double[resamples]);
        for (var k = 0; k < resamples; k++)
        {
            for (var task = 0; task < tasks.Count; task++) Resampling.Draw(tasks[task], sample[task], random);
            drawn[k] = figure(sample);
        }
        Array.Sort(drawn);
        return new(estimate, Resampling.Sorted(drawn, 0.025), Resampling.Sorted(drawn, 0.975));
    }
}
