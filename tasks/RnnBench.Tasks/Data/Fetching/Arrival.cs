using System.IO.Compression;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>Puts files of a data set in their place: written beside it, checked, and only then moved there.</summary>
/// <param name="set">The data set.</param>
/// <param name="dataFolder">The folder of all sets.</param>
sealed class Arrival(DataSet set, string dataFolder)
{
    /// <summary>Where unfinished files lie, kept so that a download can go on.</summary>
    public string Unfinished { get; } = Path.Combine(set.FolderIn(dataFolder), ".unfinished");

    /// <summary>The files of the set that are not in place.</summary>
    public IReadOnlyList<DataFile> Missing => [.. set.Files.Where(f => set.State(dataFolder).Missing.Contains(f.Name))];

    /// <summary>Makes the folders, and waits until no other process is at them.</summary>
    /// <returns>To be disposed of at the end.</returns>
    /// <exception cref="UserError">They cannot be written.</exception>
    public IDisposable Begin()
    {
        Writing(() => Directory.CreateDirectory(set.FolderIn(dataFolder)));
        var only = FileLock.Take(Path.Combine(set.FolderIn(dataFolder), ".lock"), DataFolder.Variable);
        Writing(() => Directory.CreateDirectory(Unfinished));
        return only;
    }

    /// <summary>Takes some files of the set out of the one file of a mirror that holds all.</summary>
    /// <param name="mirror">The mirror.</param>
    /// <param name="path">Where its file lies.</param>
    /// <param name="wanted">The files.</param>
    /// <returns>What is wrong with the content, or null where the files are in place.</returns>
    /// <exception cref="InvalidDataException">It is no such archive, or a damaged one.</exception>
    public string? Take(Mirror mirror, string path, IReadOnlyList<DataFile> wanted)
    {
        if (mirror.Sha256 is { } sha && FileHash.Of(path) is var found && found != sha) return $"{mirror.Name} has the SHA-256 {found[..12]}..., not {sha[..12]}...";
        if (mirror.Convert is { } convert) return Put(wanted.Single(), packed: true, written => convert(path, written));
        string? wrong = null;
        var left = wanted.ToDictionary(f => mirror.Remote(f.Name));
        Archive.Read(path, (name, content) =>
        {
            if (left.Remove(name, out var file)) wrong ??= Put(file, packed: false, content.CopyTo);
        });
        return wrong ?? (left.Count == 0 ? null : $"the archive lacks {string.Join(", ", left.Keys)}");
    }

    /// <summary>Writes a file and puts it in place.</summary>
    /// <param name="file">Which it is.</param>
    /// <param name="packed">Whether it is kept as a gzip file.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>What is wrong with its content, or null where it is in place.</returns>
    public string? Put(DataFile file, bool packed, Action<Stream> write)
    {
        var path = Path.Combine(Unfinished, file.Name + (packed ? ".new.gz" : ".new"));
        Writing(() =>
        {
            using Stream written = File.Create(path);
            if (!packed) write(written);
            else using (var packing = new GZipStream(written, CompressionLevel.Optimal)) write(packing);
        });
        return Put(file, path, packed);
    }

    /// <summary>Puts a written file in place, if its content is what was published.</summary>
    /// <param name="file">Which it is to be.</param>
    /// <param name="path">Where it was written; where it is wrong, it is deleted.</param>
    /// <param name="packed">Whether it is a gzip file.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Put(DataFile file, string path, bool packed)
    {
        var name = packed ? file.Name + ".gz" : file.Name;
        if (packed != path.EndsWith(".gz", StringComparison.Ordinal)) throw new ArgumentException("a packed file is named so", nameof(path));
        if (Wrong(file, path) is { } wrong)
        {
            File.Delete(path);
            return $"{name} {wrong}";
        }
        Writing(() => File.Move(path, Path.Combine(set.FolderIn(dataFolder), name), overwrite: true));
        return null;
    }

    /// <summary>Where no hash is published the counts must do.</summary>
    string? Wrong(DataFile file, string path)
    {
        try
        {
            return FileHash.Wrong(path, file) ?? (file.HasHash ? null : DataCheck.WrongCount(set, file, path));
        }
        catch (UserError e)
        {
            return $"is not whole ({e.Message})";
        }
    }

    /// <summary>Removes the folder of unfinished files, once nothing is unfinished.</summary>
    public void End()
    {
        if (Directory.Exists(Unfinished)) Directory.Delete(Unfinished, recursive: true);
    }

    /// <summary>Writes to the folder. What is read on the way may fail too, but throws an <see cref="InvalidDataException"/>.</summary>
    /// <exception cref="UserError">It cannot be written.</exception>
    public void Writing(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (Disk.Refuses(e) && e is not InvalidDataException)
        {
            throw new UserError($"{set.FolderIn(dataFolder)} cannot be written: {Disk.Says(e)}.\n"
                + $"Make room there, or name another folder with --data or {DataFolder.Variable}.", e);
        }
    }
}
