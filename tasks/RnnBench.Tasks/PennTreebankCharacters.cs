using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Character-level language modelling on the Penn Treebank, read from <c>ptb/ptb.char.{train,valid,test}.txt</c> of the data folder, plain or
/// <c>.gz</c>: characters between spaces, <c>_</c> for the space between two words, one character for the end of a line.
/// </summary>
/// <remarks>
/// Marcus et al. 1993; Mikolov et al. 2012. A rare word is the five characters of <c>&lt;unk&gt;</c>. Other counts are in use: a line's end as
/// five characters, or as none; bits per character of those are not comparable.
/// </remarks>
public sealed class PennTreebankCharacters : LanguageModel
{
    static readonly PublishedText text = new(DataSets.PennTreebankCharacters, "character", Types: 50, Unigram: 3.0056) { End = " " };

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("ptb-char", "Penn Treebank, characters", "Marcus et al. 1993; Mikolov et al. 2012",
        SettingsOf(text), (written, settings) => new PennTreebankCharacters(settings) { Text = written });

    PennTreebankCharacters(Settings settings) : base(text, settings) { }

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LanguageRecipes.PlainCharacters, LanguageRecipes.Karpathy];
}
