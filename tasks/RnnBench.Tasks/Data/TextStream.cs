using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>A text file that is too large to be held: lines as they are read, with the checks of <see cref="TextFile"/> on the way.</summary>
sealed class TextStream : IDisposable
{
    static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly string path;
    readonly Stream stream;
    readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly byte[] buffer = new byte[1 << 20];
    readonly uint? promised;
    uint length;

    TextStream(string path, Stream stream, uint? promised) => (this.path, this.stream, this.promised) = (path, stream, promised);

    /// <summary>SHA-256 of what was read, unpacked; of the whole file when the lines have ended. Asked for once.</summary>
    public string Sha256 => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <summary>Opens <paramref name="name"/>, or where that is missing <paramref name="name"/><c>.gz</c>.</summary>
    /// <exception cref="UserError">Missing or not readable.</exception>
    public static TextStream Open(string folder, string name)
    {
        var path = FileBytes.Find(folder, name) ?? throw new UserError($"{Path.Combine(folder, name)} is missing (nor is there {name}.gz). Put it there.");
        if (Directory.Exists(path)) throw new UserError($"{path} is a directory where a file is expected. Move it away.");
        try
        {
            var file = File.OpenRead(path);
            return path.EndsWith(".gz", StringComparison.Ordinal)
                ? new TextStream(path, new GZipStream(file, CompressionMode.Decompress), LengthInTrailer(file)) : new TextStream(path, file, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The lines with their numbers from 1, without the line feeds.</summary>
    /// <exception cref="UserError">A line that is no UTF-8 or is cut off.</exception>
    public IEnumerable<(int Number, string Text)> Lines()
    {
        var (number, begun) = (1, new List<byte>());
        while (Fill(number) is > 0 and var count)
            for (var start = 0; start < count;)
            {
                var feed = buffer.AsSpan(start, count - start).IndexOf((byte)'\n');
                var end = feed < 0 ? count : start + feed;
                begun.AddRange(buffer.AsSpan(start, end - start));
                start = end + 1;
                if (feed < 0) continue;
                yield return (number++, Decode(number - 1, begun));
                begun.Clear();
            }
        if (length == 0) throw new UserError($"{path} is empty. Fetch the file again.");
        if (begun.Count > 0 || promised is { } p && p != length) throw Wrong(number, "is cut off: the file does not end as it should. Fetch the file again");
    }

    /// <summary>What is wrong with a line, and what to do.</summary>
    public UserError Wrong(int line, string what) => new($"{path}, line {line} {what}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }

    int Fill(int line)
    {
        try
        {
            var count = stream.Read(buffer);
            hash.AppendData(buffer.AsSpan(0, count));
            length += (uint)count;
            return count;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new UserError($"{path} is damaged at or behind line {line}: {e.Message} Fetch the file again.", e);
        }
    }

    string Decode(int number, List<byte> line)
    {
        try
        {
            return strict.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(number, "is not valid UTF-8. Convert the file, or fetch it again");
        }
    }

    /// <summary>The length of the unpacked content modulo 2^32 (RFC 1952, section 2.3.1), because unpacking ends silently where a file is cut off.</summary>
    static uint LengthInTrailer(FileStream file)
    {
        var trailer = new byte[4];
        if (file.Length < 18) return uint.MaxValue;
        file.Seek(-4, SeekOrigin.End);
        file.ReadExactly(trailer);
        file.Seek(0, SeekOrigin.Begin);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer);
    }
}
