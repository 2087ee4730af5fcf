using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Word-level language modelling on WikiText-2, read from <c>wikitext-2/wiki.{train,valid,test}.tokens</c> of the data folder, plain or
/// <c>.gz</c>. Every line's end is a token, that of blank lines and headings too.
/// </summary>
/// <remarks>Merity, Xiong, Bradbury and Socher 2016, arXiv 1609.07843.</remarks>
public sealed class WikiText2 : LanguageModel
{
    static readonly PublishedText text = new(DataSets.WikiText2, "token", Types: 33_278, Unigram: 6.872);

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("wikitext-2", "WikiText-2, words", "Merity et al. 2016",
        SettingsOf(text), (written, settings) => new WikiText2(settings) { Text = written });

    WikiText2(Settings settings) : base(text, settings) { }

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LanguageRecipes.Plain];
}
