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
    /// <summary>How a file's units are counted, by the word for them; units that are not here are vouched for by the hash alone.</summary>
    static readonly Dictionary<string, Func<string, DataFile, long>> counts = new()
    {
        ["tokens"] = (folder, file) => Words(folder, file),
        ["characters"] = (folder, file) => TextFile.Read(folder, file.Name).Lines(" ").Sum(line => 1L + line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length),
        ["trees"] = (folder, file) => TextFile.Read(folder, file.Name).Lines().Count(),
        ["images"] = (folder, file) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(FileBytes.Read(folder, file.Name, FileBytes.ByteAfter).Content.AsSpan(4)),
        ["sequences"] = (folder, file) => MusicFile.Read(folder, file.Name).Splits.Values.Sum(split => (long)split.Length),
    };

    /// <summary>Looks at every file of a set that is there.</summary>
    /// <param name="set">The set.</param>
    /// <param name="dataFolder">The folder of all sets.</param>
    public static IEnumerable<DataFinding> Of(DataSet set, string dataFolder)
    {
        var found = set.State(dataFolder).Found;
        return set.Files.Where(file => found.Contains(file.Name)).Select(file => Of(set, file, set.FolderIn(dataFolder)));
    }

    static DataFinding Of(DataSet set, DataFile file, string folder)
    {
        try
        {
            var sha = FileHash.OfContent(FileBytes.Find(folder, file.Name)!);
            if (file.Sha256 is { } expected && sha != expected) return new DataFinding(set, file, $"SHA-256 {sha}, published is {expected}", "");
            if (!counts.TryGetValue(set.Unit, out var count)) return new DataFinding(set, file, null, "hash");
            var units = count(folder, file);
            return new DataFinding(set, file, units == file.Count ? null : string.Create(CultureInfo.InvariantCulture, $"{units:N0} {set.Unit}, published are {file.Count:N0}"),
                string.Create(CultureInfo.InvariantCulture, $"{(file.Sha256 is null ? "" : "hash, ")}{units:N0} {set.Unit}"));
        }
        catch (Exception e) when (e is UserError or ArgumentException)
        {
            return new DataFinding(set, file, e.Message.ReplaceLineEndings(" "), "");
        }
    }

    static long Words(string folder, DataFile file)
    {
        var count = 0L;
        WordStream.Read(FileBytes.Find(folder, file.Name)!, (_, _) => count++);
        return count;
    }
}
