using System.Globalization;
using CsCheck;
using RnnBench.Language;

namespace RnnBench.Harness.Tests;

public class ExperimentTests
{
    static readonly Gen<Experiment> experiments = Gen.Select(Gen.String, Gen.Dictionary(Gen.String[Gen.Char['a', 'z'], 1, 6], Gen.String)[1, 5], Gen.Long, Gen.Int[1, 64], Gen.Double.Array[0, 4],
        (text, training, seed, threads, moments) => new Experiment
        {
            Model = "lstm" + text, Task = "copy", Recipe = "plain", Training = training, Seed = seed, Backend = "auto", Device = "cpu", DType = "float32",
            Threads = threads, Probes = new ProbePlan { Moments = [.. moments.Where(double.IsFinite)] },
        });

    [Fact]
    public void Equal_experiments_have_one_key_and_the_order_of_settings_does_not_matter() => experiments.Sample(e =>
    {
        var again = e with { Training = new Dictionary<string, string>(e.Training.Reverse()) };
        Assert.Equal(e, again);
        Assert.Equal(e.Key, again.Key);
        Assert.Equal(64, e.Key.Length);
    }, iter: 200);

    [Fact]
    public void Any_change_is_another_key() => experiments.Sample(e =>
    {
        var some = e.Training.First();
        Experiment[] others =
        [
            e with { Model = e.Model + "x" }, e with { Task = "adding" }, e with { Recipe = "other" }, e with { Seed = unchecked(e.Seed + 1) },
            e with { Equations = "0123456789abcdef" }, e with { Backend = "eager" }, e with { Device = "cuda" }, e with { DType = "float64" }, e with { Threads = e.Threads + 1 },
            e with { Probes = e.Probes with { Batch = 64 } }, e with { Probes = e.Probes with { Moments = [.. e.Probes.Moments, 0.25] } },
            e with { Training = new Dictionary<string, string>(e.Training) { [some.Key] = some.Value + "0" } },
            e with { Training = new Dictionary<string, string>(e.Training) { ["another"] = "" } },
        ];
        Assert.Equal(others.Length + 1, others.Append(e).Select(x => x.Key).Distinct().Count());
    }, iter: 100);

