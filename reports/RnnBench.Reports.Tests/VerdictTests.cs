using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Verdicts;
using RnnBench.Results;

namespace RnnBench.Reports.Tests;

/// <summary>Verdicts and gate effects from stored runs.</summary>
public sealed class VerdictTests : IDisposable
{
    readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    static readonly System.Collections.Concurrent.ConcurrentDictionary<int, ReportData> loaded = [];

    /// <summary>Made once: a store is slow to fill.</summary>
    static ReportData Data(int seeds = 6) => loaded.GetOrAdd(seeds, n =>
    {
        using var folder = new TestFolder();
        using var store = StudySamples.Study(folder["x.db"], n);
        return Loader.Load(store, new RunFilter { Study = "gates" });
    });

    static Judgement Of(ReportData data, string claim) => Judge.Of(data.Claims.Single(c => c.Id == claim), data);

    [Theory]
    [InlineData("gates-solve", "Undecided", "too few seeds (needs 8)")]       // four tests: 2^-5 = 0.031 against 0.0125
    [InlineData("rnn-best", "Undecided", "too few seeds (needs 7)")]          // two tasks: two tests
    [InlineData("output-idle", "Holds", "equivalent within the margin")]
    [InlineData("output-matters", "Undecided", "too few seeds (needs 7)")]
    [InlineData("not-there", "NotRun", "no run of it")]
    [InlineData("fast", "Holds", "the whole interval is above the factor")]
    [InlineData("small", "Holds", "exact")]
    [InlineData("reach", "Undecided", "too few seeds (needs 7)")]
    public void Six_seeds(string claim, string verdict, string why)
    {
        var judgement = Of(Data(), claim);
        Assert.Equal(verdict, judgement.Verdict.ToString());
        Assert.All(judgement.Tests, test => Assert.Equal(why, test.Why));
    }

    [Theory]
    [InlineData("gates-solve", "Holds")]
    [InlineData("rnn-best", "Contradicted")]
    [InlineData("saturate", "Holds")]
    [InlineData("reach", "Holds")]
    [InlineData("output-matters", "Undecided")]                                // whatever is found lies within the margin
    public void Ten_seeds(string claim, string verdict) => Assert.Equal(verdict, Of(Data(10), claim).Verdict.ToString());

    [Fact]
    public void A_test_reports_its_numbers()
    {
        var test = Of(Data(10), "rnn-best").Tests[0];
        Assert.Equal(("adding(T=100)", 10, 2.0 * 2 / 1024), (test.Task!.Text, test.Pairs, test.P));      // two tests, each at its least p of 2^-9
        Assert.InRange(test.Effect, -0.165, -0.15);
        Assert.InRange(test.Effect, test.Low, test.High);
    }

    static Judgement Judged(ReportData data, string test) => Judge.Of(new Claim("x", "", "", $$"""{"need":"all","tests":[{{test}}]}"""), data);

    [Theory]
    [InlineData("""{"no_worse":"lstm[o=1]","than":"lstm","by":"figure"}""", "Holds", "no worse than the margin")]
    [InlineData("""{"no_worse":"lstm","than":"rnn","by":"figure"}""", "Holds", "no worse than the margin")]                        // better is no worse
    [InlineData("""{"no_worse":"rnn","than":"lstm","by":"figure"}""", "Contradicted", "significantly different, beyond the margin")]
    [InlineData("""{"equal":"lstm","to":"rnn","by":"figure"}""", "Contradicted", "significantly different, beyond the margin")]
    [InlineData("""{"better":"rnn","than":"lstm","by":"time_to_target","factor":0.1}""", "Holds", "the whole interval is above the factor")]
    public void Ten_seeds_decide(string test, string verdict, string why)
    {
        var judgement = Judged(Data(10), test);
        Assert.Equal((verdict, 2), (judgement.Verdict.ToString(), judgement.Tests.Count));
        Assert.All(judgement.Tests, outcome => Assert.Equal(why, outcome.Why));
    }

    [Fact]
    public void A_test_may_leave_a_task_out() =>
        Assert.Equal("adding(T=50)", Assert.Single(Judged(Data(), """{"better":"lstm","than":"rnn","by":"figure","except":"adding(T=100)"}""").Tests).Task!.Text);

    [Fact]
    public void Models_that_ran_in_several_ways_are_compared_way_by_way()
    {
        Run Timed(string model, int batch, long seed, double seconds) => new($"{model} {batch} {seed}", model, "adding", seed, "plain", "done", null, "eager", "cpu", "float32", 1, 10, 2, 100, 1,
            "2026-01-15T09:00:00Z", null, 1, $$$"""{"model":"{{{model}}}","training":{"batch":"{{{batch}}}","rate":"{{{model}}}"}}""") { Arms = [model], Timing = new(10, 1000, 0, seconds, 0, 0, 0) };
        var data = new ReportData
        {
            Runs = [.. Enumerable.Range(1, 3).SelectMany(s => new[] { Timed("sru", 32, s, 1), Timed("sru", 1, s, 2), Timed("lstm", 1, s, 4 + 0.01 * s), Timed("lstm", 32, s, 16 + 0.01 * s) })],
            Files = [], Machines = [], Studies = [], Figures = Array.Empty<(string Task, TaskFigure Figure)>().ToLookup(f => f.Task, f => f.Figure),
        };
        string Factors(string with) => string.Join(", ", Judged(data, $$"""{"better":"sru","than":"lstm","by":"tokens_per_second","factor":1{{with}}}""").Tests.Select(t => $"{t.Test.Model}/{t.Test.Other} {t.Effect:F0}").Order());
        Assert.Equal("sru(batch=1)/lstm(batch=1) 2, sru(batch=32)/lstm(batch=32) 16", Factors(""));
        Assert.Equal("sru/lstm 2", Factors(""","with":"batch=1" """));
    }

