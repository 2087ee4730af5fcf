using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>Tokens a second, and where the time of a step goes.</summary>
static class Speed
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var measured = data.Tasks.SelectMany(task => task.Groups.Select(group => new Row(task, group, Timings(group))))
            .Where(row => row.Timings.Count > 0).ToArray();
        if (measured.Length == 0) return [];
        return [
            new Paragraph("A token is one input step of one sequence of the batch. The median over runs is shown, with the slowest and the fastest; evaluation, probes and the "
                + "first interval of each run, which is warm-up, are left out. Times of different machines, or of a machine that does other work, do not compare."),
            new Figure("step-time", "Time for a token of training, by part of the step; shorter is faster.",
                [.. Timing.Names.Select((name, k) => new LegendEntry(k, name, Mark.Area))],
                [.. measured.GroupBy(row => row.Task).Select(task => new BarPanel(task.Key.Label, "µs a token", Timing.Names, [.. task.Select(Bar)]))],
                PartsTable(measured)),
            Details.IfLong("Speed in numbers", Table(measured)),
        ];
    }

    sealed record Row(TaskView Task, Group Group, IReadOnlyList<Timing> Timings)
    {
        public IReadOnlyList<double> Rates { get; } = [.. Timings.Select(t => t.Tokens / t.Seconds)];
        public double Rate => Quantiles.Median(Rates);
        /// <summary>The share of each part, over all runs.</summary>
        public IReadOnlyList<double> Shares { get; } = [.. Enumerable.Range(0, 4).Select(k => Timings.Sum(t => t.Parts[k]) / Timings.Sum(t => t.Seconds))];
    }

    static IReadOnlyList<Timing> Timings(Group group) => [.. group.Runs.Select(run => run.Timing).OfType<Timing>().Where(t => t.Seconds > 0 && t.Tokens > 0)];

    static Bar Bar(Row row) => new(row.Group.Label, $"{Format.ForReaders(Format.Significant(Format.Rounded(row.Rate, 3), 3))} tokens/s", [.. row.Shares.Select(share => 1e6 * share / row.Rate)]);

    static Table Table(Row[] rows) => new("speed", "Training speed; the path is what ran the model.",
        ["task", "model", "tokens/s", "slowest", "fastest", "ms a step", .. Timing.Names, "path", "device", "type", "threads"],
        [.. rows.Select(row => (IReadOnlyList<Cell>)[
            row.Task.Label, row.Group.Label, Rate(row.Rate), Rate(row.Rates.Min()), Rate(row.Rates.Max()),
            Number.Of(Quantiles.Median(row.Timings.Select(t => 1e3 * t.Seconds / t.Steps)), 3),
            .. row.Shares.Select(share => Number.Percent(share)),
            row.Group.First.Path, row.Group.First.Device, row.Group.First.DType, row.Group.First.Threads])]);

    static Cell Rate(double rate) => new Number(Format.Significant(Format.Rounded(rate, 3), 3), rate);

    static Table PartsTable(Row[] rows) => new("step-time", "Time for a token by part of the step, in µs", ["task", "model", .. Timing.Names],
        [.. rows.Select(row => (IReadOnlyList<Cell>)[row.Task.Label, row.Group.Label, .. row.Shares.Select(share => Number.Of(1e6 * share / row.Rate))])]);
}
