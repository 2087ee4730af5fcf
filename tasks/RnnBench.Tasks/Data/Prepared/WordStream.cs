using System.Security.Cryptography;
using System.Text.Unicode;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>What a stream of words is given to.</summary>
/// <param name="word">The bytes of the word; those of <see cref="WordCorpus.EndOfLine"/> at the end of each line.</param>
/// <param name="line">The line, from 1.</param>
delegate void WordAction(ReadOnlySpan<byte> word, int line);

/// <summary>
/// Reads a text of words once, from its beginning to its end, in pieces of whole lines: words are what the ASCII space separates, and each line's end
/// is one too. The demands are those of <see cref="TextFile"/> and <see cref="WordCorpus"/>.
/// </summary>
static class WordStream
{
    const int Piece = 1 << 20, LongestLine = 1 << 26;

    static readonly byte[] endOfLine = System.Text.Encoding.ASCII.GetBytes(WordCorpus.EndOfLine);

    /// <summary>The word at the end of each line.</summary>
    public static ReadOnlySpan<byte> EndOfLine => endOfLine;

    /// <summary>Reads a file, packed where its name ends in <c>.gz</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="word">Gets each word.</param>
    /// <returns>SHA-256 of the content, unpacked, and its length in bytes.</returns>
    /// <exception cref="UserError">Not readable, damaged, or not of this form; the message names the line.</exception>
    public static (string Sha256, long Bytes) Read(string path, WordAction word)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, filled, line, bytes) = (new byte[Piece], 0, 1, 0L);
        foreach (var piece in Pieces(path, hash, () => line))
        {
            bytes += piece.Length;
            if (filled + piece.Length > buffer.Length) Array.Resize(ref buffer, Math.Max(2 * buffer.Length, filled + piece.Length));
            piece.Span.CopyTo(buffer.AsSpan(filled));
            filled += piece.Length;
            var whole = buffer.AsSpan(0, filled).LastIndexOf((byte)'\n') + 1;
            line = Lines(path, buffer.AsSpan(0, whole), line, word);
            buffer.AsSpan(whole, filled - whole).CopyTo(buffer);
            filled -= whole;
            if (filled > LongestLine) throw Wrong(path, line, "is longer than 64 MiB: this is no text. Fetch the file again");
        }
        if (bytes == 0) throw new UserError($"{path} is empty: line 1 is missing. Fetch the file again.");
        if (filled > 0) throw Wrong(path, line, "is cut off: the file does not end as it should, in a line feed. Fetch the file again");
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
    }

    /// <summary>The pieces of a file; the next is read, unpacked and hashed on another thread meanwhile.</summary>
    static IEnumerable<ReadOnlyMemory<byte>> Pieces(string path, IncrementalHash hash, Func<int> line)
    {
        if (Directory.Exists(path)) throw new UserError($"{path} is a directory where a file is expected. Move it away.");
        using var source = Open(path);
        byte[][] buffers = [new byte[Piece], new byte[Piece]];
        var (turn, next) = (0, Fill(buffers[0]));
        try
        {
            for (; Filled(next) is > 0 and var count; turn = 1 - turn)
            {
                next = Fill(buffers[1 - turn]);
                yield return buffers[turn].AsMemory(0, count);
            }
        }
        finally
        {
            Task.WhenAny(next).Wait();                                      // nobody reads from what is disposed of
        }

        Task<int> Fill(byte[] buffer) => Task.Run(() =>
        {
            var count = source.Read(buffer);
            hash.AppendData(buffer.AsSpan(0, count));
            return count;
        });

        int Filled(Task<int> reading)
        {
            try
            {
                return reading.GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                throw new UserError($"{path} is cut off or damaged at or behind line {line()}: {e.Message.TrimEnd('.')}. Fetch the file again.", e);
            }
        }
    }

    static Stream Open(string path)
    {
        try
        {
            if (!path.EndsWith(".gz", StringComparison.Ordinal)) return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            return new CheckedGzip(File.OpenRead(path));
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

    static int Lines(string path, ReadOnlySpan<byte> text, int line, WordAction word)
    {
        if (text.ContainsAny((byte)'\r', (byte)0) || !Utf8.IsValid(text) || line == 1 && text.StartsWith(System.Text.Encoding.UTF8.Preamble)) Explain(path, text, line);
        for (var begin = 0; text.Length > 0; text = text[(begin + 1)..])
        {
            begin = text.IndexOfAny((byte)' ', (byte)'\n');
            if (begin > 0)
            {
                if (text[0] == '<' && text[..begin].SequenceEqual(endOfLine))
                    throw Wrong(path, line, $"holds the word {WordCorpus.EndOfLine}, which is added here at the end of each line. Fetch the original file");
                word(text[..begin], line);
            }
            if (text[begin] == '\n') word(endOfLine, line++);
        }
        return line;
    }

    /// <summary>Names the first line that is wrong.</summary>
    static void Explain(string path, ReadOnlySpan<byte> text, int line)
    {
        if (line == 1 && text.StartsWith(System.Text.Encoding.UTF8.Preamble)) throw Wrong(path, line, "begins with a byte order mark. Save the file as UTF-8 without one");
        for (; ; line++)
        {
            var end = text.IndexOf((byte)'\n');
            var one = text[..end];
            if (one.Contains((byte)'\r')) throw Wrong(path, line, "holds a carriage return. Convert the file to line feeds alone");
            if (one.Contains((byte)0)) throw Wrong(path, line, "holds a zero byte: this is no UTF-8 text. Convert the file, or fetch it again");
            if (!Utf8.IsValid(one)) throw Wrong(path, line, "is not valid UTF-8. Convert the file, or fetch it again");
            text = text[(end + 1)..];
        }
    }

    static UserError Wrong(string path, int line, string what) => new($"{path}, line {line} {what}.");
}
