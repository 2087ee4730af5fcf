using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Sections;

/// <summary>How gate values spread over [0, 1] before and after training, for each layer and gate.</summary>
static class Gates
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var spreads = data.Tasks.Select(task => (Task: task, Spreads: task.Groups.SelectMany(Spreads).ToArray())).Where(t => t.Spreads.Length > 0).ToArray();
        if (spreads.Length == 0) return [];
        return [
            new Paragraph("All runs of a model that ended as planned are pooled, each seed with the same weight. Shares near the ends say how far a gate is saturated: below "
                + "0.1 it is closed, above 0.9 open (Karpathy et al. 2015)."),
            .. spreads.Select(t => Figure(t.Task, t.Spreads)),
            Table([.. spreads.SelectMany(t => t.Spreads.Select(s => (t.Task, s)))]),
        ];
    }

    /// <summary>A gate of a model over its seeds, at the first and at the last probe.</summary>
    sealed record Spread(Group Group, string Gate, Moment Start, Moment End)
    {
        public string Title => $"{Group.Label}: {Gate}";
    }

    sealed record Moment(double Mean, double Below, double Above, IReadOnlyList<double> Shares);

    static IEnumerable<Spread> Spreads(Group group) => group.Done.SelectMany(run => run.Gates).Select(gate => gate.Name).Distinct().Select(gate =>
    {
        var runs = group.Done.Select(run => run.Gates.Where(g => g.Name == gate && g.Counts.Sum() > 0).OrderBy(g => g.Step).ToArray()).Where(moments => moments.Length > 0).ToArray();
        return runs.Length == 0 ? null : new Spread(group, gate, Pool([.. runs.Select(moments => moments[0])]), Pool([.. runs.Select(moments => moments[^1])]));
    }).OfType<Spread>();

    static Moment Pool(GateMoment[] seeds) => new(seeds.Average(g => g.Mean), seeds.Average(g => g.Below), seeds.Average(g => g.Above),
        [.. Enumerable.Range(0, seeds[0].Counts.Count).Select(k => seeds.Average(g => (double)g.Counts[k] / g.Counts.Sum()))]);

    static Figure Figure(TaskView task, Spread[] spreads)
    {
        var highest = spreads.Max(s => Math.Max(s.Start.Shares.Max(), s.End.Shares.Max()));
        return new($"gates-{task.Id}", $"Gate values on {task.Text}: after training as bars, before it as an outline.",
            [.. spreads.Select(s => s.Group).Distinct().Select(group => new LegendEntry(group.Series, $"{group.Label}, after training", Mark.Area)),
                new LegendEntry(0, "before training", Mark.Outline)],
            [.. spreads.Select(s => new HistogramPanel(s.Title, s.Group.Series, s.End.Shares, s.Start.Shares, highest))],
            new Table($"gates-{task.Id}", "Gate histograms", ["model", "gate", "from", "to", "before training, %", "after training, %"],
                [.. spreads.SelectMany(s => s.End.Shares.Select((share, k) => (IReadOnlyList<Cell>)[
                    s.Group.Label, s.Gate, Edge(k, s), Edge(k + 1, s), Number.Of(100 * s.Start.Shares[k]), Number.Of(100 * share)]))]));
    }

    static Cell Edge(int k, Spread s) => new Number(Format.Decimals((double)k / s.End.Shares.Count, 2), (double)k / s.End.Shares.Count);

    static Table Table((TaskView Task, Spread Spread)[] spreads) => new("gates", "Gates before and after training: the mean, and the shares of values near the ends.",
        ["task", "model", "gate", "mean before", "mean after", "< 0.1 before", "< 0.1 after", "> 0.9 before", "> 0.9 after"],
        [.. spreads.Select(s => (IReadOnlyList<Cell>)[
            s.Task.Text, s.Spread.Group.Label, s.Spread.Gate,
            Number.Of(s.Spread.Start.Mean, 3), Number.Of(s.Spread.End.Mean, 3),
            Number.Percent(s.Spread.Start.Below), Number.Percent(s.Spread.End.Below),
            Number.Percent(s.Spread.Start.Above), Number.Percent(s.Spread.End.Above)])]);
}
