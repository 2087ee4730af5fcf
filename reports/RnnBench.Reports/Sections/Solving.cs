using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>How many runs had solved a task after so many steps (one minus Kaplan and Meier's estimate), where a run that ends unsolved is censored.</summary>
static class Solving
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var tasks = data.Tasks.Where(task => task.Deciding is { } figure && !double.IsNaN(figure.Solved)).Select(task => (Task: task, Lines: Lines(task).ToArray()))
            .Where(t => t.Lines.Any(line => line.Line.Points.Count > 2)).ToArray();
        if (tasks.Length == 0) return [];
        return [new Figure("solving", "Share of runs that have solved the task, against training steps: one minus Kaplan and Meier's estimate, with its 95 % band. Runs that diverged count as "
                + "never solved; runs that ended unsolved are censored.",
            [.. tasks.SelectMany(t => t.Task.Groups).DistinctBy(g => g.Series).OrderBy(g => g.Series).Select(g => new LegendEntry(g.Series, g.Label))],
            [.. tasks.Select(t => new LinePanel(t.Task.Label, "training step", "share of runs", false, [.. t.Lines.Select(line => line.Line)], []) { Include = [0, 1], Marked = false })],
            Table([.. tasks.SelectMany(t => t.Lines.Select(line => (t.Task, line.Group, line.Estimate)))]))];
    }

    static IEnumerable<(Group Group, KaplanMeier Estimate, Line Line)> Lines(TaskView task)
    {
        var last = task.Groups.SelectMany(group => group.Runs).Select(run => run.Steps).DefaultIfEmpty().Max();
        foreach (var group in task.Groups)
        {
            // A diverged run will never solve the task: it stays at risk to the end.
            var runs = group.Runs.Where(run => run.IsDone || run.Status == "diverged").Select(run => run.SolvedAt is { } at ? ((double)at, true) : (run.IsDone ? run.Steps : last, false)).ToArray();
            if (runs.Length == 0) continue;
            var estimate = KaplanMeier.Of(runs);
            yield return (group, estimate, new Line(group.Series, group.Label, [.. Stairs(estimate, last)]));
        }
    }

    /// <summary>The estimate as corners of a staircase that rises.</summary>
    static IEnumerable<Point> Stairs(KaplanMeier estimate, double last)
    {
        var before = new Point(0, 0, 0, 0);
        yield return before;
        foreach (var step in estimate.Steps)
        {
            yield return before with { X = step.Time };
            yield return before = double.IsNaN(step.Low) ? new Point(step.Time, 1, 1, 1) : new Point(step.Time, 1 - step.Survival, 1 - step.High, 1 - step.Low);
        }
        yield return before with { X = last };
    }

    static Table Table((TaskView Task, Group Group, KaplanMeier Estimate)[] estimates) => new("solving", "Steps to solve", ["task", "model", "step", "at risk", "solved then", "share solved", "median steps"],
        [.. estimates.SelectMany(e => e.Estimate.Steps.Count == 0 ? [[e.Task.Label, e.Group.Label, new Missing(), new Missing(), 0, Number.Of(0), new Missing()]]
            : e.Estimate.Steps.Select(step => (IReadOnlyList<Cell>)[e.Task.Label, e.Group.Label, (long)step.Time, step.AtRisk, step.Events,
                Interval.Of(1 - step.Survival, 1 - step.High, 1 - step.Low), e.Estimate.Median is { } median ? new Number(Format.Decimals(median, 0), median) : new Missing()]))]);
}
