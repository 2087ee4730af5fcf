using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Sections;

/// <summary>What each gate is worth: the cost of fixing it, for each task, as a forest plot, a heat map over cells and a table.</summary>
static class GateImportance
{
    /// <summary>What gates are fixed to, in the order of the colours; anything else comes after.</summary>
    static readonly string[] values = ["0", "1", "mean"];

    public static IEnumerable<Block> Write(ReportData data)
    {
        var effects = GateEffects.Of(data);
        if (effects.Count == 0) return [];
        var table = Table(effects);
        return [
            new Paragraph("The cost of fixing a gate is the deciding figure of the model with the gate fixed against that of the whole model, paired by seed and counted positive where the model is "
                + "worse without its gate. 'In training' fixes it from the start; 'after training' in the trained network. q is Benjamini and Hochberg's over all rows of the table. 'Does not matter' is itself a "
                + "tested claim: two one-sided tests within the margin (0.02 nats, 1 % accuracy, the solved level of a squared error)."),
            .. effects.GroupBy(e => e.InTraining).Select(g => Forests([.. g], table)),
            new Figure("gate-map", "The same as a map: the cost on each task, its colour on the scale of the largest cost of the task; * marks what is found at q = 0.05.",
                [], [.. effects.GroupBy(e => e.InTraining).Select(Map)], table),
            Details.IfLong($"All {effects.Count} effects", table),
        ];
    }

    /// <summary>A panel a task; the values that a gate was fixed to share a row.</summary>
    static Figure Forests(GateEffect[] effects, Table table) => new($"gate-effects-{effects[0].When.Replace(' ', '-')}",
        $"The cost of fixing a gate {effects[0].When}, with 95 % BCa intervals; to the right, the model is worse without it. The band is the margin; filled marks are found at q = 0.05.",
        [.. effects.Select(e => Fixed(e).Value).Where(value => value.Length > 0).Distinct().OrderBy(Series).Select(value => new LegendEntry(Series(value), $"fixed to {Said(value)}", Mark.Area))],
        [.. effects.GroupBy(e => e.Task).Select(Forest)], table);

    static ForestPanel Forest(IGrouping<TaskView, GateEffect> effects) => new(effects.Key.Label, $"cost, {effects.Key.Deciding!.Title}",
        [.. effects.GroupBy(e => Fixed(e).Gate).SelectMany(gate => gate.OrderBy(e => Series(Fixed(e).Value)).Select(e => new Effect(gate.Key, e.Comparison.Difference.Estimate,
            e.Comparison.Difference.Low, e.Comparison.Difference.High, e.IsFound, Series(Fixed(e).Value)) { Of = Fixed(e).Value.Length == 0 ? "" : $"fixed to {Said(Fixed(e).Value)}" }))],
        Margin: effects.First().Margin);

    /// <summary>The gate with its model, and what it is fixed to; an ablation of another kind has a row of its own.</summary>
    static (string Gate, string Value) Fixed(GateEffect e) =>
        e.Ablation.Split('=') is [var gate, var value] && gate != "ablation" ? ($"{e.Model}: {gate}", value) : (e.Name, "");

    static int Series(string value) => Array.IndexOf(values, value) is >= 0 and var known ? known : values.Length;

    static string Said(string value) => value == "mean" ? "its mean" : value;

    static HeatPanel Map(IEnumerable<GateEffect> effects)
    {
        var all = effects.ToArray();
        var (rows, tasks) = (all.Select(e => e.Name).Distinct().ToArray(), all.Select(e => e.Task).Distinct().ToArray());
        var largest = tasks.ToDictionary(task => task, task => all.Where(e => e.Task == task).Max(e => Math.Abs(e.Comparison.Difference.Estimate)));
        return new($"Cost of fixing a gate {all[0].When}", rows, [.. tasks.Select(task => task.Label)], [.. rows.Select(row => (IReadOnlyList<Heat>)[.. tasks.Select(task =>
            all.FirstOrDefault(e => e.Name == row && e.Task == task) is { } e && largest[task] > 0
                ? new Heat(e.Comparison.Difference.Estimate, e.Comparison.Difference.Estimate / largest[task], e.IsFound) : new Heat(double.NaN, 0, false))])]);
    }

    static Table Table(IReadOnlyList<GateEffect> effects) => new("gate-effects", "The cost of fixing a gate.",
        ["task", "model", "fixed", "when", "figure", "cost", "pairs", "p", "q", "margin", "conclusion"],
        [.. effects.Select(e => (IReadOnlyList<Cell>)[
            e.Task.Label, e.Model, e.Ablation, e.When, e.Task.Deciding!.Title,
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
