using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Verdicts;

namespace RnnBench.Reports.Sections;

/// <summary>The claims of the study: the verdict of each, with the numbers and the plot that carry it.</summary>
static class ClaimVerdicts
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        if (data.Claims.Count == 0) return [];
        var judgements = data.Claims.Select(claim => Judge.Of(claim, data)).ToArray();
        return [
            new Table("verdicts", "What the stored runs say of each claim.", ["claim", "verdict", "what it says", "source", "tests that hold"],
                [.. judgements.Select(j => (IReadOnlyList<Cell>)[
                    j.Claim.Id, new Words(Judgement.Text(j.Verdict)) { Strong = j.Verdict is Verdict.Holds or Verdict.Contradicted }, j.Claim.Statement, j.Claim.Source,
                    $"{j.Tests.Count(t => t.Verdict == Verdict.Holds)} of {j.Tests.Count}"])]),
            new Paragraph("Differences are paired by seed and counted positive where they are as claimed. A difference needs p at most 0.05 in the exact sign-flip test, Holm's correction over "
                + "the tests of a claim; equality two one-sided tests within the margin; a factor a 95 % interval of the ratio on one side of it. Too few seeds are no verdict."),
            .. judgements.Where(j => j.Verdict != Verdict.NotRun).SelectMany(One),
        ];
    }

    static IEnumerable<Block> One(Judgement judgement)
    {
        var shown = judgement.Tests.Where(test => test.Measure is not null).ToArray();
        yield return new Heading($"{judgement.Claim.Id}: {Judgement.Text(judgement.Verdict)}");
        yield return new Paragraph($"{judgement.Claim.Statement}{(judgement.Claim.Source.Length > 0 ? $" ({judgement.Claim.Source})" : "")}.");
        var table = new Table($"claim-{judgement.Claim.Id}", $"The tests of {judgement.Claim.Id}. Intervals: 95 % BCa bootstrap of the paired difference; 90 % by Student's t for equality; "
            + "95 % by Student's t for factors.", ["test", "task", "measure", "effect", "pairs", "p", "verdict", "why"],
            [.. judgement.Tests.Select(t => (IReadOnlyList<Cell>)[
                t.Words, t.Task?.Text ?? t.Test.On ?? "", t.Measure?.Title ?? t.Test.By, Interval.Of(t.Effect, t.Low, t.High), t.Pairs, Number.Of(t.P, 2),
                new Words(Judgement.Text(t.Verdict)) { Strong = t.Verdict is Verdict.Holds or Verdict.Contradicted }, t.Why])]);
        yield return table;
        if (shown.Any(test => double.IsFinite(test.Low)))
            yield return new Figure($"claim-{judgement.Claim.Id}", $"The effects behind {judgement.Claim.Id}: to the right of the line as claimed; the band is the margin; filled marks hold or contradict.",
                [], [.. shown.GroupBy(test => (test.Task, test.Measure!.Title, test.Test.Factor is null, test.Test.Margin)).Select(Panel)], table);
    }

    static ForestPanel Panel(IEnumerable<Outcome> tests)
    {
        var all = tests.ToArray();
        return new(all[0].Task!.Text, all[0].Test.Factor is null ? all[0].Measure!.Title : $"ratio, {all[0].Measure!.Title}",
            [.. all.Select(t => new Effect(t.Words, t.Effect, t.Low, t.High, t.Verdict is Verdict.Holds or Verdict.Contradicted, t.Verdict == Verdict.Contradicted ? 1 : 0))],
            all[0].Test.Factor is null ? 0 : 1, all[0].Test.Factor is null ? all[0].Test.Margin : 0);
    }
}
