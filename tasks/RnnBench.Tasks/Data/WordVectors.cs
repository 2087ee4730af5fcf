using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Word vectors made elsewhere, for the words that a task has: lines of a word, a space and the numbers of its vector, as GloVe (Pennington,
/// Socher and Manning 2014) writes them. A word may hold spaces: the last fields are the vector.
/// </summary>
/// <param name="Width">The numbers of a vector.</param>
/// <param name="Of">The vectors of the words that were asked for and found.</param>
/// <param name="Sha256">Of the file, unpacked.</param>
sealed record WordVectors(int Width, IReadOnlyDictionary<string, float[]> Of, string Sha256)
{
    /// <summary>Reads a file line by line (they have gigabytes), plain or with the ending <c>.gz</c>, and keeps the vectors of some words.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">Its name, without <c>.gz</c>.</param>
    /// <param name="width">The numbers of a vector.</param>
    /// <param name="wanted">The words.</param>
    /// <exception cref="UserError">The file is missing or damaged, or a line is no word and its vector; the message names file and line.</exception>
    public static WordVectors Read(string folder, string name, int width, IReadOnlySet<string> wanted)
    {
        using var file = TextStream.Open(folder, name);
        var found = new Dictionary<string, float[]>();
        foreach (var (number, text) in file.Lines())
        {
            var fields = text.Split(' ');
            // A vector that is too wide would leave numbers in the word.
            if (fields.Length <= width || fields.Length > width + 1 && fields[1..^width].All(IsNumber))
                throw file.Wrong(number, string.Create(CultureInfo.InvariantCulture, $"has {fields.Length - 1} numbers behind its word; {width} are asked for"));
            var word = string.Join(' ', fields[..^width]);
            if (wanted.Contains(word)) found.TryAdd(word, [.. fields[^width..].Select(field => Number(file, number, field))]);
        }
        return new WordVectors(width, found, file.Sha256);
    }

    static bool IsNumber(string field) => float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    static float Number(TextStream file, int line, string field) =>
        float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? value
            : throw file.Wrong(line, $"holds \"{field}\" where a number is expected. Fetch the file again");
}
