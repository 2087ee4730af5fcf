using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Verdicts;

/// <summary>What came of one test on one task.</summary>
/// <param name="Test">The test.</param>
/// <param name="Task">The task; null where there is none with runs.</param>
/// <param name="Measure">What was measured, or null.</param>
/// <param name="Effect">The mean effect, positive as claimed; for a factor the ratio.</param>
/// <param name="Low">The lower end of its 95 % interval (90 % for equivalence).</param>
/// <param name="High">The upper end.</param>
/// <param name="Pairs">How many seeds.</param>
/// <param name="P">The p that decided, corrected; NaN where no test was made.</param>
/// <param name="Verdict">What follows.</param>
/// <param name="Why">In a few words.</param>
sealed record Outcome(RuleTest Test, TaskView? Task, Measure? Measure, double Effect, double Low, double High, int Pairs, double P, Verdict Verdict, string Why)
{
    /// <summary>The test in words.</summary>
    public string Words => Test.Form switch
    {
        "better" => $"{Test.Model} better than {Test.Other}{(Test.Factor is { } factor ? $" by a factor of {Format.Level(factor)}" : "")}",
        "no_worse" => $"{Test.Model} worse than {Test.Other} by at most {(double.IsNaN(Test.Margin) ? "the margin" : Format.Level(Test.Margin))}",
        "equal" => $"{Test.Model} equal to {Test.Other} within {(double.IsNaN(Test.Margin) ? "the margin" : Format.Level(Test.Margin))}",
        "change" => $"{Test.Model}: rises in training",
        "above" => $"{Test.Model} above {Format.Level(Test.Level)}",
        _ => $"{Test.Model} below {Format.Level(Test.Level)}",
    };

    /// <summary>The test in signs, for plots.</summary>
    public string Short => Test.Form switch
    {
        "better" => $"{Test.Model} > {Test.Other}",
        "no_worse" => $"{Test.Model} ≥ {Test.Other}",
        "equal" => $"{Test.Model} ≈ {Test.Other}",
        _ => Words,
    };

    /// <summary>Nothing to test with.</summary>
    public static Outcome None(RuleTest test, TaskView? task, string why) => new(test, task, null, double.NaN, double.NaN, double.NaN, 0, double.NaN, Verdict.NotRun, why);
}

/// <summary>A claim with what came of its tests.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Tests">Its tests, one for each task that they cover.</param>
sealed record Judgement(Claim Claim, Verdict Verdict, IReadOnlyList<Outcome> Tests)
{
    /// <summary>What the verdict stands on, in a few words: how many tests say what, and what is missing for more.</summary>
    public string HowSure
    {
        get
        {
            var run = Tests.Where(test => test.Verdict != Verdict.NotRun).ToArray();
            if (run.Length == 0) return "no stored run speaks to it";
            var counts = run.GroupBy(test => test.Verdict).OrderByDescending(g => g.Key).Select(g => $"{g.Count()} {(g.Key == Verdict.Holds && g.Count() > 1 ? "hold" : Text(g.Key))}");
            var pairs = run.Select(test => test.Pairs).Distinct().Order().ToArray();
            var reasons = run.Where(test => test.Verdict == Verdict.Undecided).Select(test => test.Why).Distinct().ToArray();
            var missing = Tests.Count - run.Length;
            return $"{Format.Count(run.Length, "test")}: {string.Join(", ", counts)}{(missing > 0 ? $"; {missing} not run" : "")}. "
                + $"{Format.Integer(pairs[0])}{(pairs.Length > 1 ? $" to {Format.Integer(pairs[^1])}" : "")} {(pairs[^1] == 1 ? "pair" : "pairs")} of runs"
                + (reasons.Length > 0 ? $"; undecided because {string.Join(", or ", reasons)}" : "");
        }
    }

    /// <summary>Words as a sentence.</summary>
    public static string Sentence(string words) => $"{char.ToUpperInvariant(words[0])}{words[1..]}.";

    /// <summary>A verdict as it is printed.</summary>
    public static string Text(Verdict verdict) => verdict == Verdict.NotRun ? "not run" : verdict.ToString().ToLowerInvariant();
}
