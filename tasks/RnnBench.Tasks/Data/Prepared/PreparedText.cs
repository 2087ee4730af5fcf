using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// A text of words as files of ids, made once and opened in milliseconds afterwards. It carries the hash of its sources and the version of the code that
/// made it; what is stale or damaged is made again, never believed. Ids are in order of first appearance in the training text.
/// </summary>
sealed class PreparedText : IDisposable
{
    readonly Manifest manifest;
    readonly Dictionary<Split, IdFile> files = [];
    readonly string folder;

    PreparedText(string folder, Manifest manifest)
    {
        (this.folder, this.manifest) = (folder, manifest);
        foreach (var part in manifest.Parts) files[part.Split] = new IdFile(Path.Combine(folder, PreparedFiles.Ids(part.Split)), part.Count, part.Checksums);
    }

    /// <summary>The ids of each split.</summary>
    public IReadOnlyDictionary<Split, TokenIds> Splits => files.ToDictionary(f => f.Key, f => (TokenIds)f.Value);

    /// <summary>The size of the vocabulary.</summary>
    public int Types => manifest.Types;

    /// <summary>The id of <see cref="WordCorpus.EndOfLine"/>.</summary>
    public int EndOfLineId => manifest.EndOfLineId;

    /// <summary>The SHA-256 of each file, by its name.</summary>
    public IReadOnlyDictionary<string, string> Provenance => manifest.Sources.ToDictionary(s => s.Name, s => s.Sha256);

    /// <summary>How often each id occurs in training.</summary>
    public int[] Frequencies() => MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(Path.Combine(folder, PreparedFiles.Counts))).ToArray();

    /// <summary>The vocabulary.</summary>
    public string[] Words() => File.ReadAllText(Path.Combine(folder, PreparedFiles.Words)).Split('\n')[..^1];

    /// <summary>Opens what is prepared, after preparing it where need be; of several processes that want to, one does.</summary>
    /// <param name="source">The folder of the texts.</param>
    /// <param name="names">Training, validation and test file, without <c>.gz</c>.</param>
    /// <param name="cache">The folder of prepared data.</param>
    /// <param name="create">Makes a file to write; null for the ordinary way.</param>
    /// <exception cref="UserError">A source is missing or damaged, or there is no room; nothing half-written is left.</exception>
    public static PreparedText Open(string source, IReadOnlyList<string> names, string cache, Func<string, Stream>? create = null)
    {
        var paths = names.Select(name => FileBytes.Find(source, name) ?? throw FileBytes.Missing(source, name)).ToArray();
        var place = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', paths.Select(Path.GetFullPath)))))[..16];
        var folder = Path.Combine(cache, "prepared", $"{Path.GetFileName(Path.GetFullPath(source))}-{place}");
        if (PreparedFiles.Valid(folder, names, paths) is { } ready) return new PreparedText(folder, ready);
        using var only = FileLock.Take(folder + ".lock");
        if (PreparedFiles.Valid(folder, names, paths) is { } other) return new PreparedText(folder, other);
        var made = Preparation.Make(folder, names, paths, create ?? (path => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16)));
        return new PreparedText(folder, made);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files.Values) file.Dispose();
    }
}
