using System.Globalization;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>The vectors that words start from: random ones, or those of a text file in the form of GloVe.</summary>
/// <param name="Name">What the user wrote.</param>
/// <param name="Width">The numbers of a vector in the file.</param>
/// <remarks>
/// Words without a vector in the file start uniform on ±0.05, as in Tai, Socher and Manning 2015. With random vectors the network starts its embedding
/// as it always does.
/// </remarks>
sealed record StartingVectors(string Name, int Width)
{
    const string Random = "random", Ending = ".txt";
    const float Unknown = 0.05f;

    public static IReadOnlyList<Setting> Settings { get; } =
    [
        Setting.Word("vectors", Random, "word vectors to start from: random, the path of a text file (GloVe's form, .txt or .txt.gz), or the name of one in the folder glove of the data folder"),
        Setting.Integer("vector_width", 300, "the numbers of a vector in that file", max: 10_000),
    ];

    public static StartingVectors Read(Settings settings) => new(settings.Choice("vectors"), settings.Integer("vector_width"));

    /// <summary>What a protocol says of words that training lacks.</summary>
    public string Protocol => Name == Random ? "a word that training lacks keeps the vector it started with" : string.Create(CultureInfo.InvariantCulture,
        $"words start from the vectors of {Path.GetFileName(Name)}, those that have none there uniform on ±{Unknown}; a word that training lacks keeps its vector");

    /// <summary>Reads them.</summary>
    /// <param name="context">The data folder and the streams.</param>
    /// <param name="words">The words by id; null for an id that stands for several.</param>
    /// <param name="provenance">Gets the file's hash.</param>
    /// <returns>A vector for each id, or null where they are random.</returns>
    /// <exception cref="UserError">The file is missing or damaged.</exception>
    public IReadOnlyDictionary<int, float[]>? Open(TaskContext context, IReadOnlyList<string?> words, IDictionary<string, string> provenance)
    {
        if (Name == Random) return null;
        var path = IsPath ? Path.GetFullPath(Name) : Path.Combine(context.DataFolder!, "glove", Name);
        if (path.EndsWith(".gz", StringComparison.Ordinal)) path = path[..^3];
        if (!path.EndsWith(Ending, StringComparison.Ordinal)) path += Ending;
        var file = Path.GetFileName(path);
        var read = WordVectors.Read(Path.GetDirectoryName(path)!, file, Width, words.OfType<string>().ToHashSet());
        provenance[file] = read.Sha256;
        var random = context.Stream("vectors");
        return words.Index().ToDictionary(word => word.Index, word => Of(word.Item));

        float[] Of(string? word) => word is not null && read.Of.TryGetValue(word, out var known) ? known
            : [.. Enumerable.Range(0, Width).Select(_ => (2 * random.NextSingle() - 1) * Unknown)];
    }

    bool IsPath => Name.Contains(Path.DirectorySeparatorChar) || Name.Contains(Path.AltDirectorySeparatorChar);
}
