namespace RnnBench.Reports.Statistics;

/// <summary>How likely a run of one model is to beat a run of another (Agarwal et al. 2021, section 4.3): the mean over tasks of P(X > Y).</summary>
public static class ProbabilityOfImprovement
{
    /// <summary>P(X > Y) + P(X = Y) / 2 over all pairs of runs: the statistic of Mann and Whitney 1947 over the number of pairs.</summary>
    /// <param name="x">Scores of one model, larger is better.</param>
    /// <param name="y">Scores of the other.</param>
    public static double Of(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var wins = 0.0;
        for (var i = 0; i < x.Count; i++)
            for (var j = 0; j < y.Count; j++) wins += x[i] > y[j] ? 1 : x[i] == y[j] ? 0.5 : 0;
        return wins / (x.Count * (double)y.Count);
    }

    /// <summary>The mean over tasks with its stratified bootstrap interval: the runs of both models are drawn anew within each task.</summary>
    /// <param name="x">Scores of one model: [task][run].</param>
    /// <param name="y">Scores of the other on the same tasks.</param>
    /// <param name="resamples">How many resamples.</param>
    public static StratifiedInterval Over(IReadOnlyList<IReadOnlyList<double>> x, IReadOnlyList<IReadOnlyList<double>> y, int resamples = Resampling.StratifiedResamples) =>
        StratifiedInterval.Of([.. x, .. y], drawn => Enumerable.Range(0, x.Count).Average(task => Of(drawn[task], drawn[x.Count + task])), resamples);
}