    [Fact]
    public void The_culture_does_not_matter()
    {
        var here = CultureInfo.CurrentCulture;
        try
        {
            var plain = Lab.Plan("lstm", "copy(T=5)", "learning_rate=0.5 steps=10").Canonical;
            var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign) = (",", "−");
            CultureInfo.CurrentCulture = other;
            Assert.Equal(plain, Lab.Plan("lstm", "copy(T=5)", "learning_rate=0.5 steps=10").Canonical);
        }
        finally
        {
            CultureInfo.CurrentCulture = here;
        }
    }

    [Fact]
    public void The_key_is_known()
    {
        var experiment = new Experiment
        {
            Model = "lstm(hidden=8)[o=1]", Task = "copy(T=5)", Recipe = "plain", Training = new Dictionary<string, string> { ["steps"] = "10", ["batch"] = "4" },
            Seed = 3, Backend = "auto", Device = "cpu", DType = "float32", Threads = 2, Probes = new ProbePlan(),
        };
        Assert.Equal("""{"backend":"auto","device":"cpu","dtype":"float32","format":1,"model":"lstm(hidden=8)[o=1]","probes":{"batch":32,"moments":[0,0.01,0.1,0.5,1]},"recipe":"plain","seed":3,"task":"copy(T=5)","threads":2,"training":{"batch":"4","steps":"10"}}""", experiment.Canonical);
    }

    [Theory]
    [InlineData("lstm(forget_bias=1,hidden=8)", "learning_rate=1e-3 steps=10")]
    [InlineData("lstm", "steps=10 model.hidden=8 learning_rate=0.001")]
    public void What_means_the_same_is_the_same(string model, string settings) =>
        Assert.Equal(Lab.Plan("lstm(hidden=8)", "copy(T=5)", "steps=10 learning_rate=0.0010").Key, Lab.Plan(model, "copy( T=5 )", settings).Key);

    [Fact]
    public void What_stands_in_the_models_brackets_wins_over_the_recipe() =>
        Assert.Contains("hidden=5", Lab.Plan("lstm(hidden=5)", "alphabet", "model.hidden=9").Model);

    [Fact]
    public void A_recipe_sets_what_only_some_models_have_where_they_have_it()
    {
        Assert.Contains("forget_bias=0", Lab.Plan("lstm", "alphabet", "").Model);
        Assert.DoesNotContain("forget_bias", Lab.Plan("gru", "alphabet", "").Model);
        Assert.Contains("forget_bias=2", Lab.Plan("lstm(forget_bias=2)", "alphabet", "").Model);
    }

    [Theory]
    [InlineData("nothing", "copy", "", "nothing")]
    [InlineData("lstm", "nothing", "", "nothing")]
    [InlineData("lstm(hidden=-1)", "copy", "", "hidden")]
    [InlineData("lstm", "copy(T=-1)", "", "T=-1")]
    [InlineData("lstm", "copy", "model.nothing=1", "nothing")]
    [InlineData("lstm[q=1]", "copy", "", "q")]
    [InlineData("lstm", "copy", "nothing=1", "nothing")]
    public void What_there_is_not_is_named(string model, string task, string settings, string named) =>
        Assert.Contains(named, Assert.Throws<UserError>(() => Lab.Plan(model, task, settings)).Message);

    /// <summary>An architecture says how to train, and how long and how large it is says the task's recipe where it does not.</summary>
    [Fact]
    public void A_recipe_of_the_architecture_is_asked_for_by_its_name()
    {
        ExperimentRequest Asked(string model, string recipe) => new() { Model = model, Task = "alphabet", Recipe = recipe };
        var task = new ExperimentRequest { Model = "gru", Task = "alphabet" }.Plan(Lab.Catalogs);
        var chung = Asked("gru", "chung").Plan(Lab.Catalogs);
        Assert.Equal(("chung", "rmsprop", task.Training["steps"], task.Model), (chung.Recipe, chung.Training["optimizer"], chung.Training["steps"], chung.Model));
        Assert.Equal(chung.Key, Asked("gru", Recipe.Own).Plan(Lab.Catalogs).Key);
        Assert.Equal(chung.Key, Asked("stacked(cell=gru)", "chung").Plan(Lab.Catalogs).Key);
        Assert.Equal("150", Asked("lstm-peephole", "greff").Plan(Lab.Catalogs).Training["epochs"]);
        Assert.Equal("plain", Asked("mgu", Recipe.Own).Plan(Lab.Catalogs).Recipe);          // nothing is known of it
        var error = Assert.Throws<UserError>(() => Asked("gru", "other").Plan(Lab.Catalogs));
        Assert.Equal("task alphabet has no recipe other; it has plain, short, and gru has chung.", error.Message);
    }

    /// <summary>What is written in the catalogue of architectures is read when somebody asks for it; here all of it is.</summary>
    [Fact]
    public void Every_recipe_of_an_architecture_can_be_read() => Assert.All(Lab.Catalogs.Models.SelectMany(a => a.Recipes.Select(r => (a, r))), pair =>
    {
        Assert.NotEqual("", pair.r.Source);
        Assert.Single(pair.a.Recipes, other => other.Name == pair.r.Name);
        var training = TrainingSettings.Read(pair.r.Settings, pair.r.Settings.Keys.Any(key => key is "steps" or "epochs") ? [] : [KeyValuePair.Create("steps", "1")]);
        Assert.True(training.Real("learning_rate") > 0);
        Model.Build(Lab.Catalogs.Models, new Notation(pair.a.Id, [.. pair.r.Settings.Where(s => s.Key.StartsWith("model.")).Select(s => KeyValuePair.Create(s.Key["model.".Length..], s.Value))], [])
            .WithDefaults(pair.a.Usual), pair.a.Id == "conv-lstm" ? [1, 4, 4] : [8]);
    });

    [Fact]
    public void An_unknown_recipe_is_an_error_that_lists_what_there_is()
    {
        var error = Assert.Throws<UserError>(() => new ExperimentRequest { Model = "lstm", Task = "alphabet", Recipe = "other" }.Plan(Lab.Catalogs));
        Assert.Contains("other", error.Message);
        Assert.Contains("plain, short", error.Message);
    }
}
