using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Sections;

/// <summary>What each gate is worth: the cost of fixing it, for each task, as a table, a forest plot and a heat map over cells.</summary>
static class GateImportance
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var effects = GateEffects.Of(data);
        if (effects.Count == 0) return [];
        var table = Table(effects);
        return [
            new Paragraph("The cost of fixing a gate is the deciding figure of the model with the gate fixed against that of the whole model, paired by seed and counted positive where the model is "
                + "worse without its gate. 'In training' fixes it from the start; 'after training' in the trained network. q is Benjamini and Hochberg's over all rows of the table. 'Does not matter' is itself a "
                + "tested claim: two one-sided tests within the margin (0.02 nats, 1 % accuracy, the solved level of a squared error)."),
            new Figure("gate-effects", "The cost of fixing a gate, with 95 % BCa intervals. The band is the margin; filled marks are found at q = 0.05.",
                [], [.. effects.GroupBy(e => (e.Task, e.InTraining)).Select(Forest)], table),
            new Figure("gate-map", "The same as a map: the cost on each task, its colour on the scale of the largest cost of the task; * marks what is found at q = 0.05.",
                [], [.. effects.GroupBy(e => e.InTraining).Select(Map)], table with { Id = "gate-map" }),
            table,
        ];
    }

    static ForestPanel Forest(IEnumerable<GateEffect> effects)
    {
        var all = effects.ToArray();
        return new($"{all[0].Task.Text}, {all[0].When}", $"cost, {all[0].Task.Deciding!.Title}",
            [.. all.Select(e => new Effect(e.Name, e.Comparison.Difference.Estimate, e.Comparison.Difference.Low, e.Comparison.Difference.High, e.IsFound, e.InTraining ? 0 : 2))], Margin: all[0].Margin);
    }

    static HeatPanel Map(IEnumerable<GateEffect> effects)
    {
        var all = effects.ToArray();
        var (rows, tasks) = (all.Select(e => e.Name).Distinct().ToArray(), all.Select(e => e.Task).Distinct().ToArray());
        var largest = tasks.ToDictionary(task => task, task => all.Where(e => e.Task == task).Max(e => Math.Abs(e.Comparison.Difference.Estimate)));
        return new($"Cost of fixing a gate {all[0].When}", rows, [.. tasks.Select(task => task.Text)], [.. rows.Select(row => (IReadOnlyList<Heat>)[.. tasks.Select(task =>
            all.FirstOrDefault(e => e.Name == row && e.Task == task) is { } e && largest[task] > 0
                ? new Heat(e.Comparison.Difference.Estimate, e.Comparison.Difference.Estimate / largest[task], e.IsFound) : new Heat(double.NaN, 0, false))])]);
    }

    static Table Table(IReadOnlyList<GateEffect> effects) => new("gate-effects", "The cost of fixing a gate.",
        ["task", "model", "fixed", "when", "figure", "cost", "pairs", "p", "q", "margin", "conclusion"],
        [.. effects.Select(e => (IReadOnlyList<Cell>)[
            e.Task.Text, e.Model, e.Ablation, e.When, e.Task.Deciding!.Title,
            Interval.Of(e.Comparison.Difference.Estimate, e.Comparison.Difference.Low, e.Comparison.Difference.High) with { Strong = e.IsFound },
            e.Comparison.Pairs, Number.Of(e.Comparison.P, 2), Number.Of(e.Q, 2), Number.Of(e.Margin, 2), Conclusion(e)])]);

    static string Conclusion(GateEffect e) => (e.IsFound, e.IsEquivalent) switch
    {
        (true, true) => "found, but within the margin",
        (true, false) => e.Comparison.Difference.Estimate > 0 ? "matters" : "better without",
        (false, true) => "does not matter",
        _ => e.Comparison.CanDecide(1) ? "undecided" : "too few seeds (needs 6)",
    };
}
