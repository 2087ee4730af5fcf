using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;
using RnnBench.Reports.Verdicts;

namespace RnnBench.Reports.Sections;

/// <summary>What was found and how sure it is, on one screen: verdicts, facts, and a table of models by tasks.</summary>
static class Summary
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        if (data.Runs.Count == 0) return [new Paragraph("No run in the store fits the filter, so there is nothing to report yet.")];
        return [.. Verdicts(data), Facts(data), .. Overview(data), .. data.Tasks.Select(Headline).OfType<Block>(), .. Warnings(data)];
    }

    static IEnumerable<Block> Verdicts(ReportData data)
    {
        if (data.Claims.Count == 0) yield break;
        yield return new Table("verdicts", "What the stored runs say of each claim.", ["claim", "verdict", "how sure", "what it says", "source"],
            [.. data.Claims.Select(claim => Judge.Of(claim, data)).Select(j => (IReadOnlyList<Cell>)[
                j.Claim.Id, new Words(Judgement.Text(j.Verdict)) { Strong = j.Verdict is Verdict.Holds or Verdict.Contradicted }, j.HowSure, j.Claim.Statement, j.Claim.Source])]);
    }

    static Facts Facts(ReportData data)
    {
        var status = data.Runs.GroupBy(run => run.Status).OrderBy(g => g.Key != "done").ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}");
        return new([
            ("Models", Format.Integer(data.Labels.Count)),
            ("Tasks", Format.Integer(data.Tasks.Count)),
            ("Seeds", HowMade.Seeds(data.Runs)),
            ("Runs", string.Join(", ", status)),
            .. data.Trials.Count == 0 ? [] : new[] { ("Trials of the search", Format.Integer(data.Trials.Count)) },
            ("Training time", Format.Duration(data.Runs.Where(run => double.IsFinite(run.Seconds)).Sum(run => run.Seconds))),
        ]);
    }

    /// <summary>Models by tasks: the deciding figure on test.</summary>
    static IEnumerable<Block> Overview(ReportData data)
    {
        var tasks = data.Tasks.Where(task => task.Deciding is not null).ToArray();
        if (tasks.Length == 0) yield break;
        yield return new Table("overview", "Models by tasks: the deciding figure on test, mean and 95 % interval over seeds (Student's t). "
            + string.Join("; ", tasks.Select(task => $"{task.Label}: {task.Deciding!.Title}, {(task.Deciding.LowerIsBetter ? "lower" : "higher")} is better")) + ".",
            ["model", .. tasks.Select(task => task.Label)],
            [.. data.Labels.Select(label => (IReadOnlyList<Cell>)[label, .. tasks.Select(task => Figure(task, label))])]);
    }

    static Cell Figure(TaskView task, string label) =>
        task.Groups.FirstOrDefault(group => group.Label == label) is { } group ? Of(MeanInterval.Of(group.Finals(task.Deciding!.Metric))) : new Missing();

    static Cell Of(MeanInterval mean) => Interval.Of(mean.Mean, mean.Low, mean.High);

    /// <summary>A task in a few sentences: the best mean, the baseline, and who solved it.</summary>
    static Paragraph? Headline(TaskView task)
    {
        if (task.Deciding is not { } figure) return null;
        var means = task.Groups.Select(group => (group.Label, Mean: MeanInterval.Of(group.Finals(figure.Metric)))).Where(m => m.Mean.Count > 0).ToArray();
        if (means.Length == 0) return null;
        var best = figure.LowerIsBetter ? means.MinBy(m => m.Mean.Mean) : means.MaxBy(m => m.Mean.Mean);
        var baseline = double.IsNaN(figure.Baseline) ? "" : $" The naive baseline is {Format.Level(figure.Baseline)}.";
        return new($"{task.Label}: the best mean {figure.Metric.Replace('_', ' ')} on test is that of {best.Label}, {Of(best.Mean).ForReaders}.{baseline}{Solved(task, figure)}");
    }

    static string Solved(TaskView task, TaskFigure figure)
    {
        if (double.IsNaN(figure.Solved)) return "";
        var rates = task.Groups.Select(group => (group.Label, Solved: FinalTables.SolvedBy(group, figure), Of: FinalTables.Judged(group))).Where(r => r.Of > 0).ToArray();
        var (all, some) = (rates.Where(r => r.Solved == r.Of).ToArray(), rates.Where(r => r.Solved > 0 && r.Solved < r.Of).ToArray());
        if (all.Length + some.Length == 0) return $" No model solved it (at {Format.Level(figure.Solved)}).";
        if (all.Length == rates.Length) return $" Every run solved it (at {Format.Level(figure.Solved)}).";
        var others = rates.Length - all.Length - some.Length;
        string[] parts =
        [
            .. all.Length == 0 ? [] : new[] { $"by every seed of {string.Join(", ", all.Select(r => r.Label))}" },
            .. some.Length == 0 ? [] : new[] { $"by some of {string.Join(", ", some.Select(r => $"{r.Label} ({r.Solved} of {r.Of})"))}" },
            .. others == 0 ? [] : new[] { $"by none of {(others == 1 ? "the other model" : $"the other {others} models")}" },
        ];
        return $" Solved (at {Format.Level(figure.Solved)}) {string.Join("; ", parts)}.";
    }

    static IEnumerable<Block> Warnings(ReportData data)
    {
        var diverged = data.Tasks.SelectMany(task => task.Groups.Where(group => group.Diverged > 0)
            .Select(group => $"{group.Label} on {task.Label} ({group.Diverged} of {group.Runs.Count})")).ToArray();
        if (diverged.Length > 0)
            yield return new Note($"Runs that diverged: {string.Join(", ", diverged)}. They are left out of means and count as not solved.");
        var most = data.Tasks.SelectMany(task => task.Groups).Max(group => group.Done.Count);
        var needed = SignFlip.PairsNeeded(Math.Max(1, data.Tasks.Max(task => task.Groups.Count) - 1));
        if (most < needed && data.Labels.Count > 1)
            yield return new Note($"Too few seeds for a verdict on which model is better: {Format.Count(most, "seed")}, and with so many the exact paired test cannot "
                + $"reach a two-sided p below {Format.Significant(SignFlip.SmallestP(most), 2)}; it needs {needed} for this many rivals (Holm's correction, level 0.05). "
                + "Read the intervals, not the order.");
    }
}
