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
    readonly PreparedPlace place;
    readonly Manifest manifest;
    readonly Dictionary<Split, IdFile> files;

    PreparedText(PreparedPlace place, Manifest manifest)
    {
        (this.place, this.manifest) = (place, manifest);
        files = manifest.Parts.ToDictionary(part => part.Split,
            part => new IdFile(place.File(PreparedFiles.Ids(part.Split)), part.Count, part.Checksums, MakeAgain));
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
    public int[] Frequencies() => MemoryMarshal.Cast<byte, int>(Whole(PreparedFiles.Counts, manifest.Counts)).ToArray();

    /// <summary>The vocabulary.</summary>
    public string[] Words() => Encoding.UTF8.GetString(Whole(PreparedFiles.Words, manifest.Words)).Split('\n')[..^1];

    /// <summary>Opens what is prepared, after preparing it where need be; of several processes that want to, one does, and the others wait for it.</summary>
    /// <param name="source">The folder of the texts.</param>
    /// <param name="names">Training, validation and test file, without <c>.gz</c>.</param>
    /// <param name="cache">The folder of prepared data.</param>
    /// <param name="create">Makes a file to write; null for the ordinary way.</param>
    /// <exception cref="UserError">A source is missing or damaged, or there is no room; nothing half-written is left.</exception>
    public static PreparedText Open(string source, IReadOnlyList<string> names, string cache, Func<string, Stream>? create = null)
    {
        var paths = names.Select(name => FileBytes.Find(source, name) ?? throw FileBytes.Missing(source, name)).ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', paths.Select(Path.GetFullPath)))))[..16];
        var folder = Path.Combine(cache, "prepared", $"{Path.GetFileName(Path.GetFullPath(source))}-{hash}");
        var place = new PreparedPlace(folder, names, paths, create ?? PreparedPlace.NewFile);
        try
        {
            return new PreparedText(place, place.Valid() ?? place.ValidOrMade(everyBlock: false));
        }
        catch (IOException)                                                 // another process has just begun to put a new folder there
        {
            return new PreparedText(place, place.ValidOrMade(everyBlock: false));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files.Values) file.Dispose();
    }

    /// <summary>Where damage was met: prepares the text again, unless another process has. A source that has changed since this was opened is an error.</summary>
    void MakeAgain()
    {
        if (!place.ValidOrMade(everyBlock: true).HoldsWhat(manifest)) throw new UserError(
            $"{place.Folder} was damaged, and the text that it was made from has changed since this run began.\nStart the run again: it then reads the new text.");
    }

    byte[] Whole(string name, uint checksum)
    {
        for (var again = false; ; again = true)
        {
            if (place.Read(name) is { } bytes && Checksum.Of(bytes) == checksum) return bytes;
            if (again) throw new UserError($"{place.File(name)} is damaged, again after it was made anew. Is the disk sound?");
            MakeAgain();
        }
    }
}
