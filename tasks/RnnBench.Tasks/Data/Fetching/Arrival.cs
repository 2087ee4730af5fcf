using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>Puts files of a data set in their place: written beside it, checked, and only then moved there.</summary>
/// <param name="set">The data set.</param>
/// <param name="dataFolder">The folder of all sets.</param>
sealed class Arrival(DataSet set, string dataFolder)
{
    /// <summary>Where unfinished files lie, kept so that a download can go on.</summary>
    public string Unfinished { get; } = Path.Combine(set.FolderIn(dataFolder), ".unfinished");

    /// <summary>Makes the folders.</summary>
    /// <exception cref="UserError">They cannot be written.</exception>
    public void Begin() => Writing(() => Directory.CreateDirectory(Unfinished));

    /// <summary>Writes a file from a stream and puts it in place.</summary>
    /// <returns>What is wrong with its content, or null where it is in place.</returns>
    public string? Put(DataFile file, Stream content)
    {
        var path = Path.Combine(Unfinished, file.Name + ".part");
        Writing(() =>
        {
            using var written = File.Create(path);
            content.CopyTo(written);
        });
        return Put(file, path, packed: false);
    }

    /// <summary>Puts a written file in place, if its content is what was published.</summary>
    /// <param name="file">Which it is to be.</param>
    /// <param name="path">Where it was written.</param>
    /// <param name="packed">Whether it is a gzip file.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Put(DataFile file, string path, bool packed)
    {
        var name = packed ? file.Name + ".gz" : file.Name;
        if (packed != path.EndsWith(".gz", StringComparison.Ordinal)) throw new ArgumentException("a packed file is named so", nameof(path));
        var found = FileHash.OfContent(path);
        if (file.Sha256 is { } expected && found != expected)
        {
            File.Delete(path);
            return $"{name} has the SHA-256 {found[..12]}..., not {expected[..12]}...";
        }
        Writing(() => File.Move(path, Path.Combine(set.FolderIn(dataFolder), name), overwrite: true));
        return null;
    }

    /// <summary>Removes the folder of unfinished files, once nothing is unfinished.</summary>
    public void End()
    {
        if (Directory.Exists(Unfinished)) Directory.Delete(Unfinished, recursive: true);
    }

    void Writing(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (Disk.Refuses(e) && e is not HttpIOException && e.InnerException is null)
        {
            throw new UserError($"{set.FolderIn(dataFolder)} cannot be written: {Disk.Says(e)}.\n"
                + $"Make room there, or name another folder with --data or {DataFolder.Variable}.", e);
        }
    }
}
