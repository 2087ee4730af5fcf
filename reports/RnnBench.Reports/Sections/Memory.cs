using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>What a training step holds at its fullest, which is mostly the activations that wait for the backward pass, and how large the process was.</summary>
static class Memory
{
    const double Mega = 1e6;

    public static IEnumerable<Block> Write(ReportData data)
    {
        var rows = data.Tasks.SelectMany(task => task.Groups.Select(group => new Row(task, group))).Where(row => row.Peak > 0).ToArray();
        var measured = rows.Where(row => row.Step.Count > 0).ToArray();
        if (rows.Length == 0) return [];
        var table = Table(rows);
        return [
            new Paragraph("The memory of a step is the most that the second training step held beyond what was there before it: activations, gradients, and what lies between, but not what a backend keeps from step to step. The process is its largest resident set, "
                + "in which the libraries alone take some hundred MB, and which grows with what ran before it in the same process."),
            .. measured.Length == 0 ? Enumerable.Empty<Block>() : [new Figure("memory", "Memory of a training step; shorter is less. The median over runs.", [],
                [.. measured.GroupBy(row => row.Task).Select(task => new BarPanel(task.Key.Label, "MB", ["step"],
                    [.. task.Select(row => new Bar(row.Group.Label, $"{Format.Significant(row.Median, 3)} MB", [row.Median]))]))], table)],
            Details.IfLong("Memory in numbers", table),
        ];
    }

    sealed record Row(TaskView Task, Group Group)
    {
        public IReadOnlyList<double> Step { get; } = [.. Group.Runs.Select(run => run.Timing?.StepMemory).OfType<long>().Select(bytes => bytes / Mega)];
        public double Median => Step.Count == 0 ? double.NaN : Quantiles.Median(Step);
        public double Peak { get; } = Group.Runs.Max(run => run.Timing?.PeakMemory ?? 0) / Mega;
    }

    static Table Table(Row[] rows) => new("memory", "Memory in MB.", ["task", "model", "a step", "least", "largest", "process", "parameters", "of embedding and output", "path"],
        [.. rows.Select(row => (IReadOnlyList<Cell>)[row.Task.Label, row.Group.Label, Number.Of(row.Median, 3), Number.Of(row.Step.DefaultIfEmpty(double.NaN).Min(), 3),
            Number.Of(row.Step.DefaultIfEmpty(double.NaN).Max(), 3), Number.Of(row.Peak, 3), row.Group.First.Parameters, row.Group.First.ParametersOutside, row.Group.First.Path])]);
}
