namespace RnnBench.Language;

/// <summary>One line of the catalogue: an id, its settings, and how a cell, or a module that is no step recurrence, is made from them.</summary>
public sealed class Architecture
{
    readonly Func<Settings, Cell>? cell;
    readonly Func<ModelRequest, Model>? module;

    /// <summary>An architecture that is one step's equations.</summary>
    /// <param name="id">As the catalogue spells it.</param>
    /// <param name="cell">Makes a fresh cell from its settings.</param>
    public Architecture(string id, Func<Settings, Cell> cell) => (Id, this.cell) = (id, cell);

    /// <summary>An architecture that is no step recurrence, or that wraps some.</summary>
    /// <param name="id">As the catalogue spells it.</param>
    /// <param name="module">Makes the model.</param>
    public Architecture(string id, Func<ModelRequest, Model> module) => (Id, this.module) = (id, module);

    /// <summary>The id.</summary>
    public string Id { get; }
    /// <summary>The name in words.</summary>
    public required string Title { get; init; }
    /// <summary>Authors, year, where.</summary>
    public required string Source { get; init; }
    /// <summary>The family: gated, fast, longrange, structured.</summary>
    public required string Family { get; init; }
    /// <summary>The settings of its own, beside those that every cell has (<see cref="Common"/>); all settings of a module.</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];
    /// <summary>The values of the setting <c>ablation</c>, beside <c>none</c>, and what each stands for.</summary>
    public IReadOnlyDictionary<string, Ablation> Ablations { get; init; } = new Dictionary<string, Ablation>();
    /// <summary>The lines of its initialisation that come before <see cref="InitialRule.Default"/>.</summary>
    public Func<Settings, IEnumerable<InitialRule>> Initial { get; init; } = _ => [];
    /// <summary>The model of a cell's settings that ask for more than a step recurrence; null where they do not.</summary>
    public Func<ModelRequest, Model?> Beyond { get; init; } = _ => null;
    /// <summary>What happens to parameters at each update beside the optimiser's step.</summary>
    public Func<Settings, IEnumerable<ConstraintRule>> Constraints { get; init; } = _ => [];
    /// <summary>How its authors train it, where they say; a run asks for one by its name, or for the first as <see cref="Language.Recipe.Own"/>.</summary>
    public IReadOnlyList<Recipe> Recipes { get; init; } = [];
    /// <summary>The recurrent matrices, by name or prefix and <c>*</c>, to which the equations add the identity; null for none.</summary>
    public string? PlusIdentity { get; init; }
    /// <summary>The number of layers.</summary>
    public Func<Settings, int> Depth { get; init; } = settings => settings.Integer("layers");
    /// <summary>What a layer, by its number from 0, makes of the cell's equations.</summary>
    public Func<Settings, int, Recurrence, Recurrence> Layer { get; init; } = (_, _, cell) => cell;
    /// <summary>Whether and how steps are undone in the backward pass.</summary>
    public Func<Settings, Reversal> Reversal { get; init; } = _ => Language.Reversal.None;
    /// <summary>Whether rewritings in brackets are for the cells inside a module.</summary>
    public bool RewritesInside { get; init; }
    /// <summary>The gates of a module's own equations that rewritings in brackets can fix, in the order in which they are computed; see <see cref="FixedGate"/>.</summary>
    public IReadOnlyList<string> FixableGates { get; init; } = [];
    /// <summary>Whether it is a module, no cell.</summary>
    public bool IsModule => module is not null;

    /// <summary>Makes a fresh cell.</summary>
    /// <exception cref="InvalidOperationException">It is a module.</exception>
    public Cell Make(Settings settings) => (cell ?? throw new InvalidOperationException($"{Id} is no cell"))(settings);

    /// <summary>Makes the model of a module.</summary>
    /// <exception cref="InvalidOperationException">It is a cell.</exception>
    /// <exception cref="UserError">A setting does not fit another, or the input.</exception>
    public Model Make(ModelRequest request) => (module ?? throw new InvalidOperationException($"{Id} is no module"))(request);

    /// <summary>The setting <c>hidden</c>.</summary>
    public static Setting Hidden { get; } = Setting.Integer("hidden", null, "the hidden size H", max: 65_536) with { Usual = "128" };
    /// <summary>The setting <c>layers</c>.</summary>
    public static Setting Layers { get; } = Setting.Integer("layers", 1, "the number of stacked layers", max: 1000);

    /// <summary>The settings that every cell has.</summary>
    public static IReadOnlyList<Setting> Common { get; } =
    [
        Hidden,
        Layers,
        Setting.Flag("bidirectional", false, "one more scan per layer in reversed time, outputs concatenated"),
        Setting.Flag("skip_input", false, "x joins the input of every layer"),
        Setting.Flag("skip_output", false, "the outputs of all layers are the output"),
    ];

    /// <summary>Usual values of the settings that must be given.</summary>
    public IEnumerable<KeyValuePair<string, string>> Usual => AllSettings.Where(s => s.Usual is not null).Select(s => KeyValuePair.Create(s.Name, s.Usual!));

    /// <summary>Every setting that it takes, in the order of the canonical notation.</summary>
    public IReadOnlyList<Setting> AllSettings =>
    [
        .. IsModule ? [] : Common, .. Settings,
        .. Ablations.Count == 0 ? [] : new[] { Setting.Choice(Ablation.Setting, Ablation.None, "a named rewriting of the equations", [Ablation.None, .. Ablations.Keys]) },
    ];
}

/// <summary>A named ablation: a rewriting of the equations.</summary>
/// <param name="Rewriting">As it is written between brackets: <c>f=1-i</c>; null where the cell is made from other equations (<see cref="OwnEquations"/>).</param>
public sealed record Ablation(string? Rewriting)
{
    /// <summary>An ablation that no rewriting of one node says: the architecture makes another cell where the setting chooses it.</summary>
    public static Ablation OwnEquations { get; } = new((string?)null);

    /// <summary>The setting that chooses one.</summary>
    public const string Setting = "ablation";
    /// <summary>The value of the setting that chooses none.</summary>
    public const string None = "none";

    /// <summary>Lines of initialisation that come before the architecture's own where this rewriting is made, by name or by hand.</summary>
    public Func<Settings, IEnumerable<InitialRule>> Initial { get; init; } = _ => [];

    /// <summary>A rewriting that leaves the initialisation as it is.</summary>
    public static implicit operator Ablation(string rewriting) => new(rewriting);
}
