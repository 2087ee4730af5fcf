namespace RnnBench.Reports.Statistics;

/// <summary>The share of runs whose score passes a level, against the level (Dolan and Moré 2002; in this form Agarwal et al. 2021, section 4.2).</summary>
public static class PerformanceProfile
{
    /// <summary>The mean over tasks of the share of runs above a level.</summary>
    /// <param name="tasks">Scores: [task][run], larger is better.</param>
    /// <param name="level">τ.</param>
    public static double At(IReadOnlyList<IReadOnlyList<double>> tasks, double level) => Share(tasks, level);

    /// <summary>The profile at some levels with pointwise 95 % bands by the stratified bootstrap, the same resamples for every level.</summary>
    /// <param name="tasks">Scores: [task][run].</param>
    /// <param name="levels">Where.</param>
    /// <param name="resamples">How many resamples.</param>
    public static IReadOnlyList<StratifiedInterval> Over(IReadOnlyList<IReadOnlyList<double>> tasks, IReadOnlyList<double> levels, int resamples = 2000)
    {
        if (StratifiedInterval.IsSingle(tasks)) return [.. levels.Select(level => new StratifiedInterval(At(tasks, level), double.NaN, double.NaN))];
        var random = Resampling.Generator();
        var (sample, drawn) = (tasks.Select(task => new double[task.Count]).ToArray(), levels.Select(_ => new double[resamples]).ToArray());
        for (var k = 0; k < resamples; k++)
        {
            for (var task = 0; task < tasks.Count; task++) Resampling.Draw(tasks[task], sample[task], random);
            for (var level = 0; level < levels.Count; level++) drawn[level][k] = At(sample, levels[level]);
        }
        foreach (var values in drawn) Array.Sort(values);
        return [.. levels.Select((level, k) => new StratifiedInterval(At(tasks, level), Resampling.Sorted(drawn[k], 0.025), Resampling.Sorted(drawn[k], 0.975)))];
    }

    static double Share(IReadOnlyList<IReadOnlyList<double>> tasks, double level)
    {
        var sum = 0.0;
        foreach (var task in tasks)
        {
            var above = 0;
            for (var k = 0; k < task.Count; k++) if (task[k] > level) above++;
            sum += above / (double)task.Count;
        }
        return sum / tasks.Count;
    }
}
