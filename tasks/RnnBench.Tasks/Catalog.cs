namespace RnnBench.Tasks;

/// <summary>Every task. A new one is its file and a line here.</summary>
public static class Catalog
{
    /// <summary>The tasks, as they are listed.</summary>
    public static IReadOnlyList<TaskEntry> All { get; } =
    [
        Copy.Entry,
        Adding.Entry,
        Arithmetic.Entry,
        Xml.Entry,
        Memorise.Entry,
        PixelMnist.Sequential,
        PixelMnist.Permuted,
        Music.Entry,
        MovingDigits.Entry,
        Pcfg.Entry,
        SentimentTreebank.Fine,
        SentimentTreebank.Binary,
        Imdb.Entry,
        PennTreebank.Entry,
        PennTreebankCharacters.Entry,
        WikiText2.Entry,
        WikiText103.Entry,
    ];
}
