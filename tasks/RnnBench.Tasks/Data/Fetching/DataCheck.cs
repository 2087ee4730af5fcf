using System.Buffers.Binary;
using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>How a file of a data set compares with what was published.</summary>
/// <param name="Set">The set.</param>
/// <param name="File">The file.</param>
/// <param name="Wrong">What is wrong with it, or null.</param>
/// <param name="Note">What was compared.</param>
public sealed record DataFinding(DataSet Set, DataFile File, string? Wrong, string Note);

/// <summary>Compares files with the published hashes and counts.</summary>
public static class DataCheck
{
    /// <summary>How a file's units are counted, by the word for them, from its folder and its name without <c>.gz</c>.</summary>
    static readonly Dictionary<string, Func<string, string, long>> counts = new()
    {
        ["tokens"]     = Words,
        ["characters"] = (folder, name) => TextFile.Read(folder, name).Lines(" ").Sum(line => 1L + line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length),
        ["trees"]      = (folder, name) => SentimentTree.Read(TextFile.Read(folder, name)).Length,
        ["reviews"]    = (folder, name) => ImdbArchive.Read(folder, name) is var all ? all.Train.Count + all.Test.Count : 0,
        ["images"]     = (folder, name) => BinaryPrimitives.ReadInt32BigEndian(Header(FileBytes.Read(folder, name, FileBytes.ByteAfter))),
        ["sequences"]  = (folder, name) => MusicFile.Read(folder, name).Splits.Values.Sum(split => (long)split.Length),
        ["vectors"]    = Lines,
    };

    /// <summary>Looks at every file of a set that is there, or a folder in its place.</summary>
    /// <param name="set">The set.</param>
    /// <param name="dataFolder">The folder of all sets.</param>
    public static IEnumerable<DataFinding> Of(DataSet set, string dataFolder) =>
        from file in set.Files
        let path = FileBytes.Find(set.FolderIn(dataFolder), file.Name)
        where path is not null
        select Of(set, file, path);

    static DataFinding Of(DataSet set, DataFile file, string path)
    {
        try
        {
            var wrong = FileHash.Wrong(path, file) is { } other ? $"{other}: {Why(set, file, path)}" : WrongCount(set, file, path);
            return new DataFinding(set, file, wrong, $"{(file.HasHash ? "hash, " : "no hash is published; ")}{Of(file.Count, set)}");
        }
        catch (UserError e)
        {
            return new DataFinding(set, file, Line(e), "");
        }
    }

    /// <summary>Why the content is not the published one, as far as reading it tells.</summary>
    static string Why(DataSet set, DataFile file, string path)
    {
        try
        {
            return WrongCount(set, file, path) ?? $"another content, though of {Of(file.Count, set)}";
        }
        catch (UserError e)
        {
            return Line(e);
        }
    }

    static string Line(UserError e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.');

    /// <summary>What is wrong with the number of units of a file by what was published, or null.</summary>
    /// <exception cref="UserError">It is damaged.</exception>
    internal static string? WrongCount(DataSet set, DataFile file, string path)
    {
        var name = Path.GetFileName(path);
        var count = counts[set.Unit](Path.GetDirectoryName(path)!, name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name);
        return count == file.Count ? null : $"has {Of(count, set)}, not {Of(file.Count, set)}";
    }

    static string Of(long count, DataSet set) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {set.Unit}");

    static ReadOnlySpan<byte> Header(FileBytes file) => file.Content.Length >= 8 ? file.Content.AsSpan(4, 4)
        : throw new UserError($"{file.Path} is cut off: its header ends at byte {file.Content.Length} of 8. Fetch the file again.");

    static long Words(string folder, string name)
    {
        var count = 0L;
        WordStream.Read(FileBytes.Find(folder, name)!, (_, _) => count++);
        return count;
    }

    static long Lines(string folder, string name)
    {
        using var file = TextStream.Open(folder, name);
        return file.Lines().LongCount();
    }
}
