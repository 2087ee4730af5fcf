using System.Text.Json;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness.Tests;

/// <summary>Sets, equal size, search, halving, claims, fixed gates.</summary>
public class StudyMachineryTests
{
    const string Text = """
        name: tiny
        title: A study for tests
        claims:
          - id: remembers
            claim: The LSTM is better
            source: A test
            need: any
            tests:
              - {better: lstm, than: [rnn, gru], by: figure, margin: 0.01}
              - {equal: lstm, to: gru, by: solved, margin: 0.2, on: alphabet}
        models: [rnn, lstm, gru]
        tasks: [alphabet]
        seeds: 1..2
        settings: {steps: 4, batch: 4, model.hidden: 5}
        search:
          trials: 4
          halving: 2
          space:
            learning_rate: log 1e-4 1e-1
            clip_norm: [1, 5]
        sizes:
          smoke: {models: [lstm], seeds: 1, search: {trials: 2}}
        """;

    static readonly RunSetup setup = new() { Backend = "eager", Threads = 1, Probes = new ProbePlan { Moments = [0, 1], Batch = 4 } };

    static StudyPlan Plan(string text, string? size = null) => StudyPlan.Of(Lab.Catalogs, StudyFile.Parse("tiny.yaml", text), size, setup, null);

    [Fact]
    public void Every_gate_is_fixed_to_one_to_zero_where_something_is_left_and_to_its_mean() => Assert.Equal(
        ["lstm[i=1]", "lstm[i=mean]", "lstm[f=1]", "lstm[f=0]", "lstm[f=mean]", "lstm[o=1]", "lstm[o=mean]"],
        ModelSets.Expand("every gate of lstm", Lab.Catalogs.Models));

    [Fact]
    public void Sets_hold_every_cell_and_what_they_name_can_be_built()
    {
        Assert.Equal(Lab.Catalogs.Models.Count, ModelSets.Expand("every cell", Lab.Catalogs.Models).Count);
        Assert.Contains("mgu", ModelSets.Expand("every gated cell", Lab.Catalogs.Models));
        Assert.Contains("gru[z=1]", ModelSets.Expand("every gate of every gated cell", Lab.Catalogs.Models));
        Assert.DoesNotContain("gru[z=0]", ModelSets.Expand("every gate of gru", Lab.Catalogs.Models));         // the state would stay at zero
        Assert.Contains("gated", Assert.Throws<UserError>(() => ModelSets.Expand("every gatet cell", Lab.Catalogs.Models)).Message);
    }

    [Theory]
    [InlineData("params 20k")]
    [InlineData("params 1e5")]
    public void Models_are_brought_to_equal_size(string match)
    {
        var plan = Plan(Text.Replace("seeds: 1..2", "seeds: 1\nmatch: " + match).Replace("[rnn, lstm, gru]", "[rnn, lstm, gru, 'lstm[o=1]', 'gru(hidden=7)']"));
        var target = EqualSize.Parse(match).Parameters;
        var sizes = plan.Runs.Where(run => !run.IsTrial).ToDictionary(run => run.Arm, run => Parts.Of(Lab.Catalogs, run.Experiment).Model.Parameters.Sum(p => (long)p.Count));
        Assert.All(sizes.Where(size => size.Key != "gru(hidden=7)"), size => Assert.InRange(size.Value, 0.97 * target, 1.03 * target));
        Assert.InRange(sizes["gru(hidden=7)"], 1, 2000);                       // its own size wins
    }

    [Fact]
    public void Trials_draw_the_same_for_every_model_and_halve()
    {
        var trials = Plan(Text).Runs.Where(run => run.IsTrial).ToArray();
        Assert.Equal(3 * (4 + 2 + 1), trials.Length);
        Assert.Equal(["1", "1", "1", "1", "2", "2", "4"], trials.Where(run => run.Arm == "gru").Select(run => run.Experiment.Training["steps"]));
        var rates = trials.GroupBy(run => run.Arm).Select(arm => string.Join(' ', arm.Select(run => run.Experiment.Training["learning_rate"]))).Distinct();
        Assert.Single(rates);
        Assert.All(trials, run => Assert.InRange(double.Parse(run.Experiment.Training["learning_rate"], System.Globalization.CultureInfo.InvariantCulture), 1e-4, 1e-1));
        Assert.Equal(2 + 1 + 1, Plan(Text, "smoke").Runs.Count);
    }

    [Fact]
    public void A_search_chooses_the_best_trial_and_keeps_the_whole_table()
    {
        using var lab = new Lab();
        var plan = Plan(Text.Replace("models: [rnn, lstm, gru]", "models: [lstm]").Replace("  halving: 2\n", ""));
        var results = new StudyRunner(Lab.Catalogs, lab.Store, lab.Options).Run(plan, "rnnbench study tiny", default);
        Assert.All(results, r => Assert.Equal(RunStatus.Done, r.Status));
        var entries = lab.Store.Query(Queries.Entries, new RunFilter { Study = "tiny" });
        var trials = entries.Rows.Where(row => (string)row["part"] == "trial").ToArray();
        Assert.Equal(4, trials.Length);
        var best = Assert.Single(trials, row => (long)row["chosen"] == 1);
        Assert.Equal(trials.Min(row => (double)row["score"]), best["score"]);
        var finals = entries.Rows.Where(row => (string)row["part"] == "final").ToArray();
        Assert.Equal([1L, 2L], finals.Select(row => (long)row["seed"]));
        Assert.All(finals, row => Assert.Equal((best["trial"], best["settings"], "lstm"), (row["trial"], row["settings"], row["arm"])));
        Assert.Equal(["remembers"], lab.Store.Query(Queries.Claims, new RunFilter { Study = "tiny" }).Rows.Select(row => (string)row["id"]));
        var again = new StudyRunner(Lab.Catalogs, lab.Store, lab.Options).Run(plan, "again", default);
        Assert.All(again, r => Assert.True(r.Repeated));
    }

