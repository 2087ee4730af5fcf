using System.Security.Cryptography;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// A text file that is too large to be held: lines of UTF-8 as they are read, each ended by a line feed. Word vectors have words of any signs, so that
/// what <see cref="TextFile"/> refuses besides is let pass.
/// </summary>
sealed class TextStream : IDisposable
{
    const int LongestLine = 1 << 26;

    static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly string path;
    readonly Stream stream;
    readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly byte[] buffer = new byte[1 << 20];
    bool empty = true;

    TextStream(string path, Stream stream) => (this.path, this.stream) = (path, stream);

    /// <summary>SHA-256 of what was read, unpacked; of the whole file when the lines have ended. Asked for once.</summary>
    public string Sha256 => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <summary>Opens <paramref name="name"/>, or where that is missing <paramref name="name"/><c>.gz</c>.</summary>
    /// <exception cref="UserError">Missing or not readable.</exception>
    public static TextStream Open(string folder, string name)
    {
        var path = FileBytes.Find(folder, name) ?? throw FileBytes.Missing(folder, name);
        if (Directory.Exists(path)) throw new UserError($"{path} is a directory where a file is expected. Move it away.");
        try
        {
            var file = File.OpenRead(path);
            return new TextStream(path, path.EndsWith(".gz", StringComparison.Ordinal) ? new CheckedGzip(file) : file);
        }
        catch (InvalidDataException e)
        {
            throw new UserError($"{path} is cut off or damaged at line 1: {e.Message}. Fetch the file again.", e);
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
                if (begun.Count > LongestLine) throw Wrong(number, "is longer than 64 MiB: this is no text. Fetch the file again");
                if (feed < 0) continue;
                yield return (number++, Decode(number - 1, begun));
                begun.Clear();
            }
        if (empty) throw new UserError($"{path} is empty: line 1 is missing. Fetch the file again.");
        if (begun.Count > 0) throw Wrong(number, "is cut off: the file does not end as it should. Fetch the file again");
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
            empty &= count == 0;
            return count;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new UserError($"{path} is cut off or damaged at or behind line {line}: {e.Message.TrimEnd('.')}. Fetch the file again.", e);
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
}
