using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Sections;

/// <summary>The saturation plots of Karpathy, Johnson and Li 2015: for each unit of a gate how often it is open and how often closed, after training.</summary>
static class Saturation
{
    const int Few = 8;      // panels that need not be folded away

    public static IEnumerable<Block> Write(ReportData data)
    {
        var clouds = data.Tasks.SelectMany(task => task.Groups.SelectMany(group => Clouds(task, group))).ToArray();
        if (clouds.Length == 0) return [];
        var table = Table(clouds);
        var figures = clouds.GroupBy(c => c.Task).Select(task => Figure(task.Key, [.. task], table)).ToArray();
        return [
            new Paragraph("A point is a unit of a gate of a trained network, its place the share of its values above 0.9 (open) and below 0.1 (closed), after Karpathy et al. 2015; no unit can lie "
                + "above the dashed line. A unit at the lower right is open nearly always, one at the upper left closed, one at the origin is never near an end."),
            .. figures.Sum(f => f.Panels.Count) <= Few ? figures : figures.Zip(clouds.Select(c => c.Task).Distinct(), (figure, task) => (Block)new Details($"Units on {task.Label}", [figure])),
            Details.IfLong("Saturated units in numbers", table),
        ];
    }

    sealed record Units(TaskView Task, Group Group, string Layer, int Series, string Gate, IReadOnlyList<(double X, double Y)> Points);

    static IEnumerable<Units> Clouds(TaskView task, Group group)
    {
        var last = group.Done.Where(run => run.Gates.Count > 0).SelectMany(run => run.Gates.Where(g => g.Step == run.Gates.Max(m => m.Step) && g.Units.Count > 0)).ToArray();
        var layers = last.Select(g => g.Layer).Distinct().Order(StringComparer.Ordinal).ToList();
        return last.GroupBy(g => (g.Layer, g.Gate)).Select(g => new Units(task, group, g.Key.Layer, layers.IndexOf(g.Key.Layer), g.Key.Gate, [.. g.SelectMany(m => m.Units.Select(u => (u.Above, u.Below)))]));
    }

    static Figure Figure(TaskView task, Units[] clouds, Table table) => new($"saturation-{task.Id}", $"Saturation of gate units on {task.Label}, all seeds{(clouds.All(c => c.Series == 0) ? "" : ", a colour for each layer")}.",
        [.. clouds.Select(c => (c.Layer, c.Series)).Distinct().Where(_ => clouds.Any(c => c.Series > 0)).OrderBy(l => l.Series).Select(l => new LegendEntry(l.Series, l.Layer, Mark.Area))],
        [.. clouds.GroupBy(c => (c.Group, c.Gate)).Select(g => new ScatterPanel($"{g.Key.Group.Label}: {g.Key.Gate}", "share open", "share closed",
            [.. g.Select(c => new Cloud(c.Series, $"{c.Layer} {c.Gate}".Trim(), c.Points))]))], table);

    static Table Table(Units[] clouds) => new("saturation", "Saturation of gate units after training.",
        ["task", "model", "layer", "gate", "units", "open, mean", "closed, mean", "units open more than half the time", "units closed more than half the time"],
        [.. clouds.Select(c => (IReadOnlyList<Cell>)[c.Task.Label, c.Group.Label, c.Layer, c.Gate, c.Points.Count, Number.Percent(c.Points.Average(p => p.X)), Number.Percent(c.Points.Average(p => p.Y)),
            Number.Percent(c.Points.Count(p => p.X > 0.5) / (double)c.Points.Count), Number.Percent(c.Points.Count(p => p.Y > 0.5) / (double)c.Points.Count)])]);
}
