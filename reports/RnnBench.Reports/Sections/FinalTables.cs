using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>One table a task: what each model reached on test, with how many seeds and parameters, and how often it solved the task.</summary>
static class FinalTables
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var tasks = data.Tasks.Where(task => task.Deciding is not null).ToArray();
        if (tasks.Length == 0) return [];
        return [
            new Paragraph("Figures are means over the seeds that ended as planned, on test after the last step, with 95 % intervals by Student's t; a single seed "
                + "has no interval. Shares of solved runs have Wilson intervals and count diverged runs as not solved. Differences to the model with the best mean are paired by seed, "
                + "with 95 % BCa bootstrap intervals; p is that of the exact sign-flip test with Holm's correction over the rivals of a table. The best mean is bold only where it "
                + "is significantly better than every rival."),
            .. tasks.SelectMany(Task),
        ];
    }

    static IEnumerable<Block> Task(TaskView task)
    {
        var figure = task.Deciding!;
        var rivals = new Rivals(task, figure);
        var columns = Columns(task, figure, rivals).ToArray();
        yield return new Heading(task.Label);
        yield return new Table($"results-{task.Id}", Caption(task, figure, rivals), [.. columns.Select(c => c.Header)],
            [.. task.Groups.Select(group => (IReadOnlyList<Cell>)[.. columns.Select(c => c.Of(group))])]);
    }

    static string Caption(TaskView task, TaskFigure figure, Rivals rivals) => $"{task.Text}. {figure.Protocol.TrimEnd('.')}."
        + (double.IsNaN(figure.Baseline) ? "" : $" Baseline: {Format.Level(figure.Baseline)}.")
        + (double.IsNaN(figure.Solved) ? "" : $" Solved at {Format.Level(figure.Solved)}.")
        + $" {char.ToUpperInvariant(figure.Metric[0])}{figure.Metric[1..].Replace('_', ' ')}: {(figure.LowerIsBetter ? "lower" : "higher")} is better."
        + (rivals.TooFew is { } needed ? $" Too few seeds for a test: it needs {Format.Integer(needed)}." : "");

    static IEnumerable<(string Header, Func<Group, Cell> Of)> Columns(TaskView task, TaskFigure figure, Rivals rivals)
    {
        yield return ("model", group => group.Label);
        foreach (var f in task.Figures.Where(f => f.Deciding || task.Groups.Any(group => group.Finals(f.Metric).Count > 0)))
            yield return (f.Title, group => Mean(group.Finals(f.Metric)) is var mean && f.Deciding && group == rivals.Best && rivals.BestIsSignificant ? mean with { Strong = true } : mean);
        if (rivals.Best is not null)
        {
            yield return ($"{figure.Metric.Replace('_', ' ')}, difference to the best", rivals.Difference);
            if (rivals.TooFew is null) yield return ("p (Holm)", rivals.P);
        }
        if (!double.IsNaN(figure.Solved))
        {
            yield return ("solved", group => $"{SolvedBy(group, figure)} of {Judged(group)}");
            yield return ("solved, %", group => Share(WilsonInterval.Of(SolvedBy(group, figure), Judged(group))));
            yield return ("steps to solve, median", StepsToSolve);
        }
        yield return ("seeds", group => group.Done.Count);
        if (task.Groups.Any(group => group.Runs.Count > group.Done.Count)) yield return ("other runs", Others);
        yield return ("parameters", group => group.First.Parameters);
        yield return ("of embedding and output", group => group.First.ParametersOutside);
    }

    /// <summary>How many of a group's runs ended at the solved level.</summary>
    public static int SolvedBy(Group group, TaskFigure figure) => group.Finals(figure.Metric).Count(figure.Solves);

    /// <summary>How many of a group's runs can be judged: those that ended as planned, and those that diverged.</summary>
    public static int Judged(Group group) => group.Done.Count + group.Diverged;

    static Cell Mean(IReadOnlyList<double> finals)
    {
        var mean = MeanInterval.Of(finals);
        return Interval.Of(mean.Mean, mean.Low, mean.High);
    }

    static Cell Share(WilsonInterval share) => share.Trials == 0 ? new Missing()
        : new Interval(Percent(share.Share), Percent(share.Low), Percent(share.High));

    static Number Percent(double share) => (Number)Number.Percent(share, 0) with { Unit = "" };

    /// <summary>The median over all judged runs, where a run that has not solved the task counts as longer than any; a bound where more than half have not.</summary>
    static Cell StepsToSolve(Group group)
    {
        var runs = group.Runs.Where(run => run.IsDone || run.Status == "diverged").ToArray();
        var steps = runs.Select(run => run.SolvedAt).OfType<long>().Select(step => (double)step).Order().ToArray();
        if (runs.Length == 0) return new Missing();
        if (steps.Length > runs.Length / 2)
        {
            var median = Quantiles.Median(steps.Concat(Enumerable.Repeat(double.MaxValue, runs.Length - steps.Length)));
            if (median < double.MaxValue / 4) return new Number(Format.Decimals(median, 0), median);
        }
        var last = runs.Max(run => run.Steps);
        return new Number(Format.Integer(last), last, Bound: "> ");
    }

    static Cell Others(Group group) => group.Runs.Count == group.Done.Count ? new Missing() : string.Join(", ", group.Runs.Where(run => !run.IsDone)
        .GroupBy(run => run.Status).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"));
}
