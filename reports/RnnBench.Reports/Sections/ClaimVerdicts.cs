using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Verdicts;

namespace RnnBench.Reports.Sections;

/// <summary>The claims of the study, each with the tests and the plot that carry its verdict.</summary>
static class ClaimVerdicts
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        var judgements = data.Claims.Select(claim => Judge.Of(claim, data)).ToArray();
        if (judgements.Length == 0) return [];
        return [
            new Paragraph("Effects are paired by seed and counted positive where they are as claimed. A difference needs p at most 0.05 in the exact sign-flip test, Holm's correction over "
                + "the tests of a claim; equality two one-sided tests within the margin, no worse one of them; a factor a 95 % interval of the ratio on one side of it. Too few seeds are no verdict."),
            .. judgements.SelectMany(One),
        ];
    }

    static IEnumerable<Block> One(Judgement judgement)
    {
        yield return new Heading($"{judgement.Claim.Id}: {Judgement.Text(judgement.Verdict)}");
        yield return new Paragraph($"{judgement.Claim.Statement}{(judgement.Claim.Source.Length > 0 ? $" ({judgement.Claim.Source})" : "")}. {Judgement.Sentence(judgement.HowSure)}");
        var tests = judgement.Tests.Where(test => test.Measure is not null).ToArray();
        if (tests.Length > 0)
        {
            var table = Table(judgement.Claim, tests);
            yield return table;
            if (tests.Any(test => double.IsFinite(test.Low)))
                yield return new Figure($"claim-{judgement.Claim.Id}", $"The effects behind {judgement.Claim.Id}, to the right of the line as claimed; A > B stands for A better than B, A ≥ B for no worse and A ≈ B for equal within the margin, which is the band. Filled marks hold (blue) or contradict (orange).",
                    [], [.. tests.GroupBy(test => (test.Task, test.Measure!.Title, test.Test.Factor is null, test.Test.Margin)).Select(Panel)], table);
        }
        var others = judgement.Tests.Where(test => test.Measure is null).ToArray();
        if (others.Length > 0)
            yield return new Paragraph($"Not run: {string.Join("; ", others.GroupBy(test => (test.Words, test.Why)).Select(NotRun))}.");
    }

    static string NotRun(IGrouping<(string Words, string Why), Outcome> tests) =>
        $"{tests.Key.Words}{string.Join(", ", tests.Select(test => test.Task?.Label ?? test.Test.On?.TrimStart('=')).OfType<string>()) switch { "" => "", var tasks => $" on {tasks}" }} ({tests.Key.Why})";

    static Table Table(Claim claim, Outcome[] tests) => new($"claim-{claim.Id}", $"The tests of {claim.Id}. Intervals: 95 % BCa bootstrap of the paired difference; 90 % by Student's t for equality and no worse; "
        + "95 % by Student's t for factors, which are ratios.", ["test", "task", "measure", "effect", "pairs", "p", "verdict", "why"],
        [.. tests.Select(t => (IReadOnlyList<Cell>)[
            t.Words, t.Task!.Label, t.Measure!.Title, Interval.Of(t.Effect, t.Low, t.High), t.Pairs, Number.Of(t.P, 2),
            new Words(Judgement.Text(t.Verdict)) { Strong = t.Verdict is Verdict.Holds or Verdict.Contradicted }, t.Why])]);

    static ForestPanel Panel(IEnumerable<Outcome> tests)
    {
        var all = tests.ToArray();
        return new(all[0].Task!.Label, $"{(all[0].Test.Factor is null ? "effect" : "ratio")}, {all[0].Measure!.Title}",
            [.. all.Select(t => new Effect(t.Short, t.Effect, t.Low, t.High, t.Verdict is Verdict.Holds or Verdict.Contradicted, t.Verdict == Verdict.Contradicted ? 1 : 0))],
            all[0].Test.Factor is null ? 0 : 1, all[0].Test.Factor is null ? all[0].Test.Margin : 0);
    }
}
