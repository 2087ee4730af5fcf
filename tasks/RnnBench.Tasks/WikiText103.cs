using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Word-level language modelling on WikiText-103, read from <c>wikitext-103/wiki.{train,valid,test}.tokens</c> of the data folder, plain or <c>.gz</c>.
/// Its validation and test files are not those of WikiText-2: fewer words are <c>&lt;unk&gt;</c> there. The text is prepared once, as a file of ids.
/// </summary>
/// <remarks>Merity, Xiong, Bradbury and Socher 2016, arXiv 1609.07843.</remarks>
public sealed class WikiText103 : LanguageModel
{
    internal static readonly PublishedText Published = new(DataSets.WikiText103, "token", Types: 267_735, Unigram: null) { Prepared = true };

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("wikitext-103", "WikiText-103, words", "Merity et al. 2016",
        SettingsOf(Published), (written, settings) => new WikiText103(settings) { Text = written });

    WikiText103(Settings settings) : base(Published, settings) { }

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LanguageRecipes.PlainAdaptive, LanguageRecipes.Gcnn];
}
