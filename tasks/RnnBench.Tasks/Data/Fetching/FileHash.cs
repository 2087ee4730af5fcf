using System.IO.Compression;
using System.Security.Cryptography;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>Hashes of files, in small hexadecimal letters.</summary>
static class FileHash
{
    /// <summary>SHA-256 of a file as it lies there.</summary>
    public static string Of(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>SHA-256 of what a file holds: unpacked where its name ends in <c>.gz</c>.</summary>
    /// <exception cref="UserError">It is no gzip file, or cannot be read.</exception>
    public static string OfContent(string path) => OfContent(path, HashAlgorithmName.SHA256);

    /// <summary>What is wrong with the content of a file by the hash that was published, or null; null too where none was.</summary>
    /// <exception cref="UserError">It is no gzip file, or cannot be read.</exception>
    public static string? Wrong(string path, DataFile file) =>
        file.Sha256 is { } sha256 ? Wrong(path, HashAlgorithmName.SHA256, "SHA-256", sha256)
        : file.Sha1 is { } sha1 ? Wrong(path, HashAlgorithmName.SHA1, "SHA-1", sha1) : null;

    static string? Wrong(string path, HashAlgorithmName algorithm, string name, string expected) =>
        OfContent(path, algorithm) is var found && found == expected ? null : $"has the {name} {found[..12]}..., not {expected[..12]}...";

    /// <summary>The hash of what a file holds, by an algorithm.</summary>
    public static string OfContent(string path, HashAlgorithmName algorithm)
    {
        if (Directory.Exists(path)) throw new UserError($"{path} is a directory where a file is expected. Move it away.");
        try
        {
            using var file = File.OpenRead(path);
            if (!path.EndsWith(".gz", StringComparison.Ordinal)) return Of(file, algorithm);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            return Of(unpacked, algorithm);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} is damaged or cannot be read: {e.Message}", e);
        }
    }

    static string Of(Stream stream, HashAlgorithmName algorithm) => Convert.ToHexStringLower(CryptographicOperations.HashData(algorithm, stream));
}
