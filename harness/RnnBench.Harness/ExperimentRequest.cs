using RnnBench.Language;
using RnnBench.Tasks;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>A run as a user asks for it; with the catalogues it becomes an <see cref="Experiment"/>.</summary>
public sealed record ExperimentRequest
{
    /// <summary>The model's notation; what it says wins over the recipe. It may say svclip settings, which are of training.</summary>
    public required string Model { get; init; }
    /// <summary>The task's notation.</summary>
    public required string Task { get; init; }
    /// <summary>The recipe, of the task or of the architecture, or <see cref="Language.Recipe.Own"/>; null for the task's first.</summary>
    public string? Recipe { get; init; }
    /// <summary>Settings in written form that win over the recipe: <c>learning_rate</c>, <c>steps</c>, <c>model.hidden</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];
    /// <summary>The root seed.</summary>
    public long Seed { get; init; } = 1;
    /// <summary>What runs it, and what is looked at.</summary>
    public RunSetup Setup { get; init; } = new();

    /// <summary>Brings the request to its canonical form. Reads no data.</summary>
    /// <exception cref="UserError">Something unknown or out of range; it is named.</exception>
    public Experiment Plan(Catalogs catalogs)
    {
        var task = TaskEntry.Build(catalogs.Tasks, Notation.Parse(Task));
        var recipe = Chosen(catalogs, task);
        var constraint = Notation.Parse(Model).Settings.Where(s => SingularValueClipping.Owns(s.Key)).ToArray();
        var training = TrainingSettings.Read(recipe.Settings, [.. Settings.Where(s => constraint.All(own => own.Key != s.Key)), .. constraint]);
        if (Setup.Threads is < 1 or > 1024) throw new UserError($"threads {Setup.Threads}: give a number from 1 to 1024.");
        var model = Parts.BuildModel(catalogs, Merged(catalogs, recipe), task, training);
        return new Experiment
        {
            Model = model.Text,
            Task = task.Text,
            Recipe = recipe.Name,
            Training = TrainingSettings.Write(training),
            Seed = Seed,
            Backend = Setup.Backend,
            Device = Setup.Device,
            DType = DTypes.Name(DTypes.Read(Setup.DType)),
            Threads = Setup.Threads,
            Probes = Setup.Probes,
            Equations = Fingerprint.Of(model),
        };
    }

    Recipe Chosen(Catalogs catalogs, BenchTask task)
    {
        if (Recipe is null) return task.Recipes[0];
        if (task.Recipes.FirstOrDefault(r => r.Name == Recipe) is { } known) return known;
        var architecture = catalogs.Models.FirstOrDefault(a => a.Id == Language.Model.Meant(Notation.Parse(Model)).Id);
        var own = architecture?.Recipes ?? [];
        var plain = task.Recipes.FirstOrDefault(r => r.Name == "plain") ?? task.Recipes[0];
        if (Recipe == Language.Recipe.Own) return Best(own, task)?.For(plain) ?? plain;
        return own.FirstOrDefault(r => r.Name == Recipe)?.For(task.Recipes[0])
            ?? throw new UserError($"task {Task} has no recipe {Recipe}; it has {string.Join(", ", task.Recipes.Select(r => r.Name))}{(own.Count == 0 ? "" : $", and {architecture!.Id} has {string.Join(", ", own.Select(r => r.Name))}")}.");
    }

    /// <summary>Of an architecture's recipes that which is made for the task, or else the first that may be used for it; null where there is none.</summary>
    static Recipe? Best(IReadOnlyList<Recipe> own, BenchTask task)
    {
        if (own.FirstOrDefault(r => r.Name == Notation.Parse(task.Text).Id) is { } made) return made;
        var drawn = HasEpochs(task) ? null : own.FirstOrDefault(r => r.Name == Language.Recipe.ForDrawnBatches.Name);
        return (drawn ?? own.FirstOrDefault()) is { } other ? Fitting(other, task) : null;
    }

    static bool HasEpochs(BenchTask task) => task.Recipes.Any(r => r.Settings.ContainsKey("epochs"));

    /// <summary>A recipe made for another task, without what this one does not have: a figure to choose by; epochs, and a rate that falls with them.</summary>
    static Recipe Fitting(Recipe recipe, BenchTask task)
    {
        var lost = HasEpochs(task) ? [] : TrainingSettings.ByEpochs(recipe.Settings);
        return recipe with
        {
            Settings = recipe.Settings.Where(s => !lost.Contains(s.Key) && (s.Key != "choose" || task.Metrics.Any(metric => metric.Name == s.Value))).ToDictionary(),
        };
    }

    /// <summary>The model's notation with the settings of the recipe and the user's <c>model.X</c>; what stands in its own brackets wins.</summary>
    Notation Merged(Catalogs catalogs, Recipe recipe)
    {
        var written = Language.Model.Meant(Notation.Parse(Model));
        written = written with { Settings = [.. written.Settings.Where(s => !SingularValueClipping.Owns(s.Key))] };
        var own = written.Settings.Select(s => s.Key).ToHashSet();
        var known = catalogs.Models.FirstOrDefault(a => a.Id == written.Id)?.AllSettings.Select(s => s.Name).ToHashSet() ?? [];
        var others = new Dictionary<string, string>();
        foreach (var (key, value) in recipe.Settings.Concat(Settings).Where(s => TrainingSettings.IsOfModel(s.Key)))
        {
            var name = key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..];
            if (!own.Contains(name) && (known.Contains(name) || !key.StartsWith("model?", StringComparison.Ordinal))) others[name] = value;
        }
        return written.WithDefaults(others);
    }
}

/// <summary>The part of an experiment that is the same for all runs of a study.</summary>
public sealed record RunSetup
{
    /// <summary>The backend, or <c>auto</c>.</summary>
    public string Backend { get; init; } = "auto";
    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";
    /// <summary><c>float32</c> or <c>float64</c>.</summary>
    public string DType { get; init; } = "float32";
    /// <summary>CPU threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
    /// <summary>What is looked at along the way.</summary>
    public ProbePlan Probes { get; init; } = new();
}

/// <summary>Element types by name.</summary>
static class DTypes
{
    public static ScalarType Read(string name) => name switch
    {
        "float32" => ScalarType.Float32,
        "float64" => ScalarType.Float64,
        _ => throw new UserError($"dtype {name}: give float32 or float64."),
    };

    public static string Name(ScalarType type) => type == ScalarType.Float64 ? "float64" : "float32";
}
