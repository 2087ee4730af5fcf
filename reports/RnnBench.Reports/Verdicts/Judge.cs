using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Verdicts;

/// <summary>
/// Computes verdicts from stored runs. Differences are paired by seed; a difference needs the exact sign-flip test at 0.05 with Holm's correction over the
/// claim's tests, equality two one-sided tests within the margin, a factor an interval of the log ratio that lies wholly on one side of it.
/// </summary>
static class Judge
{
    const double Level = 0.05;

    /// <summary>A test on a task with its differences, positive as claimed.</summary>
    sealed record Case(RuleTest Test, TaskView Task, Measure Measure, IReadOnlyList<double> Differences);

    public static Judgement Of(Claim claim, ReportData data)
    {
        if (Rule.Parse(claim.Rule) is not { } rule) return new(claim, Verdict.NotRun, []);
        var found = rule.Tests.SelectMany(test => Cases(test, data)).ToArray();
        var tested = found.Where(f => f.Case is { Measure.IsExact: false, Test: { Factor: null } }).ToArray();
        var adjusted = Adjusted.Holm([.. tested.Select(f => SignFlip.P(f.Case!.Differences))]);
        var outcomes = found.Select(f => f.Case is null ? f.None!
            : f.Case.Measure.IsExact ? Exact(f.Case) : f.Case.Test.Factor is { } factor ? Ratio(f.Case, factor)
            : f.Case.Test.Form is "equal" or "no_worse" ? Equal(f.Case, adjusted[Array.IndexOf(tested, f)])
            : Different(f.Case, adjusted[Array.IndexOf(tested, f)], tested.Length)).ToArray();
        return new(claim, rule.Conclude([.. outcomes.Select(o => o.Verdict)]), outcomes);
    }

    static IEnumerable<(Case? Case, Outcome? None)> Cases(RuleTest test, ReportData data)
    {
        var tasks = data.Tasks.Where(task => test.Covers(task.Text)).ToArray();
        var there = test.On is null ? tasks.Where(task => Groups(task, test, test.Model).Count > 0).ToArray() : tasks;
        return there.Length == 0 ? [(null, Outcome.None(test, null, "no run of it"))]
            : there.SelectMany(task => OnTask(test, task, test.OtherOn is { } other ? data.Tasks.FirstOrDefault(t => RuleTest.IsOf(other, t.Text)) : task));
    }

    /// <summary>A task on which a model was trained in several ways, such as with two sizes of batch, gives a test for each, against the nearest way of the other model.</summary>
    static IEnumerable<(Case? Case, Outcome? None)> OnTask(RuleTest test, TaskView task, TaskView? otherTask)
    {
        var (models, others) = (Groups(task, test, test.Model), test.Other is null || otherTask is null ? [] : Groups(otherTask, test, test.Other));
        if (Measure.Of(test.By, task, [.. models, .. others]) is not { } measure) return [(null, Outcome.None(test, task, $"the task has no {test.By}"))];
        if (double.IsNaN(test.Margin)) test = test with { Margin = measure.Margin };
        if (models.Count == 0 || test.Other is not null && others.Count == 0) return [(null, Outcome.None(test, task, "no pair of runs"))];
        return models.Select<Group, (Case?, Outcome?)>(model =>
        {
            var other = others.MinBy(group => Grouping.Apart(model.First, group.First));
            var named = models.Count > 1 ? test with { Model = model.Label, Other = other?.Label } : test;
            var differences = Differences(named, model, other, measure);
            return differences.Count == 0 ? (null, Outcome.None(named, task, "no pair of runs")) : (new Case(named, task, measure, differences), null);
        });
    }

    /// <summary>The groups of a model, by the name that the study gives it, else by label.</summary>
    static IReadOnlyList<Group> Groups(TaskView task, RuleTest test, string model)
    {
        var (named, with) = (task.Groups.Where(group => group.First.Arms.Contains(model)).ToArray(), test.With?.Split('=', 2));
        return [.. (named.Length > 0 ? named : [.. task.Groups.Where(group => group.Label == model)]).Where(group => with is not [var key, var value] || Grouping.Setting(group.First, key) == value)];
    }

