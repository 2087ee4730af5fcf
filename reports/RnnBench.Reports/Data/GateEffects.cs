using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Data;

/// <summary>What it costs to fix a gate: the ablated model against the whole one, paired by seed; positive is worse without the gate.</summary>
/// <param name="Task">The task.</param>
/// <param name="Model">The whole model's label.</param>
/// <param name="Ablation">What was fixed, as it is written: <c>f=1</c>, <c>ablation=nfg</c>.</param>
/// <param name="InTraining">Whether it was fixed from the start of training, or in the trained network.</param>
/// <param name="Comparison">The paired comparison.</param>
/// <param name="Margin">The largest cost that does not matter.</param>
sealed record GateEffect(TaskView Task, string Model, string Ablation, bool InTraining, PairedComparison Comparison, double Margin)
{
    /// <summary>The false discovery rate at which it is found, Benjamini and Hochberg's over all effects of the report.</summary>
    public double Q { get; init; } = 1;
    /// <summary>Whether the cost is shown to be within the margin, two one-sided tests at 0.05.</summary>
    public bool IsEquivalent { get; } = Equivalence.Of(Comparison.Differences, Margin).P <= 0.05;
    /// <summary>Whether it is found at q = 0.05.</summary>
    public bool IsFound => Q <= 0.05;
    /// <summary>Model and ablation as one name.</summary>
    public string Name => Ablation.Contains("ablation=", StringComparison.Ordinal) ? $"{Model}({Ablation})" : $"{Model}[{Ablation}]";
    /// <summary>When the gate was fixed.</summary>
    public string When => InTraining ? "in training" : "after training";
}

/// <summary>Finds the ablations among the runs: models that differ from another of the report in their rewritings only.</summary>
static class GateEffects
{
    /// <summary>Every effect, with its corrected q.</summary>
    public static IReadOnlyList<GateEffect> Of(ReportData data)
    {
        var all = data.Tasks.Where(task => task.Deciding is not null).SelectMany(task => InTraining(task).Concat(AfterTraining(task))).ToArray();
        var q = Adjusted.BenjaminiHochberg([.. all.Select(effect => effect.Comparison.P)]);
        return [.. all.Select((effect, k) => effect with { Q = q[k] })];
    }

    /// <summary>0.02 nats, 1 % accuracy, the solved level of a squared error (the project's choice); else a hundredth of the baseline.</summary>
    public static double Margin(TaskFigure figure) => figure.Unit switch
    {
        "nats" => 0.02,
        "bits" => 0.02 / Math.Log(2),
        "fraction" => 0.01,
        _ => double.IsFinite(figure.Solved) ? figure.Solved : double.IsFinite(figure.Baseline) ? 0.01 * Math.Abs(figure.Baseline) : 0.02,
    };

    static IEnumerable<GateEffect> InTraining(TaskView task)
    {
        var parts = task.Groups.Select(group => (Group: group, Parts: Parts(group))).ToArray();
        foreach (var (group, (whole, ablation)) in parts.Where(p => p.Parts.Ablation.Length > 0))
            if (parts.FirstOrDefault(p => p.Parts == (whole, "")).Group is { } all)
                if (Cost(task, group.BySeed(task.Deciding!.Metric), all.BySeed(task.Deciding!.Metric)) is { Pairs: > 0 } cost)
                    yield return new(task, all.Label, ablation, true, cost, Margin(task.Deciding!));
    }

    static IEnumerable<GateEffect> AfterTraining(TaskView task)
    {
        var metric = task.Deciding!.Metric;
        foreach (var group in task.Groups)
            foreach (var fix in group.Done.SelectMany(run => run.Fixes).Where(f => f.Metric == metric).Select(f => (f.Gate, f.Fixed)).Distinct())
            {
                var ablated = group.Done.SelectMany(run => run.Fixes.Where(f => f.Metric == metric && (f.Gate, f.Fixed) == fix && double.IsFinite(f.Result)).Select(f => (run.Seed, f.Result)))
                    .DistinctBy(f => f.Seed).ToDictionary(f => f.Seed, f => f.Result);
                if (Cost(task, ablated, group.BySeed(metric)) is { Pairs: > 0 } cost) yield return new(task, group.Label, $"{fix.Gate}={fix.Fixed}", false, cost, Margin(task.Deciding!));
            }
    }

    static PairedComparison Cost(TaskView task, IReadOnlyDictionary<long, double> ablated, IReadOnlyDictionary<long, double> whole) =>
        task.Deciding!.LowerIsBetter ? PairedComparison.Of(ablated, whole) : PairedComparison.Of(whole, ablated);

    /// <summary>
    /// The model without its rewritings and size, and what is rewritten in it; a name that is no notation is whole. Canonical names are compared, so that
    /// <c>lstm[f=1]</c> finds <c>lstm(forget_bias=1)</c>, whose setting is the default; only <c>f=mean</c> is known by the name of its arm alone.
    /// </summary>
    static (string Whole, string Ablation) Parts(Group group)
    {
        if (Names.Read(group.First.Model) is not { } notation) return (group.First.Model, "");
        var named = notation.Settings.Where(s => s.Key == "ablation" && s.Value != "none").Select(s => $"ablation={s.Value}");
        var settings = notation.Settings.Where(s => s.Key is not ("hidden" or "ablation"));
        var arm = Names.Read(group.First.Arms.FirstOrDefault() ?? "");
        var rewritings = arm is { Ablations: [.., var last] } && last.EndsWith("=mean", StringComparison.Ordinal) ? arm.Ablations : notation.Ablations;
        return ((notation with { Settings = [.. settings], Ablations = [] }).ToString(), string.Join(", ", named.Concat(rewritings)));
    }
}
