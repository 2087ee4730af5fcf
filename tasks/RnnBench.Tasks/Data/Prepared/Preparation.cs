using System.Runtime.InteropServices;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>Makes a folder of prepared data: beside its place, and moved there when it is whole.</summary>
sealed class Preparation
{
    static readonly Split[] splits = [Split.Train, Split.Valid, Split.Test];

    readonly string folder;
    readonly Func<string, Stream> create;
    readonly WordTable table = new();
    int[] counts = new int[1 << 16];

    Preparation(string folder, Func<string, Stream> create) => (this.folder, this.create) = (folder, create);

    /// <summary>Reads the sources once and puts the folder in place, instead of whatever was there.</summary>
    /// <exception cref="UserError">A source is wrong, or the folder cannot be written; nothing is left of it.</exception>
    public static Manifest Make(PreparedPlace place)
    {
        var folder = place.Folder;
        var unfinished = folder + ".new";                                   // the lock is held: nobody else is at it
        try
        {
            Clear(unfinished);
            Directory.CreateDirectory(unfinished);
            var manifest = new Preparation(unfinished, place.Create).Run(place.Names, place.Paths);
            Clear(folder);
            Directory.Move(unfinished, folder);
            return manifest;
        }
        catch (Exception e) when (Disk.Refuses(e))
        {
            throw new UserError($"{folder} cannot be prepared: {Disk.Says(e)}.\n"
                + $"Make room there, or name another folder with {CacheFolder.Variable}; nothing half-written was left.", e);
        }
        finally
        {
            try { Clear(unfinished); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }      // it is cleared before the next preparation
        }
    }

    Manifest Run(IReadOnlyList<string> names, IReadOnlyList<string> paths)
    {
        var (sources, parts) = (new List<PreparedSource>(), new List<PreparedPart>());
        foreach (var (split, path) in splits.Zip(paths))
        {
            var before = new FileInfo(path);
            var (length, modified) = (before.Length, before.LastWriteTimeUtc.Ticks);
            var (part, sha) = Part(split, path, paths[0]);
            parts.Add(part);
            sources.Add(new PreparedSource(names[sources.Count], length, modified, sha));
            before.Refresh();
            if (!before.Exists || before.Length != length || before.LastWriteTimeUtc.Ticks != modified)
                throw new UserError($"{path} was changed while it was read. Run the same command again when it is whole.");
        }
        var words = Write(PreparedFiles.Words, stream =>
        {
            for (var id = 0; id < table.Count; id++)
            {
                stream.Write(table[id]);
                stream.WriteByte((byte)'\n');
            }
        });
        var frequencies = Write(PreparedFiles.Counts, stream => stream.Write(MemoryMarshal.AsBytes(counts.AsSpan(0, table.Count))));
        var manifest = new Manifest(Manifest.CurrentCode, sources, parts, table.Count, table.Id("<eos>"u8, add: false), words, frequencies);
        Write(PreparedFiles.ManifestName, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(manifest.Write())));
        return manifest;
    }

    (PreparedPart Part, string Sha256) Part(Split split, string path, string training)
    {
        using var stream = create(Path.Combine(folder, PreparedFiles.Ids(split)));
        var (writer, learns) = (new IdWriter(stream), split == Split.Train);
        var (sha, _) = WordStream.Read(path, (word, line) =>
        {
            var id = table.Id(word, learns);
            if (id < 0) throw new UserError(
                $"{path}, line {line}: \"{System.Text.Encoding.UTF8.GetString(word)}\" does not occur in {Path.GetFileName(training)}, which makes the vocabulary.\n"
                + "Is the training file whole, and are both of the same set?");
            writer.Add(id);
            if (!learns) return;
            if (id >= counts.Length) Array.Resize(ref counts, 2 * counts.Length);
            counts[id]++;
        });
        var checksums = writer.End();
        stream.Flush();
        return (new PreparedPart(split, writer.Count, checksums), sha);
    }

    uint Write(string name, Action<Stream> content)
    {
        using var memory = new MemoryStream();
        content(memory);
        using var stream = create(Path.Combine(folder, name));
        stream.Write(memory.GetBuffer().AsSpan(0, (int)memory.Length));
        return Checksum.Of(memory.GetBuffer().AsSpan(0, (int)memory.Length));
    }

    static void Clear(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
