using RnnBench.Language;
using YamlDotNet.RepresentationModel;

namespace RnnBench.Harness;

/// <summary>A task of a study, with what it does not share with the others.</summary>
/// <param name="Task">Its notation.</param>
/// <param name="Recipe">Its recipe; null for the task's first.</param>
/// <param name="Settings">Settings of its own, which win over those of the study.</param>
/// <param name="Seeds">Seeds of its own, or null for those of the study.</param>
/// <param name="Requires">The data set without which it is skipped, or null.</param>
/// <param name="Models">Models of its own, or null for those of the study.</param>
public sealed record StudyTask(string Task, string? Recipe, IReadOnlyList<KeyValuePair<string, string>> Settings, IReadOnlyList<long>? Seeds,
    string? Requires, IReadOnlyList<string>? Models = null)
{
    /// <summary>A search of its own; what it does not say is that of the study.</summary>
    internal YamlMap? Search { get; init; }
}

/// <summary>What one size of a study has in place of what the study says.</summary>
/// <param name="Models">Other models, or null.</param>
/// <param name="Tasks">Other tasks, or null.</param>
/// <param name="Seeds">Other seeds, or null.</param>
/// <param name="Settings">Settings that win over all others.</param>
public sealed record StudySize(IReadOnlyList<string>? Models, IReadOnlyList<StudyTask>? Tasks, IReadOnlyList<long>? Seeds,
    IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    /// <summary>Another search, whose keys win over those of the study's; or null.</summary>
    internal YamlMap? Search { get; init; }
    /// <summary>Another equal size, or null.</summary>
    public EqualSize? Match { get; init; }
    /// <summary>Another time budget, or null.</summary>
    public TimeSpan? Budget { get; init; }
}

/// <summary>A study: which models on which tasks with which seeds, to answer which question. One YAML file each.</summary>
public sealed record StudyFile
{
    static readonly string[] sizes = ["smoke", "cpu", "paper"];

    /// <summary>Its name, as the store and the commands call it.</summary>
    public required string Name { get; init; }
    /// <summary>A line for listings and reports.</summary>
    public required string Title { get; init; }
    /// <summary>What it is to find out.</summary>
    public required string Question { get; init; }
    /// <summary>The models' notations.</summary>
    public required IReadOnlyList<string> Models { get; init; }
    /// <summary>The tasks.</summary>
    public required IReadOnlyList<StudyTask> Tasks { get; init; }
    /// <summary>The seeds.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }
    /// <summary>Settings for all tasks, which win over their recipes.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }
    /// <summary>The claims that it tests.</summary>
    public IReadOnlyList<StudyClaim> Claims { get; init; } = [];
    /// <summary>How hyper-parameters are chosen, the same for each model; null where they are as written.</summary>
    public RandomSearch? Search { get; init; }
    /// <summary>The size that every model is brought to, or null.</summary>
    public EqualSize? Match { get; init; }
    /// <summary>After so much time no further run begins; null for no limit.</summary>
    public TimeSpan? Budget { get; init; }
    /// <summary>Whether each gate of each trained network is fixed and evaluated once more.</summary>
    public bool FixGates { get; init; }
    /// <summary>What is different in each size.</summary>
    public required IReadOnlyDictionary<string, StudySize> Sizes { get; init; }
    /// <summary>The file as it was read.</summary>
    public required string Text { get; init; }

