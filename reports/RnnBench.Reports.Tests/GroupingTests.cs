using RnnBench.Reports.Data;

namespace RnnBench.Reports.Tests;

public sealed class GroupingTests
{
    [Theory]
    [InlineData("lstm(hidden=128)", "lstm(hidden=128)", "lstm")]
    [InlineData("lstm(hidden=128)", "lstm(hidden=64)", "lstm(hidden=128)", "lstm(hidden=64)")]
    [InlineData("lstm(hidden=128)", "lstm(hidden=128)[o=1]", "lstm", "lstm[o=1]")]
    [InlineData("lstm(hidden=128)", "lstm(hidden=128,forget_bias=0)", "lstm", "lstm(forget_bias=0)")]
    [InlineData("gru(hidden=90,layers=2)", "lstm(hidden=80,layers=2)", "gru", "lstm")]
    [InlineData("no notation(", "gru", "no notation(", "gru")]
    public void A_label_says_what_tells_a_model_from_its_rivals(string one, string other, params string[] labels) =>
        Assert.Equal(labels, View(Run(one, 1, "{}"), Run(other, 2, "{}")).Groups.Select(group => group.Label));

    [Fact]
    public void Runs_that_differ_in_their_seed_only_are_one_group()
    {
        var group = Assert.Single(View(Run("gru", 1, """{"seed":1,"training":{"lr":"1"}}"""), Run("gru", 2, """{"seed":2,"training":{"lr":"1"},"probes":{"batch":32}}""")).Groups);
        Assert.Equal(2, group.Runs.Count);
    }

    [Fact]
    public void Two_ways_to_train_are_two_groups_and_the_label_says_how() =>
        Assert.Equal(["gru(lr=1)", "gru(lr=0.1)"], View(Run("gru", 1, """{"training":{"lr":"1","batch":"20"}}"""), Run("gru", 1, """{"training":{"lr":"0.1","batch":"20"}}""")).Groups.Select(g => g.Label));

    [Fact]
    public void Runs_of_an_edited_cell_are_another_group() =>
        Assert.Equal(["gru(equations=a)", "gru(equations=b)"], View(Run("gru", 1, """{"equations":"a"}"""), Run("gru", 2, """{"equations":"b"}""")).Groups.Select(g => g.Label).Order(StringComparer.Ordinal));

    [Fact]
    public void Runs_that_do_not_say_their_equations_go_with_those_that_do() =>
        Assert.Equal(2, Assert.Single(View(Run("gru", 1, "{}"), Run("gru", 2, """{"equations":"b"}""")).Groups).Runs.Count);

    [Fact]
    public void Tasks_that_differ_in_a_letter_only_have_files_of_their_own() => Assert.Equal(["copy-t-20", "copy-t-20--2", "task"],
        Grouping.Tasks(Data([.. new[] { "copy(T=20)", "copy(t=20)", "中" }.Select(task => Run("gru", 1, "{}") with { Task = task })])).Select(task => task.Id));

    static TaskView View(params Run[] runs) => Assert.Single(Grouping.Tasks(Data(runs)));

    static ReportData Data(Run[] runs) => new()
    {
        Runs = runs, Files = [], Machines = [], Studies = [], Figures = Array.Empty<(string Task, TaskFigure Figure)>().ToLookup(f => f.Task, f => f.Figure),
    };

    static Run Run(string model, long seed, string experiment) => new($"{model} {seed} {experiment}", model, "copy", seed, "default", "done", null, "eager", "cpu", "float32",
        1, 10, 2, 100, 1, $"2026-01-15T09:00:0{(model == "gru" && seed == 1 && experiment.Contains("0.1") ? 9 : seed)}Z", null, 1, experiment);
}
