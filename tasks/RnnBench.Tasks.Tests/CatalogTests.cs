using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Tasks.Tests;

public class CatalogTests
{
    /// <summary>The settings of training that a recipe may name; what begins with <c>model.</c> or <c>model?.</c> goes to the model.</summary>
    static readonly string[] keys =
    [
        "batch", "bptt", "optimizer", "learning_rate", "momentum", "beta1", "beta2", "epsilon", "rms_decay", "decay", "decay_after",
        "clip_norm", "clip_value", "plateau", "loss", "dropout", "init", "embedding", "epochs", "steps", "evaluate_every", "weight_decay", "choose",
        "nesterov", "tied", "softmax", "cutoffs",
    ];

    public static TheoryData<string> Ids => [.. Catalog.All.Select(e => e.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void Every_recipe_is_in_the_agreed_words(string id)
    {
        var recipes = Support.Task(id).Recipes;
        Assert.NotEmpty(recipes);
        Assert.Equal(recipes.Count, recipes.DistinctBy(r => r.Name).Count());
        foreach (var recipe in recipes)
        {
            Assert.NotEqual("", recipe.Source);
            Assert.True(recipe.Settings.ContainsKey("epochs") ^ recipe.Settings.ContainsKey("steps"), recipe.Name);
            Assert.Contains(recipe.Settings["optimizer"], new[] { "sgd", "adam", "rmsprop", "adagrad" });
            Assert.Contains(recipe.Settings["loss"], new[] { "mean", "sum_steps" });
            foreach (var (key, value) in recipe.Settings)
            {
                Assert.True(keys.Contains(key) || key.StartsWith("model.") || key.StartsWith("model?."), key);
                if (key is "optimizer" or "loss" or "init" or "nesterov" or "softmax" or "cutoffs" or "choose") continue;
                Assert.True(double.Parse(value, CultureInfo.InvariantCulture) >= 0, $"{key}={value}");
            }
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void Every_task_says_how_it_judges(string id)
    {
        var task = Support.Task(id);
        Assert.Equal(id, task.Text);
        Assert.NotEqual("", task.Protocol);
        Assert.Equal("loss", task.Metrics[0].Name);
        Assert.Equal(task.Metrics.Count, task.Metrics.DistinctBy(m => m.Name).Count());
        if (task.Solved is { } solved) Assert.True(solved < task.Baseline);
    }

    [Theory]
    [InlineData("copy(T=20)", "copy(T=20)")]
    [InlineData("copy(length=10, T=+020)", "copy(T=20)")]
    [InlineData("adding(markers=anywhere,T=50)", "adding(T=50,markers=anywhere)")]
    [InlineData("ptb(tokens=0,eval_batch=1)", "ptb(eval_batch=1)")]
    public void The_canonical_text_holds_what_differs_from_the_defaults(string written, string canonical)
    {
        var task = TaskEntry.Build(Catalog.All, Notation.Parse(written));
        Assert.Equal(canonical, task.Text);
        Assert.Equal(canonical, TaskEntry.Build(Catalog.All, Notation.Parse(task.Text)).Text);
    }

    [Theory]
    [InlineData("copy", "T", "0")]
    [InlineData("copy", "T", "-5")]
    [InlineData("copy", "T", "100001")]
    [InlineData("copy", "T", "99999999999999999999")]
    [InlineData("copy", "T", "ten")]
    [InlineData("copy", "T", "1.5")]
    [InlineData("copy", "symbols", "1")]
    [InlineData("copy", "symbols", "1001")]
    [InlineData("copy", "length", "0")]
    [InlineData("copy", "length", "-1")]
    [InlineData("copy", "eval_sequences", "0")]
    [InlineData("adding", "T", "1")]
    [InlineData("adding", "T", "-100")]
    [InlineData("adding", "T", "")]
    [InlineData("adding", "markers", "thirds")]
    [InlineData("adding", "markers", "Halves")]
    [InlineData("arithmetic", "digits", "0")]
    [InlineData("arithmetic", "digits", "16")]
    [InlineData("arithmetic", "distractors", "-1")]
    [InlineData("xml", "T", "49")]
    [InlineData("xml", "depth", "0")]
    [InlineData("memorise", "length", "0")]
    [InlineData("memorise", "symbols", "1")]
    [InlineData("smnist", "images", "55001")]
    [InlineData("smnist", "eval_images", "5001")]
    [InlineData("smnist", "scale", "byte")]
    [InlineData("smnist", "permutation", "1")]
    [InlineData("pmnist", "permutation", "-1")]
    [InlineData("music", "set", "bach")]
    [InlineData("sst-5", "form", "graph")]
    [InlineData("sst-2", "sentences", "8545")]
    [InlineData("sst-2", "spans", "-1")]
    [InlineData("imdb", "cut", "0")]
    [InlineData("imdb", "keep", "middle")]
    [InlineData("moving-digits", "size", "15")]
    [InlineData("moving-digits", "source", "letters")]
    [InlineData("pcfg", "form", "graph")]
    [InlineData("pcfg", "sentences", "9")]
    [InlineData("ptb-char", "tokens", "5017483")]
    [InlineData("wikitext-2", "eval_tokens", "-1")]
    [InlineData("ptb", "tokens", "-1")]
    [InlineData("ptb", "tokens", "929590")]
    [InlineData("ptb", "eval_tokens", "73761")]
    [InlineData("ptb", "eval_batch", "0")]
    public void A_wrong_value_names_task_and_setting(string id, string key, string value)
    {
        var message = Support.Fails(() => Support.Task(id, (key, value)));
        Assert.Contains(id, message);
        Assert.Contains(key, message);
    }

    [Fact]
    public void Unknown_names_are_answered_with_the_known_ones()
    {
        Assert.Contains("copy, adding, ", Support.Fails(() => Support.Task("copying")));
        Assert.Contains("markers", Support.Fails(() => Support.Task("adding", ("marker", "halves"))));
        Assert.Contains("twice", Support.Fails(() => Support.Task("copy", ("T", "5"), ("T", "6"))));
        Assert.Contains("rewriting", Support.Fails(() => TaskEntry.Build(Catalog.All, new Notation("copy", [], ["o=1"]))));
    }

    [Fact]
    public void The_default_of_penn_treebank_is_the_published_small_network()
    {
        var recipe = Support.Task("ptb").Recipes[0];
        Assert.Equal("zaremba-small", recipe.Name);
        // Two layers of 200, all weights from U(-0.1, 0.1), 20 x 20, rate 1 for 4 of 13 epochs, then halved; norm clip 5.
        Assert.Equal(["200", "2", "uniform:0.1", "20", "20"], Of("model.hidden", "model.layers", "init", "batch", "bptt"));
        Assert.Equal(["sgd", "1", "4", "13", "0.5"], Of("optimizer", "learning_rate", "decay_after", "epochs", "decay"));
        Assert.Equal(["5", "sum_steps", "0", "0"], Of("clip_norm", "loss", "dropout", "model?.forget_bias"));

        IEnumerable<string> Of(params string[] keys) => keys.Select(k => recipe.Settings[k]);
    }
}
