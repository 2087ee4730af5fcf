using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>Takes over data files that a user has: it knows them by what they hold, whatever they are called.</summary>
public static class DataImport
{
    /// <summary>Copies every known file among some into the data folder.</summary>
    /// <param name="path">A file, plain, packed (<c>.gz</c>) or an archive; or a folder of such, with those below.</param>
    /// <param name="dataFolder">The folder of all sets.</param>
    /// <returns>What was taken over, as <c>ptb/ptb.train.txt</c>.</returns>
    /// <exception cref="UserError">There is nothing at the path, nothing known among it, or no room.</exception>
    public static IReadOnlyList<string> From(string path, string dataFolder)
    {
        IEnumerable<string> files = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Order(StringComparer.Ordinal)
            : File.Exists(path) ? [path] : throw new UserError($"{path}: there is no such file or folder.");
        var taken = files.SelectMany(file => One(file, dataFolder)).Distinct().ToList();
        if (taken.Count == 0) throw new UserError($"{path}: nothing here holds what a data set was published with.\nSee what is wanted with rnnbench data list; a file is known by its SHA-256, not by its name.");
        return taken;
    }

    static List<string> One(string path, string dataFolder)
    {
        if (!Archive.Is(path)) return Take(path, dataFolder);
        var taken = new List<string>();
        var scratch = Directory.CreateTempSubdirectory("rnnbench-import-");
        try
        {
            Archive.Read(path, (name, content) =>
            {
                var copy = Path.Combine(scratch.FullName, name.EndsWith(".gz", StringComparison.Ordinal) ? "member.gz" : "member");
                using (var written = File.Create(copy)) content.CopyTo(written);
                taken.AddRange(Take(copy, dataFolder));
            });
            return [.. taken, .. Take(path, dataFolder)];                    // some sets are kept as their archive
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new UserError($"{path} is damaged or cannot be read: {e.Message.TrimEnd('.')}. Fetch it again.", e);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    static List<string> Take(string path, string dataFolder)
    {
        var (packed, taken) = (path.EndsWith(".gz", StringComparison.Ordinal), new List<string>());
        var sha = FileHash.OfContent(path);
        foreach (var set in DataSets.All)
            foreach (var known in set.Files.Where(f => f.Sha256 == sha))
            {
                var arrival = new Arrival(set, dataFolder);
                arrival.Begin();
                var copy = Path.Combine(arrival.Unfinished, known.Name + (packed ? ".import.gz" : ".import"));
                File.Copy(path, copy, overwrite: true);
                if (arrival.Put(known, copy, packed) is { } wrong) throw new UserError($"{path} was changed while it was copied: {wrong}.");
                arrival.End();
                taken.Add($"{set.Folder}/{known.Name}");
            }
        return taken;
    }
}