    [Fact]
    public void A_gate_is_fixed_to_the_mean_that_training_gave_it()
    {
        using var lab = new Lab();
        var text = Text[..Text.IndexOf("search:", StringComparison.Ordinal)].Replace("models: [rnn, lstm, gru]", "models: ['gru[z=mean]', gru]") + "fix_gates: true\n";
        new StudyRunner(Lab.Catalogs, lab.Store, lab.Options).Run(Plan(text), "rnnbench study tiny", default);
        var entries = lab.Store.Query(Queries.Entries, new RunFilter { Study = "tiny" }).Rows.ToArray();
        var means = lab.Store.Query("SELECT avg(mean) FROM gates JOIN runs ON run = key WHERE model = 'gru(hidden=5)' AND gate = 'z' AND step = 4").Rows[0][0];
        var expected = FormattableString.Invariant($"gru(hidden=5)[z={Math.Round((double)means, 2)}]");
        Assert.Equal([expected, expected], entries.Where(row => (string)row["arm"] == "gru[z=mean]").Select(row => (string)row["model"]));

        var fixes = lab.Store.Query(Queries.GateFixes).Rows.Where(row => (string)row["model"] == "gru(hidden=5)" && (long)row["seed"] == 1 && (string)row["metric"] == "loss")
            .ToDictionary(row => $"{row["gate"]}={row["fixed"]}", row => (double)row["result"]);
        Assert.Equal(["r=0", "r=1", "r=mean", "z=0", "z=1", "z=mean"], fixes.Keys.Order());
        Assert.Equal(6, fixes.Values.Distinct().Count());
    }

    [Fact]
    public void Claims_are_kept_as_their_pairs()
    {
        using var rule = JsonDocument.Parse(Assert.Single(Plan(Text).Study.Claims).Rule);
        Assert.Equal("any", rule.RootElement.GetProperty("need").GetString());
        Assert.Equal(["lstm>rnn", "lstm>gru"], rule.RootElement.GetProperty("tests").EnumerateArray().Take(2).Select(t => $"{t.GetProperty("better")}>{t.GetProperty("than")}"));
        Assert.Equal(0.2, rule.RootElement.GetProperty("tests")[2].GetProperty("margin").GetDouble());
    }

    [Fact]
    public void The_tasks_of_a_claim_are_named_as_the_store_names_them()
    {
        var claim = Plan(Text.Replace("on: alphabet", "on: [adding, 'copy(T=100)', xml], than_on: adding(T=50)")).Study.Claims[0].On(["adding(T=50)", "adding", "copy"], Lab.Catalogs);
        using var rule = JsonDocument.Parse(claim.Rule);
        Assert.Equal(["=adding(T=50)", "=adding", "=copy", "xml"], rule.RootElement.GetProperty("tests").EnumerateArray().Skip(2).Select(test => test.GetProperty("on").GetString()));
        Assert.All(rule.RootElement.GetProperty("tests").EnumerateArray().Skip(2), test => Assert.Equal("=adding(T=50)", test.GetProperty("than_on").GetString()));
    }

    [Fact]
    public void An_arm_may_name_its_backend()
    {
        var plan = Plan(Text.Replace("models: [rnn, lstm, gru]", "models: [rnn, rnn@library]"));
        Assert.Equal([("rnn", "eager"), ("rnn@library", "library")], plan.Runs.Select(run => (run.Arm, run.Experiment.Backend)).Distinct().Order());
        Assert.Single(plan.Runs.Select(run => run.Experiment.Model).Distinct());
    }

    [Fact]
    public void An_estimate_counts_what_is_open_from_measured_steps()
    {
        using var lab = new Lab();
        var plan = Plan(Text, "smoke");
        var estimate = new StudyEstimate(Lab.Catalogs, null, TimeProvider.System);
        var (done, open) = estimate.Of(plan, lab.Store, default);
        Assert.Equal((0, plan.Experiments.Count), (done, open.Count));
        Assert.All(open, run => Assert.InRange(run.Seconds, 1e-6, 60));
        new StudyRunner(Lab.Catalogs, lab.Store, lab.Options).Run(plan, "rnnbench study tiny", default);
        Assert.InRange(estimate.Of(plan, lab.Store, default).Done, 2, 3);     // the third trial is that of the better draw
    }

    [Theory]
    [InlineData("id: remembers", "ident: remembers", "line 4", "ident")]
    [InlineData("need: any", "need: some", "line 7", "all, any or most")]
    [InlineData("{better: lstm, than: [rnn, gru], by: figure, margin: 0.01}", "{better: lstm, by: figure}", "line 9", "better and than")]
    [InlineData("margin: 0.2", "margin: little", "line 10", "number")]
    [InlineData("log 1e-4 1e-1", "log 0 1", "line 19", "above 0")]
    [InlineData("  trials: 4", "  trials: none", "line 16", "trials")]
    [InlineData("seeds: 1..2", "match: 100k", "line 13", "params 100k")]
    [InlineData("seeds: 1..2", "budget: 3 days", "line 13", "90 min")]
    [InlineData("[rnn, lstm, gru]", "[every gaited cell]", "every gaited cell", "gated")]
    public void Mistakes_are_told(string right, string wrong, params string[] named)
    {
        Assert.Contains(right, Text);
        var message = Assert.Throws<UserError>(() => Plan(Text.Replace(right, wrong))).Message;
        Assert.All(named, word => Assert.Contains(word, message));
    }
}
