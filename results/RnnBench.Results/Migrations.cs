using Dapper;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results;

/// <summary>
/// The versions of the schema: step i leads from version i to i + 1. A step that has been released is never changed. All steps that a store
/// lacks are taken in one exclusive transaction, so that it is of the old version or of the new one, whatever happens.
/// </summary>
static class Migrations
{
    public static IReadOnlyList<string> All { get; } = [Resource.Text("Schema"), Resource.Text("Schema2"), Resource.Text("Schema3"), Resource.Text("Schema4")];

    /// <summary>Brings the store up to date; does nothing where it is. An empty file becomes a store.</summary>
    /// <exception cref="StoreError">The file is another program's, or of a newer version; it is left as it is.</exception>
    public static void Apply(SqliteConnection connection, string file, IReadOnlyList<string> steps)
    {
        if (Stamp.Read(connection) == new Stamp(Stamp.Ours, steps.Count)) return;
        connection.Execute("PRAGMA foreign_keys = OFF");        // so that a step can rebuild a table; checked at the end instead
        connection.Transact("EXCLUSIVE", () =>
        {
            var stamp = Stamp.Read(connection);                 // again: another process may have been faster
            var fresh = stamp == default && connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_schema") == 0;
            if (!fresh) stamp.Demand(file, steps.Count);
            foreach (var step in steps.Skip(stamp.Version)) connection.Execute(step);
            if (connection.Query("PRAGMA foreign_key_check").Any())
                throw new StoreError($"{file}: the step to version {steps.Count} would leave rows without their run; the store stays as it was.");
            connection.Execute($"PRAGMA application_id = {Stamp.Ours}; PRAGMA user_version = {steps.Count}");
        });
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");  // the version stands in the file itself, for whoever looks at nothing else
    }
}

/// <summary>Whose database it is and of which version: two numbers of the file's header (https://sqlite.org/fileformat.html, 1.3).</summary>
readonly record struct Stamp(int Program, int Version)
{
    /// <summary>"RnnB" in ASCII.</summary>
    public const int Ours = 0x526E6E42;

    public static Stamp Read(SqliteConnection connection) =>
        new(connection.ExecuteScalar<int>("PRAGMA application_id"), connection.ExecuteScalar<int>("PRAGMA user_version"));

    /// <exception cref="StoreError">It is not ours, or newer than <paramref name="version"/>.</exception>
    public void Demand(string file, int version)
    {
        if (Program != Ours) throw new StoreError($"{file}: this is the database of another program; give another file.");
        if (Version > version)
            throw new StoreError($"{file}: a newer rnnbench made this store (version {Version}; this one knows {version}). Use that one, or another file.");
    }
}