    /// <summary>Reads a study.</summary>
    /// <exception cref="UserError">It cannot be read, or something in it is wrong; the message names file, line and key.</exception>
    public static StudyFile Read(string file)
    {
        try
        {
            return Parse(file, File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{file}: the study cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Reads a study's text.</summary>
    /// <param name="file">What it is called in messages.</param>
    /// <param name="text">YAML.</param>
    /// <exception cref="UserError">Something in it is wrong; the message names file, line and key.</exception>
    public static StudyFile Parse(string file, string text)
    {
        var map = YamlMap.Parse(file, text, "a study", "name", "title", "question", "claims", "models", "tasks", "seeds", "settings", "search", "match", "budget", "fix_gates", "sizes");
        var study = new StudyFile
        {
            Name = map.Needed("name"),
            Title = map.Needed("title"),
            Question = map.Text("question") ?? "",
            Models = ModelsOf(map) ?? throw map.Wrong(1, "a study needs the key models."),
            Tasks = TasksOf(map) ?? throw map.Wrong(1, "a study needs the key tasks."),
            Seeds = SeedsOf(map) ?? [1, 2, 3],
            Settings = SettingsOf(map),
            Sizes = map.Map("sizes", "sizes", sizes) is { } given ? given.Keys.ToDictionary(size => size, size => SizeOf(given, size)) : [],
            Claims = [.. map.List("claims").Select(node => StudyClaim.Of(map.Map(node, "a claim", "id", "claim", "source", "need", "tests")))],
            Search = SearchOf(map) is { } search ? RandomSearch.Read(search, null) : null,
            Match = MatchOf(map),
            Budget = BudgetOf(map),
            FixGates = map.Has("fix_gates") && map.At("fix_gates", () => map.Text("fix_gates") switch { "true" => true, "false" => false, _ => throw new UserError("give true or false.") }),
            Text = text,
        };
        foreach (var node in map.List("claims"))
            if (map.Map(node, "a claim").Text("id") is { } id && study.Claims.Count(claim => claim.Id == id) > 1) throw map.Wrong("claims", $"claims: {id} is there twice.");
        return study;
    }

    /// <summary>The study in one of its sizes.</summary>
    /// <param name="size">The size; null for the study as it is written.</param>
    /// <exception cref="UserError">It has no such size.</exception>
    public StudyFile In(string? size)
    {
        if (size is null) return this;
        if (!Sizes.TryGetValue(size, out var other))
            throw new UserError($"study {Name} has no size {size}; it has {(Sizes.Count == 0 ? "none" : string.Join(", ", Sizes.Keys))}.");
        var tasks = other.Tasks ?? Tasks;
        return this with
        {
            Models = other.Models ?? Models,
            Tasks = [.. tasks.Select(task => task with
            {
                Settings = [.. task.Settings.Where(s => !Replaced(s.Key)), .. other.Settings],
                Seeds = other.Seeds ?? task.Seeds,
                Models = other.Models ?? task.Models,
            })],
            Seeds = other.Seeds ?? Seeds,
            Search = other.Search is { } search ? RandomSearch.Read(search, Search) : Search,
            Match = other.Match ?? Match,
            Budget = other.Budget ?? Budget,
        };

        bool Replaced(string key) => other.Settings.Any(s => s.Key == key || (TrainingSettings.IsLength(s.Key) && TrainingSettings.IsLength(key)));
    }

    /// <summary>What a run is asked with: the settings of the study where the task has none of its own, then what was drawn.</summary>
    internal ExperimentRequest Request(StudyTask task, string model, long seed, RunSetup setup, IReadOnlyList<KeyValuePair<string, string>> drawn)
    {
        var written = Settings.Where(s => task.Settings.All(own => own.Key != s.Key && !(TrainingSettings.IsLength(own.Key) && TrainingSettings.IsLength(s.Key)))).Concat(task.Settings);
        var arm = StudyArm.Of(model);
        return new ExperimentRequest
        {
            Model = arm.Model, Task = task.Task, Recipe = task.Recipe, Seed = seed,
            Setup = setup with { Backend = arm.Backend ?? setup.Backend, Probes = setup.Probes with { FixGates = setup.Probes.FixGates || FixGates && setup.Probes.Moments.Count > 0 } },
            Settings = [.. written.Where(s => drawn.All(d => d.Key != s.Key)), .. drawn],
        };
    }

    static StudySize SizeOf(YamlMap sizes, string name)
    {
        var map = sizes.Map(name, $"the size {name}", "models", "tasks", "seeds", "steps", "epochs", "settings", "search", "match", "budget")!;
        var lengths = new[] { "steps", "epochs" }.Where(map.Has).Select(key => Checked(map, key, KeyValuePair.Create(key, map.Needed(key))));
        return new StudySize(ModelsOf(map), TasksOf(map), SeedsOf(map), [.. SettingsOf(map), .. lengths]) { Search = SearchOf(map), Match = MatchOf(map), Budget = BudgetOf(map) };
    }

    static IReadOnlyList<string>? ModelsOf(YamlMap map) => !map.Has("models") ? null
        : NotEmpty(map, "models", [.. map.Texts("models").Select(model => map.At("models", () => { if (!ModelSets.IsSet(model)) Notation.Parse(StudyArm.Of(model).Model); return model; }))]);

    static YamlMap? SearchOf(YamlMap map) => map.Map("search", "a search", "trials", "seed", "halving", "space");

    static EqualSize? MatchOf(YamlMap map) => map.Text("match") is { } text ? map.At("match", () => EqualSize.Parse(text)) : null;

    static TimeSpan? BudgetOf(YamlMap map) => map.Text("budget") is not { } text ? null : map.At("budget", () =>
        text.Split(' ') is [var number, "min" or "h"] && double.TryParse(number, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var n) && n > 0
            ? TimeSpan.FromMinutes(text.EndsWith('h') ? 60 * n : n) : throw new UserError($"{text}: write a time, such as 90 min or 3 h."));

    static IReadOnlyList<StudyTask>? TasksOf(YamlMap map) =>
        map.Has("tasks") ? NotEmpty(map, "tasks", [.. map.List("tasks").Select(node => TaskOf(map, node))]) : null;

    static StudyTask TaskOf(YamlMap study, YamlNode node)
    {
        if (YamlMap.IsText(node)) return new StudyTask(Written(study, "tasks", study.Text("tasks", node)), null, [], null, null);
        var map = study.Map(node, "a task", "task", "recipe", "settings", "seeds", "requires", "models", "search");
        return new StudyTask(Written(map, "task", map.Needed("task")), map.Text("recipe"), SettingsOf(map), SeedsOf(map), map.Text("requires"), ModelsOf(map)) { Search = SearchOf(map) };

        static string Written(YamlMap map, string key, string task) => map.At(key, () => { Notation.Parse(task); return task; });
    }

    static IReadOnlyList<long>? SeedsOf(YamlMap map) =>
        map.Has("seeds") ? map.At("seeds", () => SeedList.Parse(string.Join(',', map.Texts("seeds")))) : null;

    static IReadOnlyList<KeyValuePair<string, string>> SettingsOf(YamlMap map) =>
        map.Map("settings", "settings") is { } settings ? [.. settings.Pairs().Select(pair => Checked(settings, pair.Key, pair))] : [];

    /// <summary>A training setting is read here, where its line is known; one of a model waits for its model.</summary>
    static KeyValuePair<string, string> Checked(YamlMap map, string key, KeyValuePair<string, string> pair) => map.At(key, () =>
    {
        if (!TrainingSettings.IsOfModel(key)) Language.Settings.Read("training", TrainingSettings.Declared, [pair]);
        return pair;
    });

    static IReadOnlyList<T> NotEmpty<T>(YamlMap map, string key, IReadOnlyList<T> list) =>
        list.Count > 0 ? list : throw map.Wrong(key, $"{key}: there is nothing in the list.");
}
