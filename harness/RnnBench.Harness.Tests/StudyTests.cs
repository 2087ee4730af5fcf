using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness.Tests;

public class StudyTests
{
    const string Text = """
        name: tiny
        title: A study for tests
        question: Does it run?
        models: [rnn, "lstm(hidden=4)"]
        tasks:
          - alphabet
          - task: copy(T=3,length=2,eval_sequences=10)
            settings: {steps: 3}
            seeds: 1
          - task: ptb(tokens=1000)
            recipe: plain
            requires: ptb
        seeds: 1..2
        settings:
          epochs: 1
          batch: 4
          model.hidden: 5
        sizes:
          smoke: {steps: 2, seeds: [7]}
          paper: {models: gru, tasks: [alphabet]}
        """;

    static readonly RunSetup setup = new() { Backend = "eager", Threads = 1, Probes = ProbePlan.None };

    static StudyPlan Plan(string text, string? size = null, string? data = null) => StudyPlan.Of(Lab.Catalogs, StudyFile.Parse("tiny.yaml", text), size, setup, data);

    [Fact]
    public void Runs_are_planned_seed_by_seed_and_missing_data_is_told()
    {
        var plan = Plan(Text);
        Assert.Equal(
        [
            "1 alphabet rnn(hidden=5)", "1 alphabet lstm(hidden=4,forget_bias=0)", "1 copy rnn(hidden=5)", "1 copy lstm(hidden=4)",
            "2 alphabet rnn(hidden=5)", "2 alphabet lstm(hidden=4,forget_bias=0)",
        ], plan.Experiments.Select(e => $"{e.Seed} {e.Task.Split('(')[0]} {e.Model}"));
        Assert.Contains("ptb", Assert.Single(plan.Skipped));
        Assert.Equal(("1", "0"), (plan.Experiments[0].Training["epochs"], plan.Experiments[0].Training["steps"]));
        Assert.Equal(("0", "3"), (plan.Experiments[2].Training["epochs"], plan.Experiments[2].Training["steps"]));
        Assert.All(plan.Experiments, e => Assert.Equal("4", e.Training["batch"]));
    }

    [Fact]
    public void A_task_whose_data_is_there_is_not_skipped()
    {
        using var lab = new Lab();
        Directory.CreateDirectory(Path.Combine(lab.Folder, "ptb"));
        foreach (var part in new[] { "train", "valid", "test" }) File.WriteAllText(Path.Combine(lab.Folder, "ptb", $"ptb.{part}.txt"), " a \n");
        Assert.Empty(Plan(Text, data: lab.Folder).Skipped);
    }

    [Fact]
    public void Sizes_replace_what_they_name()
    {
        var smoke = Plan(Text, "smoke").Experiments;
        Assert.Equal(4, smoke.Count);
        Assert.All(smoke, e => Assert.Equal((7L, "2", "0"), (e.Seed, e.Training["steps"], e.Training["epochs"])));
        Assert.Equal(["gru(hidden=5)"], Plan(Text, "paper").Experiments.Select(e => e.Model).Distinct());
        Assert.Contains("smoke, paper", Assert.Throws<UserError>(() => Plan(Text, "cpu")).Message);
    }

    [Fact]
    public void A_study_runs_goes_on_and_is_recorded()
    {
        using var lab = new Lab();
        var stop = new StopAt(2);
        var plan = Plan(Text, "smoke");
        Assert.Single(new StudyRunner(Lab.Catalogs, lab.Store, lab.Options with { Progress = stop }).Run(plan, "rnnbench study tiny", stop.Token));
        var results = new StudyRunner(Lab.Catalogs, lab.Store, lab.Options).Run(plan, "rnnbench study tiny", default);
        Assert.All(results, r => Assert.Equal(RunStatus.Done, r.Status));
        Assert.Equal(4L, lab.Store.Query("SELECT count(*) FROM study_runs JOIN studies ON studies.id = study WHERE name = 'tiny' AND study = 2").Rows[0][0]);
        Assert.All(new StudyRunner(Lab.Catalogs, lab.Store, lab.Options).Run(plan, "again", default), r => Assert.True(r.Repeated));
    }

    [Theory]
    [InlineData("question: Does it run?", "questions: Does it run?", "line 3", "questions", "question")]
    [InlineData("models: [rnn, \"lstm(hidden=4)\"]", "models: []", "line 4", "models", "nothing")]
    [InlineData("models: [rnn, \"lstm(hidden=4)\"]", "models: {a: b}", "line 4", "models", "text")]
    [InlineData("models: [rnn, \"lstm(hidden=4)\"]", "models: [rnn, \"lstm(hidden\"]", "line 4", "models", "lstm(hidden")]
    [InlineData("    seeds: 1\n", "    seed: 1\n", "line 9", "seed", "seeds")]
    [InlineData("seeds: 1..2", "seeds: 2..1", "line 13", "seeds", "1..5")]
    [InlineData("  batch: 4", "  batches: 4", "line 16", "batches", "batch")]
    [InlineData("  batch: 4", "  batch: four", "line 16", "batch", "whole number")]
    [InlineData("smoke: {steps: 2, seeds: [7]}", "smoke: {step: 2}", "line 19", "step", "steps")]
    [InlineData("smoke: {steps: 2, seeds: [7]}", "tiny: {steps: 2}", "line 19", "tiny", "smoke, cpu, paper")]
    [InlineData("title: A study for tests", "title: [", "tiny.yaml", "YAML")]
    [InlineData("name: tiny\n", "name: tiny\n\tx: y\n", "line", "YAML")]
    [InlineData("name: tiny\n", "", "line 1", "name", "a study needs")]
    [InlineData("name: tiny\n", "name: tiny\nname: tiny\n", "line", "tiny.yaml", "name")]
    public void Wrong_files_are_told_by_line_and_key(string right, string wrong, params string[] named)
    {
        Assert.Contains(right, Text);
        var message = Assert.Throws<UserError>(() => Plan(Text.Replace(right, wrong))).Message;
        Assert.StartsWith("tiny.yaml", message);
        Assert.All(named, word => Assert.Contains(word, message));
    }

    [Theory]
    [InlineData("- alphabet", "- alphabets", "alphabets")]
    [InlineData("models: [rnn, ", "models: [rnnn, ", "rnnn")]
    [InlineData("recipe: plain", "recipe: fancy", "fancy")]
    [InlineData("requires: ptb", "requires: ptp", "ptp")]
    public void What_there_is_not_is_named(string right, string wrong, string named) =>
        Assert.Contains(named, Assert.Throws<UserError>(() => Plan(Text.Replace(right, wrong))).Message);

    [Fact]
    public void A_file_that_is_not_there_is_named() => Assert.Contains("nothing.yaml", Assert.Throws<UserError>(() => StudyFile.Read("nothing.yaml")).Message);

    [Theory]
    [InlineData("3", new long[] { 3 })]
    [InlineData("1..3", new long[] { 1, 2, 3 })]
    [InlineData("5, 1..2", new long[] { 5, 1, 2 })]
    public void Seeds_are_read(string text, long[] seeds) => Assert.Equal(seeds, SeedList.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1...3")]
    [InlineData("1..2..3")]
    [InlineData("1,1")]
    [InlineData("1..100000000")]
    [InlineData("99999999999999999999")]
    public void Wrong_seeds_are_refused(string text) => Assert.Contains("seeds", Assert.Throws<UserError>(() => SeedList.Parse(text)).Message);
}
