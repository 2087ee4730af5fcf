using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Sections;

/// <summary>The saturation plots of Karpathy, Johnson and Li 2015: for each unit of a gate how often it is open and how often closed, after training.</summary>
static class Saturation
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var clouds = data.Tasks.SelectMany(task => task.Groups.SelectMany(group => Clouds(task, group))).ToArray();
        return clouds.Length == 0 ? [] : [new Figure("saturation", "Saturation of every gate unit after training: the share of its values above 0.9 (open) against the share below 0.1 (closed), all seeds, a colour for each "
            + "layer. Units near the lower right keep or let pass for long; all points lie below the diagonal.",
            [.. clouds.Select(c => (c.Layer, c.Series)).Distinct().OrderBy(l => l.Series).Select(l => new LegendEntry(l.Series, l.Layer.Length == 0 ? "single layer" : l.Layer, Mark.Area))],
            [.. clouds.GroupBy(c => (c.Task, c.Group, c.Gate)).Select(g => new ScatterPanel($"{g.Key.Group.Label}: {g.Key.Gate}, {g.Key.Task.Text}", "share open", "share closed",
                [.. g.Select(c => new Cloud(c.Series, $"{c.Layer} {c.Gate}".Trim(), c.Points))]))],
            new Table("saturation", "Saturation of gate units after training", ["task", "model", "layer", "gate", "units", "open, mean", "closed, mean", "units open more than half the time", "units closed more than half the time"],
                [.. clouds.Select(c => (IReadOnlyList<Cell>)[c.Task.Text, c.Group.Label, c.Layer, c.Gate, c.Points.Count, Number.Percent(c.Points.Average(p => p.X)), Number.Percent(c.Points.Average(p => p.Y)),
                    Number.Percent(c.Points.Count(p => p.X > 0.5) / (double)c.Points.Count), Number.Percent(c.Points.Count(p => p.Y > 0.5) / (double)c.Points.Count)])]))];
    }

    sealed record Units(TaskView Task, Group Group, string Layer, int Series, string Gate, IReadOnlyList<(double X, double Y)> Points);

    static IEnumerable<Units> Clouds(TaskView task, Group group)
    {
        var last = group.Done.Where(run => run.Gates.Count > 0).SelectMany(run => run.Gates.Where(g => g.Step == run.Gates.Max(m => m.Step) && g.Units.Count > 0)).ToArray();
        var layers = last.Select(g => g.Layer).Distinct().Order(StringComparer.Ordinal).ToList();
        return last.GroupBy(g => (g.Layer, g.Gate)).Select(g => new Units(task, group, g.Key.Layer, layers.IndexOf(g.Key.Layer), g.Key.Gate, [.. g.SelectMany(m => m.Units.Select(u => (u.Above, u.Below)))]));
    }
}
