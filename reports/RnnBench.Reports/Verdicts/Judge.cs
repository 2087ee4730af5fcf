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
            : f.Case.Test.Form == "equal" ? Equal(f.Case, adjusted[Array.IndexOf(tested, f)])
            : Different(f.Case, adjusted[Array.IndexOf(tested, f)], tested.Length)).ToArray();
        return new(claim, rule.Conclude([.. outcomes.Select(o => o.Verdict)]), outcomes);
    }

    static IEnumerable<(Case? Case, Outcome? None)> Cases(RuleTest test, ReportData data)
    {
        var tasks = data.Tasks.Where(task => test.Covers(task.Text)).ToArray();
        var there = test.On is null ? tasks.Where(task => Group(task, test.Model) is not null).ToArray() : tasks;
        if (there.Length == 0) return [(null, Outcome.None(test, null, "no run of it"))];
        return there.Select<TaskView, (Case?, Outcome?)>(task =>
        {
            if (Measure.Of(test.By, task) is not { } measure) return (null, Outcome.None(test, task, $"the task has no {test.By}"));
            var asked = double.IsNaN(test.Margin) ? test with { Margin = measure.Margin } : test;
            var differences = Differences(asked, task, test.OtherOn is { } other ? data.Tasks.FirstOrDefault(t => RuleTest.IsOf(other, t.Text)) : task, measure);
            return differences.Count == 0 ? (null, Outcome.None(asked, task, "no pair of runs")) : (new Case(asked, task, measure, differences), null);
        });
    }

    static Group? Group(TaskView task, string model) =>
        task.Groups.FirstOrDefault(group => group.First.Arms.Contains(model)) ?? task.Groups.FirstOrDefault(group => group.Label == model);

    static IReadOnlyList<double> Differences(RuleTest test, TaskView task, TaskView? otherTask, Measure measure)
    {
        if (Group(task, test.Model) is not { } model) return [];
        var sign = measure.LargerIsBetter || test.Form is "equal" or "change" or "above" or "below" ? 1 : -1;
        return test.Form switch
        {
            "better" or "equal" when otherTask is not null && Group(otherTask, test.Other!) is { } other =>
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
        var (mean, tost) = (c.Differences.Average(), Equivalence.Of(c.Differences, c.Test.Margin));
        var (verdict, why) = tost.P <= Level ? (Verdict.Holds, "equivalent within the margin")
            : p <= Level && Math.Abs(mean) > c.Test.Margin ? (Verdict.Contradicted, "significantly different, beyond the margin")
            : double.IsNaN(tost.P) ? (Verdict.Undecided, "too few seeds (needs 2)") : (Verdict.Undecided, "neither shown equal nor shown different");
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
        var (verdict, why) = c.Test.Form == "equal" ? Math.Abs(value) <= c.Test.Margin ? (Verdict.Holds, "within the margin") : (Verdict.Contradicted, "beyond the margin")
            : value > needed ? (Verdict.Holds, "exact") : value < needed ? (Verdict.Contradicted, "exact") : (Verdict.Undecided, "equal");
        return new(c.Test, c.Task, c.Measure, c.Test.Factor is null ? value : Math.Exp(value), double.NaN, double.NaN, c.Differences.Count, double.NaN, verdict, why);
    }
}
