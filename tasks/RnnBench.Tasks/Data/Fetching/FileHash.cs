using System.IO.Compression;
using System.Security.Cryptography;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>SHA-256 of files, in small hexadecimal letters.</summary>
static class FileHash
{
    /// <summary>Of a file as it lies there.</summary>
    public static string Of(string path)
    {
        using var file = File.OpenRead(path);
        return Of(file);
    }

    /// <summary>Of what a file holds: unpacked where its name ends in <c>.gz</c>.</summary>
    /// <exception cref="UserError">It is no whole gzip file, or cannot be read.</exception>
    public static string OfContent(string path)
    {
        if (Directory.Exists(path)) throw new UserError($"{path} is a directory where a file is expected. Move it away.");
        try
        {
            using var file = File.OpenRead(path);
            if (!path.EndsWith(".gz", StringComparison.Ordinal)) return Of(file);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            return Of(unpacked);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} is damaged or cannot be read: {e.Message}", e);
        }
    }

    static string Of(Stream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));
}
