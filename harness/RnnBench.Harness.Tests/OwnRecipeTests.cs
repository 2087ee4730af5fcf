using RnnBench.Language;

namespace RnnBench.Harness.Tests;

/// <summary>The recipes that architectures bring along.</summary>
public sealed class OwnRecipeTests
{
    public static TheoryData<string, string> Recipes =>
        [.. Architectures.Catalog.All.SelectMany(a => a.Recipes.Select(recipe => (a.Id, recipe.Name)))];

    /// <summary>Each can be planned on the task that it is named for, or on one that its architecture reads, and says what it says.</summary>
    [Theory]
    [MemberData(nameof(Recipes))]
    public void Each_recipe_can_be_asked_for(string model, string name)
    {
        var architecture = Architectures.Catalog.All.First(a => a.Id == model);
        var usual = new Notation(model, [.. architecture.Usual.Where(s => s.Key != "hidden")], []).ToString();
        var built = Model.Build(Architectures.Catalog.All, Notation.Parse(usual).WithDefaults([KeyValuePair.Create("hidden", "4")]), 2);
        var task = RnnBench.Tasks.Catalog.All.Any(t => t.Id == name) ? name : built.Arity is not null ? "sst-5(form=tree)" : built.EachStep ? "ptb" : "imdb";
        var planned = new ExperimentRequest { Model = usual, Task = task, Recipe = name }.Plan(Lab.Catalogs);
        foreach (var (key, value) in architecture.Recipes.First(r => r.Name == name).Settings.Where(s => !s.Key.StartsWith("model", StringComparison.Ordinal)))
            Assert.Equal(TrainingSettings.Write(Settings.Read("training", TrainingSettings.Declared, [KeyValuePair.Create(key, value)])).GetValueOrDefault(key), planned.Training.GetValueOrDefault(key));
    }

    [Theory]
    [InlineData("tcn", "adding", "adam")]
    [InlineData("tcn", "copy", "rmsprop")]
    [InlineData("tcn", "ptb", "sgd")]
    [InlineData("cw-rnn", "copy", "sgd")]
    public void Own_is_the_one_for_the_task_or_the_first(string model, string task, string optimizer) =>
        Assert.Equal(optimizer, new ExperimentRequest { Model = model, Task = task, Recipe = Recipe.Own }.Plan(Lab.Catalogs).Training["optimizer"]);

    /// <summary>The authors of skim-rnn choose by accuracy, which numbers do not have.</summary>
    [Theory]
    [InlineData("adding", "last")]
    [InlineData("imdb", "accuracy")]
    public void Own_chooses_by_a_figure_of_the_task(string task, string choose) =>
        Assert.Equal(choose, new ExperimentRequest { Model = "skim-rnn", Task = task, Recipe = Recipe.Own }.Plan(Lab.Catalogs).Training["choose"]);

    /// <summary>Where batches are drawn afresh there are no epochs: the length is the task's, and the rate the project's where that for words is too high.</summary>
    [Theory]
    [InlineData("ran", "copy", "1", "0", "0.001")]
    [InlineData("qrnn", "adding", "1", "0", "0.001")]
    [InlineData("sru", "copy", "1", "0", "0.001")]
    [InlineData("scrnn", "copy", "0.8333333333333334", "0", "0.05")]
    [InlineData("statistical-ru", "adding", "0.9", "0", "0.1")]
    [InlineData("ran", "ptb", "0.8", "6", "1")]
    public void Own_counts_as_the_task_does(string model, string task, string decay, string after, string rate)
    {
        var planned = new ExperimentRequest { Model = model, Task = task, Recipe = Recipe.Own }.Plan(Lab.Catalogs);
        Assert.Equal((decay, after, rate), (planned.Training["decay"], planned.Training["decay_after"], planned.Training["learning_rate"]));
        Assert.Equal(task == "ptb", planned.Training["steps"] == "0");
        Assert.Equal(task != "ptb", planned.Training["epochs"] == "0");
        if (task != "ptb") Preflight.Check(Lab.Catalogs, [planned], null);
    }
}