    static IReadOnlyList<double> Differences(RuleTest test, Group model, Group? other, Measure measure)
    {
        var sign = measure.LargerIsBetter || test.Form is "equal" or "change" or "above" or "below" ? 1 : -1;
        return test.Form switch
        {
            "better" or "no_worse" or "equal" when other is not null =>
                [.. model.Runs.Select(run => run.Seed).Distinct().Order().Select(seed => Difference(Value(model, seed, measure.After), Value(other, seed, measure.After))).Where(double.IsFinite)],
            "change" when measure.Before is { } before => [.. model.Runs.Select(run => measure.After(run) - before(run)).Where(double.IsFinite)],
            "above" => [.. model.Runs.Select(run => measure.After(run) - test.Level).Where(double.IsFinite)],
            "below" => [.. model.Runs.Select(run => test.Level - measure.After(run)).Where(double.IsFinite)],
            _ => [],
        };

        double Difference(double a, double b) => test.Factor is null ? sign * (a - b) : a > 0 && b > 0 ? sign * Math.Log(a / b) : double.NaN;
    }

    static double Value(Group group, long seed, Func<Run, double> of) => group.Runs.FirstOrDefault(run => run.Seed == seed) is { } run ? of(run) : double.NaN;

    static Outcome Different(Case c, double p, int comparisons)
    {
        var effect = BcaInterval.Of(c.Differences);
        var n = c.Differences.Count;
        var (verdict, why) = p <= Level && effect.Estimate < 0 ? (Verdict.Contradicted, "significantly the other way")
            : p <= Level && effect.Estimate > c.Test.Margin ? (Verdict.Holds, "significant")
            : p <= Level ? (Verdict.Undecided, "significant, but within the margin")
            : SignFlip.SmallestP(n) > Level / comparisons ? (Verdict.Undecided, $"too few seeds (needs {Format.Integer(SignFlip.PairsNeeded(comparisons))})")
            : (Verdict.Undecided, "not significant");
        return new(c.Test, c.Task, c.Measure, effect.Estimate, effect.Low, effect.High, n, p, verdict, why);
    }

    static Outcome Equal(Case c, double p)
    {
        var (mean, tost, oneSided) = (c.Differences.Average(), Equivalence.Of(c.Differences, c.Test.Margin), c.Test.Form == "no_worse");
        if (oneSided) tost = tost with { P = tost.NoWorse };
        var (verdict, why) = tost.P <= Level ? (Verdict.Holds, oneSided ? "no worse than the margin" : "equivalent within the margin")
            : p <= Level && (oneSided ? -mean : Math.Abs(mean)) > c.Test.Margin ? (Verdict.Contradicted, "significantly different, beyond the margin")
            : double.IsNaN(tost.P) ? (Verdict.Undecided, "too few seeds (needs 2)") : (Verdict.Undecided, oneSided ? "shown neither as good nor worse" : "neither shown equal nor shown different");
        return new(c.Test, c.Task, c.Measure, mean, tost.Low, tost.High, c.Differences.Count, verdict == Verdict.Contradicted ? p : tost.P, verdict, why);
    }

    static Outcome Ratio(Case c, double factor)
    {
        var log = MeanInterval.Of(c.Differences);
        var (verdict, why) = log.Low >= Math.Log(factor) ? (Verdict.Holds, "the whole interval is above the factor")
            : log.High < Math.Log(factor) ? (Verdict.Contradicted, "the whole interval is below the factor")
            : (Verdict.Undecided, double.IsNaN(log.Low) ? "too few seeds (needs 2)" : "the interval holds the factor");
        return new(c.Test, c.Task, c.Measure, Math.Exp(log.Mean), Math.Exp(log.Low), Math.Exp(log.High), log.Count, double.NaN, verdict, why);
    }

    static Outcome Exact(Case c)
    {
        // A factor of a quantity that no seed changes is compared as it is.
        var (value, needed) = (c.Differences[0], c.Test.Factor is { } factor ? Math.Log(factor) : c.Test.Margin);
        var (verdict, why) = c.Test.Form is "equal" or "no_worse" ? (c.Test.Form == "equal" ? Math.Abs(value) : -value) <= c.Test.Margin ? (Verdict.Holds, "within the margin") : (Verdict.Contradicted, "beyond the margin")
            : value > needed ? (Verdict.Holds, "exact") : value < needed ? (Verdict.Contradicted, "exact") : (Verdict.Undecided, "equal");
        return new(c.Test, c.Task, c.Measure, c.Test.Factor is null ? value : Math.Exp(value), double.NaN, double.NaN, c.Differences.Count, double.NaN, verdict, why);
    }
}
