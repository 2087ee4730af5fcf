using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// A training, validation and test text as ids of words. Words are what the ASCII space separates, and <c>&lt;eos&gt;</c> ends each line; ids
/// are given in order of first appearance in the training text.
/// </summary>
/// <param name="Words">The vocabulary: the word of each id.</param>
/// <param name="Splits">The ids of each split.</param>
/// <param name="Provenance">The SHA-256 of each file, by its name.</param>
sealed record WordCorpus(IReadOnlyList<string> Words, IReadOnlyDictionary<Split, int[]> Splits, IReadOnlyDictionary<string, string> Provenance)
{
    /// <summary>The token at the end of each line.</summary>
    public const string EndOfLine = "<eos>";

    /// <summary>The id of <see cref="EndOfLine"/>.</summary>
    public required int EndOfLineId { get; init; }

    /// <summary>Reads the three files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="train">The training file, which makes the vocabulary.</param>
    /// <param name="valid">The validation file.</param>
    /// <param name="test">The test file.</param>
    /// <param name="end">What stands behind the last line feed of each file.</param>
    /// <exception cref="UserError">A file is missing or damaged, or a validation or test word does not occur in training.</exception>
    public static WordCorpus Read(string folder, string train, string valid, string test, string end = "")
    {
        var files = new[] { train, valid, test }.ToDictionary(name => name, name => TextFile.Read(folder, name));
        var ids = new Dictionary<string, int>();
        int[] learnt = [.. Tokens(files[train], end).Select(token => Learn(ids, token.Word))];
        int[] Known(string name) => [.. Tokens(files[name], end).Select(token => Find(ids, token, files[name], train))];

        var splits = new Dictionary<Split, int[]> { [Split.Train] = learnt, [Split.Valid] = Known(valid), [Split.Test] = Known(test) };
        var provenance = files.ToDictionary(f => f.Key, f => f.Value.Sha256);
        return new WordCorpus([.. ids.Keys], splits, provenance) { EndOfLineId = ids[EndOfLine] };
    }

    static int Learn(Dictionary<string, int> ids, string word)
    {
        if (!ids.TryGetValue(word, out var id)) ids.Add(word, id = ids.Count);
        return id;
    }

    static int Find(Dictionary<string, int> ids, (int Line, string Word) token, TextFile file, string train) =>
        ids.TryGetValue(token.Word, out var id) ? id : throw new UserError(
            $"{file.Path}, line {token.Line}: \"{token.Word}\" does not occur in {train}, which makes the vocabulary.\n"
            + "Is the training file whole, and are both of the same set?");

    static IEnumerable<(int Line, string Word)> Tokens(TextFile file, string end)
    {
        foreach (var (number, text) in file.Lines(end))
        {
            foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                yield return word != EndOfLine ? (number, word)
                    : throw file.Wrong(number, $"holds the word {EndOfLine}, which is added here at the end of each line. Fetch the original file");
            yield return (number, EndOfLine);
        }
    }
}
