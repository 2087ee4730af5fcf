using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>A file that something was prepared from.</summary>
/// <param name="Name">Its name without <c>.gz</c>.</param>
/// <param name="Length">Its length as it lies there, in bytes.</param>
/// <param name="Modified">When it was last written, in ticks of universal time.</param>
/// <param name="Sha256">Of its content, unpacked.</param>
sealed record PreparedSource(string Name, long Length, long Modified, string Sha256);

/// <summary>One split: how many ids, and the checksum of each block of their file.</summary>
sealed record PreparedPart(Split Split, int Count, IReadOnlyList<uint> Checksums);

/// <summary>What a folder of prepared data holds. Written last: a folder without it is nothing.</summary>
/// <param name="Code">The version of the code that made it.</param>
/// <param name="Sources">What it was made from.</param>
/// <param name="Parts">The splits.</param>
/// <param name="Types">The size of the vocabulary.</param>
/// <param name="EndOfLineId">The id of <see cref="WordCorpus.EndOfLine"/>.</param>
/// <param name="Words">The checksum of the file of words.</param>
/// <param name="Counts">The checksum of the file of frequencies.</param>
sealed record Manifest(int Code, IReadOnlyList<PreparedSource> Sources, IReadOnlyList<PreparedPart> Parts, int Types, int EndOfLineId, uint Words, uint Counts)
{
    /// <summary>To be raised whenever the code makes something else of the same text.</summary>
    public const int CurrentCode = 2;

    /// <summary>Whether another was made from sources of the same content, and so holds the same.</summary>
    public bool HoldsWhat(Manifest other) => Sources.Select(s => s.Sha256).SequenceEqual(other.Sources.Select(s => s.Sha256));

    /// <summary>JSON, and behind it on a line of its own its SHA-256.</summary>
    public string Write()
    {
        var json = JsonSerializer.Serialize(this);
        return $"{json}\n{Hash(json)}\n";
    }

    /// <summary>Reads one; null where it is damaged or of another version.</summary>
    public static Manifest? Read(string text)
    {
        if (text.Split('\n') is not [var json, var hash, ""] || hash != Hash(json)) return null;
        return JsonSerializer.Deserialize<Manifest>(json) is { Code: CurrentCode } read ? read : null;
    }

    static string Hash(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
}

/// <summary>The files of a folder of prepared data, and whether they are to be believed.</summary>
static class PreparedFiles
{
    /// <summary>Where every block is checked when the file is opened; larger ones are checked block by block as they are read.</summary>
    const long CheckedAtOnce = 64L << 20;

    public const string ManifestName = "manifest", Words = "words.txt", Counts = "counts.i32";

    public static string Ids(Split split) => $"{split.ToString().ToLowerInvariant()}.i32";

    /// <summary>The manifest of what is prepared; null where it is missing, damaged, of other sources or of another version of the code.</summary>
    public static Manifest? Valid(PreparedPlace place, bool everyBlock)
    {
        try
        {
            var file = place.File(ManifestName);
            if (!File.Exists(file) || Manifest.Read(File.ReadAllText(file)) is not { } manifest) return null;
            if (!manifest.Sources.Select(s => s.Name).SequenceEqual(place.Names) || !Undamaged(place.Folder, manifest, everyBlock)) return null;
            var sources = manifest.Sources.Zip(place.Paths, Current).ToArray();
            if (sources.Contains(null)) return null;
            if (!sources.SequenceEqual(manifest.Sources)) Replace(file, (manifest = manifest with { Sources = sources! }).Write());
            return manifest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UserError or JsonException)
        {
            return null;
        }
    }

    static bool Undamaged(string folder, Manifest manifest, bool everyBlock)
    {
        if (Checksum.Of(File.ReadAllBytes(Path.Combine(folder, Words))) != manifest.Words) return false;
        if (Checksum.Of(File.ReadAllBytes(Path.Combine(folder, Counts))) != manifest.Counts) return false;
        foreach (var part in manifest.Parts)
        {
            var path = Path.Combine(folder, Ids(part.Split));
            if (!File.Exists(path) || new FileInfo(path).Length != (long)part.Count * sizeof(int)) return false;
            if (!everyBlock && (long)part.Count * sizeof(int) > CheckedAtOnce) continue;
            using var ids = new IdFile(path, part.Count, part.Checksums);
            ids.CheckAll();
        }
        return true;
    }

    /// <summary>A source as it is now; null where its content is another. It is only read where its length is the same and its time is not.</summary>
    static PreparedSource? Current(PreparedSource known, string path)
    {
        var now = new FileInfo(path);
        if (now.Length != known.Length) return null;
        if (now.LastWriteTimeUtc.Ticks == known.Modified) return known;
        return WordStream.Read(path, (_, _) => { }).Sha256 == known.Sha256 ? known with { Modified = now.LastWriteTimeUtc.Ticks } : null;
    }

    static void Replace(string path, string text)
    {
        var temporary = path + ".new";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }
}
