using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Word-level language modelling on the Penn Treebank, read from <c>ptb/ptb.{train,valid,test}.txt</c> of the data folder, plain or <c>.gz</c>.
/// </summary>
/// <remarks>Marcus et al. 1993; text and split of Mikolov et al. 2010; state carried between batches as in Zaremba et al. 2014.</remarks>
public sealed class PennTreebank : LanguageModel
{
    static readonly PublishedText text = new(DataSets.PennTreebank, "token", Types: 10_000, Unigram: 6.532);

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("ptb", "Penn Treebank, words", "Marcus et al. 1993; Mikolov et al. 2010",
        SettingsOf(text), (written, settings) => new PennTreebank(settings) { Text = written });

    PennTreebank(Settings settings) : base(text, settings) { }

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [.. LanguageRecipes.Zaremba, LanguageRecipes.Plain];
}
