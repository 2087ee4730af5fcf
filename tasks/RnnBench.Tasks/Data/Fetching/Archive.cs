using System.Formats.Tar;
using System.IO.Compression;

namespace RnnBench.Tasks.Data;

/// <summary>Archives by their names: <c>.zip</c>, <c>.tar.gz</c>, <c>.tgz</c>.</summary>
static class Archive
{
    /// <summary>Whether a name is that of an archive.</summary>
    public static bool Is(string name) => IsZip(name) || IsTar(name);

    static bool IsZip(string name) => name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    static bool IsTar(string name) => name.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase);

    /// <summary>Hands out the files of an archive one after another: the name within, without a leading <c>./</c>, and the content.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="file">Gets each; it need not read the content.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static void Read(string path, Action<string, Stream> file)
    {
        using var stream = File.OpenRead(path);
        if (IsZip(path)) Zip(stream, file);
        else Tar(stream, file);
    }

    static void Zip(Stream stream, Action<string, Stream> file)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        foreach (var entry in zip.Entries.Where(e => e.Name.Length > 0))
        {
            using var content = entry.Open();
            file(entry.FullName, content);
        }
    }

    static void Tar(Stream stream, Action<string, Stream> file)
    {
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        using var tar = new TarReader(unpacked);
        try
        {
            while (tar.GetNextEntry() is { } entry)
                if (entry.DataStream is { } content) file(entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name, content);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("it is cut off", e);
        }
    }
}
