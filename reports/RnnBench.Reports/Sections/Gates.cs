using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Sections;

/// <summary>How gate values spread over [0, 1] in the course of training, for each layer and gate.</summary>
static class Gates
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var all = data.Tasks.SelectMany(task => task.Groups.SelectMany(group => Spreads(task, group))).ToArray();
        if (all.Length == 0) return [];
        var table = Table(all);
        return [
            new Paragraph("All runs of a model that ended as planned are pooled, each seed with the same weight. Shares near the ends say how far a gate is saturated: below "
                + "0.1 it is closed, above 0.9 open (Karpathy et al. 2015)."),
            new Figure("gate-ends", "Gates after training: the share of values near each end, in per cent.", [],
                [Ends("Closed: % of values below 0.1", all, s => s.End.Below), Ends("Open: % of values above 0.9", all, s => s.End.Above)], table),
            .. all.GroupBy(s => s.Task).Select(task => new Details($"Histograms on {task.Key.Label}, from the start of training to its end", [Histograms(task.Key, [.. task])])),
            Details.IfLong("Gates in numbers", table),
        ];
    }

    /// <summary>A gate of a model over its seeds, at each probe.</summary>
    sealed record Spread(TaskView Task, Group Group, string Gate, IReadOnlyList<Moment> Moments)
    {
        public string Title => $"{Group.Label}: {Gate}";
        public Moment Start => Moments[0];
        public Moment End => Moments[^1];
    }

    sealed record Moment(long Step, double Mean, double Below, double Above, IReadOnlyList<double> Shares);

    static IEnumerable<Spread> Spreads(TaskView task, Group group) => group.Done.SelectMany(run => run.Gates).Select(gate => gate.Name).Distinct().Select(gate =>
    {
        var runs = group.Done.Select(run => run.Gates.Where(g => g.Name == gate && g.Counts.Sum() > 0).OrderBy(g => g.Step).ToArray()).Where(moments => moments.Length > 0).ToArray();
        return runs.Length == 0 ? null : new Spread(task, group, gate, [.. Enumerable.Range(0, runs.Min(run => run.Length)).Select(k => Pool([.. runs.Select(moments => moments[k])]))]);
    }).OfType<Spread>();

    static Moment Pool(GateMoment[] seeds) => new(seeds[0].Step, seeds.Average(g => g.Mean), seeds.Average(g => g.Below), seeds.Average(g => g.Above),
        [.. Enumerable.Range(0, seeds[0].Counts.Count).Select(k => seeds.Average(g => (double)g.Counts[k] / g.Counts.Sum()))]);

    static HeatPanel Ends(string title, Spread[] all, Func<Spread, double> share)
    {
        var (rows, tasks) = (all.Select(s => s.Title).Distinct().ToArray(), all.Select(s => s.Task).Distinct().ToArray());
        return new(title, rows, [.. tasks.Select(task => task.Label)], [.. rows.Select(row => (IReadOnlyList<Heat>)[.. tasks.Select(task =>
            all.FirstOrDefault(s => s.Title == row && s.Task == task) is { } s ? new Heat(100 * share(s), share(s), false) { Text = Format.Decimals(100 * share(s), 1) } : new Heat(double.NaN, 0, false))])]);
    }

    static Figure Histograms(TaskView task, Spread[] spreads) => new($"gates-{task.Id}",
        $"Gate values on {task.Label}, from the first probe to the last; each histogram on the scale of its highest bin, beside it the shares near its ends.",
        [.. spreads.Select(s => s.Group).Distinct().Select(group => new LegendEntry(group.Series, group.Label, Mark.Area))],
        [.. spreads.Select(s => new RidgePanel(s.Title, s.Group.Series, [.. s.Moments.Select(m => new Ridge($"step {Format.Integer(m.Step)}", m.Shares, m.Below, m.Above))]))],
        new Table($"gates-{task.Id}", "Gate histograms", ["model", "gate", "step", "from", "to", "% of values"],
            [.. spreads.SelectMany(s => s.Moments.SelectMany(m => m.Shares.Select((share, k) => (IReadOnlyList<Cell>)[
                s.Group.Label, s.Gate, m.Step, Edge(k, m), Edge(k + 1, m), Number.Of(100 * share)])))]));

    static Cell Edge(int k, Moment m) => new Number(Format.Decimals((double)k / m.Shares.Count, 2), (double)k / m.Shares.Count);

    static Table Table(Spread[] spreads) => new("gates", "Gates before and after training: the mean, and the shares of values near the ends.",
        ["task", "model", "gate", "mean before", "mean after", "< 0.1 before", "< 0.1 after", "> 0.9 before", "> 0.9 after"],
        [.. spreads.Select(s => (IReadOnlyList<Cell>)[
            s.Task.Label, s.Group.Label, s.Gate, Number.Of(s.Start.Mean, 3), Number.Of(s.End.Mean, 3),
            Number.Percent(s.Start.Below), Number.Percent(s.End.Below), Number.Percent(s.Start.Above), Number.Percent(s.End.Above)])]);
}
