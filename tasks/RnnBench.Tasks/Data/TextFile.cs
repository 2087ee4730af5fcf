using System.Security.Cryptography;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// A text file of a data set, read whole: UTF-8 without a byte order mark, every line ended by a line feed. What is otherwise is refused with
/// the file and the line, because a loader that mends a file in silence counts other tokens than everybody else.
/// </summary>
sealed class TextFile
{
    static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly byte[] bytes;

    TextFile(string path, byte[] bytes) => (Path, this.bytes) = (path, bytes);

    /// <summary>Where it was found.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of the content, unpacked, in small hexadecimal letters.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Reads <paramref name="name"/>, or where that is missing <paramref name="name"/><c>.gz</c>.</summary>
    /// <exception cref="UserError">Missing, not readable, empty, or a damaged gzip file.</exception>
    public static TextFile Read(string folder, string name)
    {
        var (path, content) = FileBytes.Read(folder, name, read => $"line {read.AsSpan().Count((byte)'\n') + 1}");
        return new TextFile(path, content);
    }

    /// <summary>The lines with their numbers from 1, without the line feeds.</summary>
    /// <param name="end">What stands behind the last line feed, in ASCII.</param>
    /// <exception cref="UserError">A line that is no UTF-8, holds a carriage return or a zero byte, or is cut off.</exception>
    public IEnumerable<(int Number, string Text)> Lines(string end = "")
    {
        var (number, start) = (1, 0);
        for (; start < bytes.Length - end.Length; number++)
        {
            var length = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0) throw CutOff(number);
            yield return (number, Decode(number, bytes.AsSpan(start, length)));
            start += length + 1;
        }
        if (start == 0 || !bytes.AsSpan(start).SequenceEqual(Encoding.ASCII.GetBytes(end))) throw CutOff(number);
    }

    UserError CutOff(int line) => Wrong(line, "is cut off: the file does not end as it should, in a line feed. Fetch the file again");

    string Decode(int number, ReadOnlySpan<byte> line)
    {
        if (number == 1 && line.StartsWith(Encoding.UTF8.Preamble))
            throw Wrong(number, "begins with a byte order mark. Save the file as UTF-8 without one");
        if (line.Contains((byte)'\r')) throw Wrong(number, "holds a carriage return. Convert the file to line feeds alone");
        if (line.Contains((byte)0)) throw Wrong(number, "holds a zero byte: this is no UTF-8 text. Convert the file, or fetch it again");
        try
        {
            return strict.GetString(line);
        }
        catch (DecoderFallbackException e)
        {
            throw Wrong(number, "is not valid UTF-8. Convert the file, or fetch it again", e);
        }
    }

    /// <summary>What is wrong with a line, and what to do.</summary>
    public UserError Wrong(int line, string what, Exception? cause = null)
    {
        var message = $"{Path}, line {line} {what}.";
        return cause is null ? new UserError(message) : new UserError(message, cause);
    }
}
