using System.Security.Cryptography;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Takes over data files that a user has. A file is known by the hash of what it holds, whatever it is called; a published archive or other form by
/// its own hash or its name; and a file of which no hash is published by its name and its counts.
/// </summary>
public static class DataImport
{
    /// <summary>Copies every known file among some into the data folder.</summary>
    /// <param name="path">A file, plain, packed (<c>.gz</c>) or an archive; or a folder of such, with those below.</param>
    /// <param name="dataFolder">The folder of all sets.</param>
    /// <returns>What was taken over, as <c>ptb/ptb.train.txt</c>.</returns>
    /// <exception cref="UserError">There is nothing at the path, nothing known among it, an archive is damaged, or there is no room.</exception>
    public static IReadOnlyList<string> From(string path, string dataFolder)
    {
        IEnumerable<string> files = Directory.Exists(path) ? Below(path) : File.Exists(path) ? [path] : throw new UserError($"{path}: there is no such file or folder.");
        var (taken, reasons) = (new List<string>(), new List<string>());
        foreach (var file in files) taken.AddRange(One(file, dataFolder, reasons));
        if (taken.Count > 0) return [.. taken.Distinct()];
        throw new UserError($"{path}: nothing here holds what a data set was published with{(reasons.Count == 0 ? "" : $" ({string.Join("; ", reasons)})")}.\n"
            + "See what is wanted with rnnbench data list; a file is known by its hash, not by its name.");
    }

    static IEnumerable<string> Below(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Order(StringComparer.Ordinal);

    static List<string> One(string path, string dataFolder, List<string> reasons)
    {
        var taken = Take(path, Path.GetFileName(path), dataFolder, reasons);
        if (taken.Count > 0 || !Archive.Is(path)) return taken;
        var scratch = Directory.CreateTempSubdirectory("rnnbench-import-");
        try
        {
            Archive.Read(path, (name, content) =>
            {
                var copy = Path.Combine(scratch.FullName, name.EndsWith(".gz", StringComparison.Ordinal) ? "member.gz" : "member");
                using (var written = File.Create(copy)) content.CopyTo(written);
                taken.AddRange(Take(copy, Path.GetFileName(name), dataFolder, reasons));
            });
            return taken;
        }
        catch (Exception e) when (e is InvalidDataException || Disk.Refuses(e))
        {
            throw new UserError($"{path} is damaged or cannot be read: {Disk.Says(e)}. Fetch it again.", e);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    static List<string> Take(string path, string name, string dataFolder, List<string> reasons)
    {
        var taken = new List<string>();
        var (raw, hashes) = (FileHash.Of(path), new Lazy<string[]>(() => [FileHash.OfContent(path), FileHash.OfContent(path, HashAlgorithmName.SHA1)]));
        foreach (var set in DataSets.All)
        {
            var arrival = new Arrival(set, dataFolder);
            if (set.Mirrors.FirstOrDefault(m => m.IsWhole && (m.Sha256 == raw || m.Convert is not null && m.Name == name)) is { } mirror)
                Add(set, arrival, set.Files, () => arrival.Take(mirror with { Sha256 = null }, path, set.Files));
            else foreach (var file in set.Files.Where(f => f.HasHash ? hashes.Value.Contains(f.Sha256 ?? f.Sha1) : f.Name == name || f.Name + ".gz" == name))
                Add(set, arrival, [file], () => Copy(arrival, file, path));
        }
        return taken;

        void Add(DataSet set, Arrival arrival, IEnumerable<DataFile> files, Func<string?> take)
        {
            using var only = arrival.Begin();
            var wrong = Wrong(take);
            arrival.End();
            if (wrong is null) taken.AddRange(files.Select(f => $"{set.Folder}/{f.Name}"));
            else reasons.Add($"{name}: {wrong}");
        }
    }

    static string? Wrong(Func<string?> take)
    {
        try
        {
            return take();
        }
        catch (InvalidDataException e)
        {
            return $"it is damaged or of another form: {Disk.Says(e)}";
        }
    }

    static string? Copy(Arrival arrival, DataFile file, string path)
    {
        var packed = path.EndsWith(".gz", StringComparison.Ordinal);
        var copy = Path.Combine(arrival.Unfinished, file.Name + (packed ? ".import.gz" : ".import"));
        arrival.Writing(() => File.Copy(path, copy, overwrite: true));
        return arrival.Put(file, copy, packed);
    }
}
