using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Sections;

/// <summary>The deciding figure on valid against training, a panel a task: mean over seeds, and a band from the least to the largest.</summary>
static class LearningCurves
{
    const double LogFrom = 20;      // a ratio of largest to least from which a logarithmic axis shows more

    public static IEnumerable<Block> Write(ReportData data)
    {
        var drawn = data.Tasks.Select(task => (Task: task, Curves: Curves(task).ToArray())).Where(t => t.Curves.Length > 0).ToArray();
        if (drawn.Length == 0) return [];
        return [new Figure("learning-curves", "Learning curves on the validation data: the line is the mean over seeds, the band reaches from the least to the "
            + "largest seed. A thin line that ends in a cross is a run that diverged or did not finish; it is in no mean. Levels far from every curve are left out.",
            [.. data.Labels.Select((label, k) => new LegendEntry(k, label))],
            [.. drawn.Select(t => Panel(t.Task, t.Curves))],
            Table([.. drawn.SelectMany(t => t.Curves.SelectMany(curve => curve.Points.Select(p => (t.Task, Curve: curve, Point: p))))]))];
    }

    static LinePanel Panel(TaskView task, Line[] curves)
    {
        var figure = task.Deciding!;
        var values = curves.SelectMany(curve => curve.Points).SelectMany(p => new[] { p.Y, p.Low }).Where(double.IsFinite).ToArray();
        var references = new[] { new Reference(figure.Baseline, "baseline"), new Reference(figure.Solved, "solved") }.Where(r => IsNear(r.Y, values.Min(), values.Max())).ToArray();
        var log = values.Min() > 0 && values.Max() / values.Min() > LogFrom;
        return new(task.Label, HasEpochs(task) ? "epoch" : "training step", $"{figure.Title}, {SplitOf(task)}", log, curves, references)
            { WholeX = HasEpochs(task) && curves.All(curve => curve.Points.All(p => p.X % 1 == 0)) };
    }

    /// <summary>Whether a level is worth its room: one that is far from every curve would press them together.</summary>
    static bool IsNear(double level, double least, double largest) =>
        level >= least - (largest - least) / 2 && level <= largest + (largest - least) / 2 || level > 0 && level >= least / 4 && level <= 4 * largest;

    static IEnumerable<Line> Curves(TaskView task) => task.Deciding is null ? [] : task.Groups.SelectMany(group =>
    {
        var done = group.Done.Count > 0 ? group.Done : [];
        var mean = Mean([.. done.SelectMany(run => Points(task, run))]);
        var broken = group.Runs.Where(run => !run.IsDone).Select(run => new Line(group.Series, $"{group.Label}, seed {run.Seed}, {run.Status}",
            [.. Points(task, run).Where(p => double.IsFinite(p.Y)).OrderBy(p => p.X)], Broken: true));
        return broken.Prepend(new Line(group.Series, group.Label, mean)).Where(line => line.Points.Count > 0);
    });

    static Point[] Mean(Point[] points) => [.. points.Where(p => double.IsFinite(p.Y)).GroupBy(p => p.X).OrderBy(g => g.Key)
        .Select(g => g.Count() == 1 ? g.First() : new Point(g.Key, g.Average(p => p.Y), g.Min(p => p.Y), g.Max(p => p.Y)))];

    static IEnumerable<Point> Points(TaskView task, Run run)
    {
        var (metric, split, epochs) = (task.Deciding!.Metric, SplitOf(task), HasEpochs(task));
        return run.Curve.Where(p => p.Metric == metric && p.Split == split).Select(p => new Point(epochs ? p.Epoch : p.Step, p.Value));
    }

    static string SplitOf(TaskView task) =>
        task.Groups.SelectMany(group => group.Runs).Any(run => run.Curve.Any(p => p.Metric == task.Deciding!.Metric && p.Split == "valid")) ? "valid" : "train";

    static bool HasEpochs(TaskView task) => task.Groups.SelectMany(group => group.Runs).SelectMany(run => run.Curve)
        .Where(p => p.Metric == task.Deciding!.Metric).All(p => double.IsFinite(p.Epoch));

    static Table Table((TaskView Task, Line Curve, Point Point)[] points) => new("learning-curves", "Learning curves",
        ["task", "model", "step or epoch", "mean", "least", "largest"],
        [.. points.Select(p => (IReadOnlyList<Cell>)[p.Task.Label, p.Curve.Name, new Number(Format.Level(p.Point.X, 7), p.Point.X), Number.Of(p.Point.Y, 5), Number.Of(p.Point.Low, 5), Number.Of(p.Point.High, 5)])]);
}
