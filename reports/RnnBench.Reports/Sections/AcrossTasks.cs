using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>All tasks together, as Agarwal et al. 2021 propose: interquartile means, performance profiles, probability of improvement. No ranks: a rank changes with the pool.</summary>
static class AcrossTasks
{
    static readonly double[] levels = [.. Enumerable.Range(0, 41).Select(k => k / 40.0)];

    public static IEnumerable<Block> Write(ReportData data)
    {
        var tasks = data.Tasks.Where(task => task.Deciding is { } figure && Normalised(figure, figure.Baseline) is not null).ToArray();
        var models = data.Labels.Select((label, series) => (Label: label, Series: series, Scores: tasks.Select(task => Scores(task, label)).ToArray()))
            .Where(model => model.Scores.All(scores => scores.Length > 0)).ToArray();
        if (tasks.Length < 2 || models.Length < 2) return [];
        var summaries = models.Select(m => (m.Label, m.Series, Mean: InterquartileMean.Over(m.Scores), Profile: Profile(m.Scores).ToArray())).ToArray();
        var improvement = Improvement(models);
        return [
            new Paragraph($"Scores of {string.Join(", ", tasks.Select(task => task.Label))}, normalised so that 0 is the naive baseline and 1 is perfect: the share of the baseline's loss that is "
                + "gone, or of the accuracy that it lacks. Only models that ran on all of them are compared; a diverged run scores 0."),
            new Figure("profiles", "Performance profiles: the share of runs, each task with the same weight, whose score passes a level. A line above another is better at every level; bands are "
                + "95 % stratified bootstrap intervals, point by point.",
                [.. models.Select(m => new LegendEntry(m.Series, m.Label))],
                [new LinePanel("All tasks", "score τ", "share of runs above τ", false, [.. summaries.Select(m => new Line(m.Series, m.Label, m.Profile))], []) { Include = [0, 1] },
                    new ForestPanel("Interquartile mean", "score", [.. summaries.Select(m => new Effect(m.Label, m.Mean.Estimate, m.Mean.Low, m.Mean.High, true, m.Series))])],
                Points([.. summaries.Select(m => (m.Label, m.Profile))])),
            new Table("across", "Interquartile mean of the scores with its 95 % stratified bootstrap interval, 50,000 resamples.", ["model", "interquartile mean"],
                [.. summaries.Select(m => (IReadOnlyList<Cell>)[m.Label, Of(m.Mean)])]),
            improvement,
        ];
    }

    /// <summary>What a run scores; null where the figure has no baseline, or one that says nothing.</summary>
    static double? Normalised(TaskFigure figure, double value)
    {
        var score = figure.LowerIsBetter ? 1 - value / figure.Baseline : (value - figure.Baseline) / (1 - figure.Baseline);
        return double.IsFinite(figure.Baseline) && figure.Baseline != (figure.LowerIsBetter ? 0 : 1) ? score : null;
    }

    static double[] Scores(TaskView task, string label) => task.Groups.FirstOrDefault(group => group.Label == label) is not { } group ? []
        : [.. group.Finals(task.Deciding!.Metric).Select(value => Normalised(task.Deciding!, value)!.Value), .. Enumerable.Repeat(0.0, group.Diverged)];

    static IEnumerable<Point> Profile(double[][] scores) =>
        PerformanceProfile.Over(scores, levels).Select((band, k) => new Point(levels[k], band.Estimate, band.Low, band.High));

    static Cell Of(StratifiedInterval interval) => Interval.Of(interval.Estimate, interval.Low, interval.High);

    /// <summary>Each model against the best by interquartile mean.</summary>
    static Table Improvement((string Label, int Series, double[][] Scores)[] models)
    {
        var best = models.MaxBy(m => InterquartileMean.Over(m.Scores, 1).Estimate);
        return new("improvement", $"Probability of improvement: how likely a run of {best.Label} is to score above a run of the other model on the same task (mean over tasks, 95 % stratified bootstrap). "
            + "An interval that holds 0.5 says nothing.", ["other model", "P(better)"],
            [.. models.Where(m => m.Label != best.Label).Select(m => (IReadOnlyList<Cell>)[m.Label, Of(ProbabilityOfImprovement.Over(best.Scores, m.Scores))])]);
    }

    static Table Points((string Label, Point[] Profile)[] models) => new("profiles", "Performance profiles", ["model", "score", "share above"],
        [.. models.SelectMany(m => m.Profile.Select(p => (IReadOnlyList<Cell>)[m.Label, new Number(Format.Decimals(p.X, 3), p.X), Interval.Of(p.Y, p.Low, p.High)]))]);
}
