using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>Whether each model learns at all: its training loss at the start and at the end, with its size, its speed and the path that ran it.</summary>
static class Progress
{
    /// <summary>Recorded losses at each end that are averaged over.</summary>
    const int Window = 3;

    public static IEnumerable<Block> Write(ReportData data)
    {
        var rows = data.Tasks.SelectMany(task => task.Groups.Select(group => new Row(task.Label, group))).Where(row => row.Ends.Count > 0).ToArray();
        if (rows.Length == 0) return [];
        var fell = rows.Count(row => row.Fell == row.Group.Runs.Count);
        return [
            new Paragraph($"Of {Format.Count(rows.Length, "pair")} of a model and a task {Format.Integer(fell)} ended with a lower training loss than they began with, in every run. "
                + $"Losses are means of the first and the last {Format.Integer(Window)} recorded intervals, the median over runs."),
            Details.IfLong("Losses in numbers", new Table("progress", "Training loss at the start and at the end", ["task", "model", "first loss", "last loss", "fell", "diverged", "parameters", "tokens/s", "path"],
                [.. rows.Select(row => (IReadOnlyList<Cell>)[
                    row.Task, row.Group.Label, Number.Of(Quantiles.Median([.. row.Ends.Select(e => e.First)])), Number.Of(Quantiles.Median([.. row.Ends.Select(e => e.Last)])),
                    $"{Format.Integer(row.Fell)} of {Format.Integer(row.Group.Runs.Count)}", (long)row.Group.Diverged, row.Group.First.Parameters,
                    row.Rates.Count == 0 ? new Missing() : Number.Of(Format.Rounded(Quantiles.Median(row.Rates), 3), 3), row.Group.First.Path])])),
        ];
    }

    sealed record Row(string Task, Group Group)
    {
        public IReadOnlyList<(double First, double Last)> Ends { get; } = [.. Group.Runs.Select(LossesOf).Where(losses => losses.Length > 1)
            .Select(losses => (losses.Take(Window).Average(), losses.TakeLast(Window).Average()))];
        public int Fell => Ends.Count(e => e.Last < e.First);
        public IReadOnlyList<double> Rates { get; } = [.. Group.Runs.Select(run => run.Timing).OfType<Timing>().Where(t => t.Seconds > 0 && t.Tokens > 0).Select(t => t.Tokens / t.Seconds)];
    }

    static double[] LossesOf(Run run) => [.. run.Curve.Where(p => p is { Metric: "loss", Split: "train" } && double.IsFinite(p.Value)).OrderBy(p => p.Step).Select(p => p.Value)];
}
