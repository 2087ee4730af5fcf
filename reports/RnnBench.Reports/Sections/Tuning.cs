using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>How hyper-parameters were chosen: every trial, the one that was taken, and what the best of k trials is expected to reach.</summary>
static class Tuning
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        if (data.Trials.Count == 0) return [];
        var curves = data.Tasks.Select(task => (Task: task, Lines: task.Groups.Select(group => Curve(data, task, group)).Where(line => line.Points.Count > 1).ToArray())).Where(t => t.Lines.Length > 0).ToArray();
        return [
            new Paragraph("Each model had the same number of trials with the same draws on a task (random search); the trial with the best figure on the validation data was taken, and its settings "
                + "trained from the seeds of the study. Trials that diverged have no figure."),
            .. curves.Length == 0 ? Enumerable.Empty<Block>() : [new Figure("best-of-k", "What the best of k trials reaches on the validation data, in the mean over all choices of k of the trials: where lines cross, "
                + "the order of the models depends on the budget for tuning (Dodge et al. 2019, Bouthillier et al. 2021).",
                [.. curves.SelectMany(t => t.Task.Groups).DistinctBy(g => g.Series).OrderBy(g => g.Series).Select(g => new LegendEntry(g.Series, g.Label))],
                [.. curves.Select(t => new LinePanel(t.Task.Label, "trials", $"{t.Task.Deciding!.Title}, valid", false, t.Lines, []) { WholeX = true })], Points(curves))],
            Details.IfLong("What the search chose", new Table("chosen", "The settings that the search chose.", ["task", "model", "trials", "chosen", "settings", "figure on valid"],
                [.. data.Trials.GroupBy(t => (t.Task, t.Arm)).Where(g => g.Any(t => t.Chosen)).Select(g => Chosen(data, [.. g]))])),
            new Details($"All {Format.Count(data.Trials.Count, "trial")}", [new Table("trials", "Every trial.", ["task", "model", "trial", "round", "settings", "figure on valid", "status", "taken"],
                [.. data.Trials.OrderBy(t => t.Task, StringComparer.Ordinal).ThenBy(t => t.Arm, StringComparer.Ordinal).ThenBy(t => t.Rung).ThenBy(t => t.Number).Select(t => (IReadOnlyList<Cell>)[
                    t.Task, t.Arm, t.Number, t.Rung, Short(t.Settings), Number.Of(t.Score), t.Status, t.Chosen ? "yes" : ""])])]),
        ];
    }

    /// <summary>From the trials of the first round, which all models have; those without a figure count as the worst that was seen.</summary>
    static Line Curve(ReportData data, TaskView task, Group group)
    {
        var sign = task.Deciding is { LowerIsBetter: false } ? 1 : -1;
        var scores = data.Trials.Where(t => t.Task == task.Text && t.Arm == group.Label && t.Rung == 0).Select(t => sign * t.Score).ToArray();
        var finite = scores.Where(double.IsFinite).ToArray();
        return finite.Length == 0 ? new Line(group.Series, group.Label, [])
            : new Line(group.Series, group.Label, [.. BestOfK.Of([.. scores.Select(s => double.IsFinite(s) ? s : finite.Min())]).Select((best, k) => new Point(k + 1, sign * best))]);
    }

    static IReadOnlyList<Cell> Chosen(ReportData data, Trial[] trials)
    {
        var chosen = trials.First(t => t.Chosen);
        return [data.Tasks.FirstOrDefault(task => task.Text == chosen.Task)?.Label ?? chosen.Task, chosen.Arm, trials.Count(t => t.Rung == 0), chosen.Number, Short(chosen.Settings), Number.Of(chosen.Score)];
    }

    static string Short(string settings) => string.Join(", ", HowMade.Leaves(settings).Select(s => $"{s.Name}={s.Value}"));

    static Table Points((TaskView Task, Line[] Lines)[] curves) => new("best-of-k", "Best of k", ["task", "model", "trials", "best on valid"],
        [.. curves.SelectMany(t => t.Lines.SelectMany(line => line.Points.Select(p => (IReadOnlyList<Cell>)[t.Task.Label, line.Name, (long)p.X, Number.Of(p.Y, 5)])))]);
}
