using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>A film review.</summary>
/// <param name="Id">Its number within its folder.</param>
/// <param name="Positive">Whether it lies in <c>pos</c>.</param>
/// <param name="Text">What it says, <c>&lt;br /&gt;</c> included.</param>
sealed record Review(int Id, bool Positive, string Text);

/// <summary>The labelled reviews of the Large Movie Review Dataset, read from its packed archive: <c>aclImdb/{train,test}/{pos,neg}/ID_RATING.txt</c>.</summary>
/// <param name="Train">Training reviews, negative first, by id.</param>
/// <param name="Test">Test reviews, likewise.</param>
/// <param name="Digests">For each folder (<c>train/pos</c>) the SHA-256 of its files' bytes, one after another by id.</param>
/// <param name="Sha256">Of the unpacked archive.</param>
/// <remarks>Maas, Daly, Pham, Huang, Ng and Potts 2011.</remarks>
sealed record ImdbArchive(IReadOnlyList<Review> Train, IReadOnlyList<Review> Test, IReadOnlyDictionary<string, string> Digests, string Sha256)
{
    const int EndBytes = 1024;

    static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads an archive.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">Its name without <c>.gz</c>.</param>
    /// <exception cref="UserError">Missing, damaged, or a review whose name, place or text is none of the set.</exception>
    public static ImdbArchive Read(string folder, string name)
    {
        var (path, tar) = FileBytes.Read(folder, name, FileBytes.ByteAfter);
        var folders = new[] { "train/neg", "train/pos", "test/neg", "test/pos" }.ToDictionary(f => f, _ => new SortedDictionary<int, (byte[] Bytes, string Text)>());
        foreach (var (entry, bytes) in Files(path, tar))
            if (Place(entry) is var (place, id) && folders.TryGetValue(place, out var reviews) && !reviews.TryAdd(id, (bytes, Decode(path, entry, bytes))))
                throw new UserError($"{path}: {entry} is the second review {id} of {place}. Fetch the archive again.");
        if (folders.FirstOrDefault(f => f.Value.Count == 0) is { Key: { } empty }) throw new UserError($"{path} has no reviews in aclImdb/{empty}. Fetch the archive again.");
        return new ImdbArchive(Of("train"), Of("test"), folders.ToDictionary(f => f.Key, f => Digest(f.Value.Values.Select(r => r.Bytes))), Convert.ToHexStringLower(SHA256.HashData(tar)));

        Review[] Of(string split) => [.. folders[$"{split}/neg"].Select(r => new Review(r.Key, false, r.Value.Text)), .. folders[$"{split}/pos"].Select(r => new Review(r.Key, true, r.Value.Text))];
    }

    static IEnumerable<(string Name, byte[] Bytes)> Files(string path, byte[] tar)
    {
        var last = "its beginning";
        using var reader = new TarReader(new MemoryStream(tar));
        while (Next() is { } entry)
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                var bytes = new MemoryStream();
                entry.DataStream?.CopyTo(bytes);
                if (bytes.Length != entry.Length) throw new UserError($"{path}: {entry.Name} is cut off at byte {bytes.Length} of {entry.Length}. Fetch the archive again.");
                yield return (last = entry.Name, bytes.ToArray());
            }
        // Two blocks of zeros end an archive; a reader is content with a file that was cut off between two entries.
        if (tar.Length < EndBytes || tar.AsSpan()[^EndBytes..].ContainsAnyExcept((byte)0)) throw new UserError($"{path} is cut off behind {last}, at byte {tar.Length}. Fetch the archive again.");

        TarEntry? Next()
        {
            try
            {
                return reader.GetNextEntry();
            }
            catch (Exception e) when (e is InvalidDataException or IOException or FormatException or ArgumentException or OverflowException)
            {
                throw new UserError($"{path} is no tar archive, or damaged behind {last}: {e.Message.TrimEnd('.')}. Fetch the archive again.", e);
            }
        }
    }

    /// <summary><c>aclImdb/train/pos/12_9.txt</c> is 12 in train/pos; null for what is no review.</summary>
    static (string, int)? Place(string entry)
    {
        var parts = entry.TrimStart('.', '/').Split('/');
        return parts is ["aclImdb", var split, var label, var file] && file.EndsWith(".txt", StringComparison.Ordinal)
            && int.TryParse(file.Split('_')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? ($"{split}/{label}", id) : null;
    }

    static string Decode(string path, string entry, byte[] bytes)
    {
        try
        {
            return bytes.Length > 0 ? strict.GetString(bytes) : throw new UserError($"{path}: {entry} is empty. Fetch the archive again.");
        }
        catch (DecoderFallbackException e)
        {
            throw new UserError($"{path}: {entry} is not valid UTF-8 at byte {e.Index}. Fetch the archive again.", e);
        }
    }

    static string Digest(IEnumerable<byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var bytes in files) hash.AppendData(bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