    [Theory]
    [InlineData("all", new[] { Verdict.Holds, Verdict.Holds }, Verdict.Holds)]
    [InlineData("all", new[] { Verdict.Holds, Verdict.Contradicted }, Verdict.Contradicted)]
    [InlineData("all", new[] { Verdict.Holds, Verdict.NotRun }, Verdict.Undecided)]
    [InlineData("all", new[] { Verdict.NotRun, Verdict.NotRun }, Verdict.NotRun)]
    [InlineData("any", new[] { Verdict.Contradicted, Verdict.Holds }, Verdict.Holds)]
    [InlineData("any", new[] { Verdict.Contradicted, Verdict.Undecided }, Verdict.Undecided)]
    [InlineData("any", new[] { Verdict.Contradicted, Verdict.Contradicted }, Verdict.Contradicted)]
    [InlineData("most", new[] { Verdict.Holds, Verdict.Holds, Verdict.Contradicted }, Verdict.Holds)]
    [InlineData("most", new[] { Verdict.Holds, Verdict.Contradicted, Verdict.Contradicted }, Verdict.Contradicted)]
    [InlineData("most", new[] { Verdict.Holds, Verdict.Undecided, Verdict.Contradicted }, Verdict.Undecided)]
    internal void Tests_add_up_to_a_verdict(string need, Verdict[] tests, Verdict verdict) => Assert.Equal(verdict, new Rule(need, []).Conclude(tests));

    [Theory]
    [InlineData("adding", true)]
    [InlineData("adding(T=50)", true)]
    [InlineData("adding(T=5)", false)]
    [InlineData("=adding(T=50)", false)]
    [InlineData("=adding(T=50,eval_sequences=200)", true)]
    [InlineData("copy", false)]
    [InlineData("no notation(", false)]
    public void A_test_covers_the_tasks_that_it_names(string on, bool covers) =>
        Assert.Equal(covers, new RuleTest("better", "a", "b", "figure", on, 0, 0, null).Covers("adding(T=50,eval_sequences=200)"));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"need\":\"all\"}")]
    [InlineData("{\"need\":\"all\",\"tests\":[{\"nothing\":1}]}")]
    public void A_rule_that_nobody_can_read_is_not_run(string rule) => Assert.Equal(Verdict.NotRun, Judge.Of(new Claim("x", "", "", rule), Data(1)).Verdict);

    [Fact]
    public void A_gate_that_matters_is_found_and_one_that_does_not_is_shown_equivalent()
    {
        var effects = GateEffects.Of(Data(8)).Where(e => e.Task.Text == "adding(T=50)").ToDictionary(e => $"{e.Name} {e.When}");
        var forget = effects["lstm[f=1] in training"];
        Assert.True(forget is { IsFound: true, IsEquivalent: false });
        Assert.InRange(forget.Comparison.Difference.Estimate, 0.11, 0.125);
        Assert.True(effects["lstm[o=1] in training"].IsEquivalent);
        Assert.True(effects["lstm[f=0] after training"] is { IsFound: true, IsEquivalent: false });
        Assert.True(effects["lstm[i=1] after training"].IsEquivalent);
        Assert.Equal(0.01, forget.Margin);
    }

    [Fact]
    public void Trials_are_no_results()
    {
        var data = Data();
        Assert.Equal(5 * 4 * 2, data.Trials.Count);
        Assert.All(data.Runs, run => Assert.NotEqual(0, run.Seed));
        Assert.Equal(["gru", "lstm", "lstm[f=1]", "lstm[o=1]", "rnn"], data.Labels.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_what_a_test_finds_is_bold()
    {
        Table Results(int seeds)
        {
            using var store = StudySamples.Study(folder[$"bold{seeds}.db"], seeds);
            return ReportWriter.Build(store, new RunFilter { Study = "gates" }, new ReportOptions { Title = "t", Folder = folder["out"] }).Tables.Single(t => t.Id == "results-adding-t-50");
        }
        Assert.DoesNotContain(Results(5).Rows.SelectMany(row => row), cell => cell.Strong);
        Assert.EndsWith("Too few seeds for a test: it needs 8.", Results(5).Caption, StringComparison.Ordinal);       // four rivals: 2^-7 against 0.0125
        var bold = Results(10).Rows.Where(row => row.Any(cell => cell.Strong)).Select(row => row[0].Text).ToArray();
        Assert.Contains("rnn", bold);
    }
}
