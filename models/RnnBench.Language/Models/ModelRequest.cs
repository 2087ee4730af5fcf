namespace RnnBench.Language;

/// <summary>What a model that is no stack of recurrences is made from.</summary>
/// <param name="Text">The canonical notation.</param>
/// <param name="Architecture">Its line of the catalogue.</param>
/// <param name="Settings">The settings, all with values.</param>
/// <param name="Input">The shape of one input: [I], or [C,P,Q].</param>
/// <param name="Rewritings">Rewritings for the cells inside, as they were written; none unless <see cref="Architecture.RewritesInside"/>.</param>
/// <param name="Catalog">The known architectures, for cells inside.</param>
public sealed record ModelRequest(string Text, Architecture Architecture, Settings Settings, IReadOnlyList<int> Input,
    IReadOnlyList<string> Rewritings, IReadOnlyList<Architecture> Catalog)
{
    /// <summary>The input width I of a model that reads vectors.</summary>
    /// <exception cref="UserError">The input is no vector.</exception>
    public int InputWidth => Input is [var width] ? width
        : throw new UserError($"{Architecture.Id} reads vectors, [T,B,I]; an input of the shape {NdArray.Written(Input)} is not one.");

    /// <summary>A cell of one's own with the rewritings that were asked for.</summary>
    /// <exception cref="UserError">A rewriting does not fit.</exception>
    public Recurrence Rewritten(Recurrence cell) => Rewritings.Select(FormulaReader.Read).Aggregate(cell, Rewrite.Apply);

    /// <summary>A stack of a catalogued cell, with the rewritings that were asked for: <c>Inside("gru", 5, ("hidden", "4"))</c>.</summary>
    /// <param name="cell">The id of the cell.</param>
    /// <param name="input">The width of what it reads.</param>
    /// <param name="settings">Its settings, in written form.</param>
    /// <exception cref="UserError">The id is unknown or no cell, or a setting is wrong.</exception>
    public Stack Inside(string cell, int input, params IEnumerable<(string Key, string Value)> settings) =>
        Model.Build(Catalog, new Notation(cell, [.. settings.Select(s => KeyValuePair.Create(s.Key, s.Value))], Rewritings), input) as Stack
        ?? throw new UserError($"{Architecture.Id}: {cell} is no cell; give one whose equations are those of a step.");
}
