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
        "equal" => $"{Test.Model} equal to {Test.Other} within {Format.Level(Test.Margin)}",
        "change" => $"{Test.Model}: rises in training",
        "above" => $"{Test.Model} above {Format.Level(Test.Level)}",
        _ => $"{Test.Model} below {Format.Level(Test.Level)}",
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
    /// <summary>A verdict as it is printed.</summary>
    public static string Text(Verdict verdict) => verdict == Verdict.NotRun ? "not run" : verdict.ToString().ToLowerInvariant();
}
