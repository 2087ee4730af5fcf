namespace RnnBench.Tasks;

/// <summary>The figures that tasks share, each computed from the totals of a group of targets.</summary>
static class Metrics
{
    public static Metric Loss(string unit) => Mean("loss", unit, Batch.Trained);

    public static Metric Mean(string name, string unit, string group) =>
        new(name, unit, LowerIsBetter: true, totals => MeanLoss(totals[group]));

    public static Metric Accuracy(string name, string group) =>
        new(name, "fraction", LowerIsBetter: false, totals => (double)totals[group].Correct / totals[group].Count);

    /// <summary>Language models: the same mean loss in three scales, and how often the likeliest token was the right one.</summary>
    public static IReadOnlyList<Metric> Language(string token) =>
    [
        Loss("nats"),
        new("perplexity",          "perplexity", LowerIsBetter: true, totals => Math.Exp(MeanLoss(totals[Batch.Trained]))),
        new($"bits_per_{token}",   "bits",       LowerIsBetter: true, totals => MeanLoss(totals[Batch.Trained]) / Math.Log(2)),
        Accuracy("accuracy", Batch.Trained),
    ];

    /// <summary>
    /// The mean loss that proves an accuracy: where the likeliest class is not the right one, the right one has a probability of at most 1/2
    /// and costs at least ln 2.
    /// </summary>
    public static double LossThatProves(double accuracy) => (1 - accuracy) * Math.Log(2);

    static double MeanLoss(Totals totals) => totals.Loss / totals.Count;
}
