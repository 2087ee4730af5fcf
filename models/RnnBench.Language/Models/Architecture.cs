namespace RnnBench.Language;

/// <summary>One line of the catalogue: an id, its settings, and how a cell is made from them.</summary>
/// <param name="id">As the catalogue spells it.</param>
/// <param name="cell">Makes a fresh cell from its settings.</param>
public sealed class Architecture(string id, Func<Settings, Cell> cell)
{
    /// <summary>The id.</summary>
    public string Id { get; } = id;
    /// <summary>The name in words.</summary>
    public required string Title { get; init; }
    /// <summary>Authors, year, where.</summary>
    public required string Source { get; init; }
    /// <summary>The family: gated, fast, longrange, structured.</summary>
    public required string Family { get; init; }
    /// <summary>The settings of its own, beside those that every cell has (hidden, layers, bidirectional).</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];
    /// <summary>The values of the setting <c>ablation</c> and the rewriting that each stands for.</summary>
    public IReadOnlyDictionary<string, string> Ablations { get; init; } = new Dictionary<string, string>();
    /// <summary>The lines of its initialisation that come before <see cref="InitialRule.Default"/>.</summary>
    public Func<Settings, IEnumerable<InitialRule>> Initial { get; init; } = _ => [];
    /// <summary>Makes a fresh cell.</summary>
    public Cell Make(Settings settings) => cell(settings);
}
