namespace RnnBench.Reports.Statistics;

/// <summary>The share of runs whose score passes a level, against the level (Dolan and Moré 2002; in this form Agarwal et al. 2021, section 4.2).</summary>
public static class PerformanceProfile
{
    /// <summary>The mean over tasks of the share of runs above a level.</summary>
    /// <param name="tasks">Scores: [task][run], larger is better.</param>
    /// <param name="level">τ.</param>
    public static double At(IReadOnlyList<IReadOnlyList<double>> tasks, double level) => tasks.Average(task => task.Count(score => score > level) / (double)task.Count);

    /// <summary>The profile at some levels with pointwise 95 % bands by the stratified bootstrap.</summary>
    /// <param name="tasks">Scores: [task][run].</param>
    /// <param name="levels">Where.</param>
    /// <param name="resamples">How many resamples for each level.</param>
    public static IReadOnlyList<StratifiedInterval> Over(IReadOnlyList<IReadOnlyList<double>> tasks, IReadOnlyList<double> levels, int resamples = 2000) =>
        [.. levels.Select(level => StratifiedInterval.Of(tasks, drawn => At(drawn, level), resamples))];
}
