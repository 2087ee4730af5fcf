using Dapper;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results;

/// <summary>What can be said of a store, or of the place where one is to be, without changing anything.</summary>
/// <param name="File">The file, with its full path, at the end of symbolic links.</param>
/// <param name="Exists">Whether there is a store already.</param>
/// <param name="Problem">Why it cannot be written, in one line with what to do; null where it can.</param>
/// <param name="FileSystem">The type of its file system, as /proc/mounts calls it (ext4, nfs4, ...); null where that cannot be known.</param>
public sealed record StoreCheck(string File, bool Exists, string? Problem, string? FileSystem)
{
    /// <summary>Whether runs can be recorded there.</summary>
    public bool Writable => Problem is null;

    /// <summary>
    /// Whether the file system is one of a network, where locks and shared memory cannot be trusted: a store that several machines write to
    /// may be lost (https://sqlite.org/wal.html, "must be on the same host").
    /// </summary>
    public bool OnNetwork => FileSystem is not null && MountTable.IsNetwork(FileSystem);

    internal static StoreCheck Of(string file)
    {
        var (place, problem) = (Path.GetFullPath(file), default(string));
        try
        {
            place = StoreFile.Locate(file);
            StoreFile.DemandPlace(place);
            if (StoreFile.HasContent(place)) Try(place);
            else if (!StoreFile.IsWritableFolder(Path.GetDirectoryName(place)!)) throw new StoreError($"{place}: its folder is read-only; give another file.");
        }
        catch (StoreError e)
        {
            problem = e.Message;
        }
        return new(place, StoreFile.HasContent(place), problem, MountTable.TypeAt(place));
    }

    /// <summary>Begins to write and stops.</summary>
    static void Try(string file)
    {
        const int patience = 2;
        StoreFile.Examine(file, Migrations.All.Count);
        if (!StoreFile.IsWritable(file)) throw new StoreError($"{file}: the file or its folder is read-only; make them writable, or give another file.");
        StoreError.Guard(file, () =>
        {
            using var connection = StoreFile.Connect(file, SqliteOpenMode.ReadWrite, patience);
            return connection.Execute("BEGIN IMMEDIATE; ROLLBACK");
        });
    }
}
