using Dapper;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results;

/// <summary>The two ways to open a store.</summary>
static class Opening
{
    /// <summary>Opens or makes a store and brings it up to date.</summary>
    public static SqliteConnection ToWrite(string file, IReadOnlyList<string> migrations, int patience)
    {
        StoreFile.DemandPlace(file);
        if (StoreFile.HasContent(file)) StoreFile.Examine(file, migrations.Count);
        return Prepared(file, SqliteOpenMode.ReadWriteCreate, patience, migrations);
    }

    /// <summary>Opens a store for reading, and brings it up to date before where that can be done.</summary>
    public static SqliteConnection ToRead(string file, IReadOnlyList<string> migrations)
    {
        if (Directory.Exists(file)) throw new StoreError($"{file}: this is a folder; give the file of the store.");
        if (!File.Exists(file)) throw new StoreError($"{file}: there is no such store; run something first, or give another file.");
        if (!StoreFile.HasContent(file)) throw new StoreError($"{file}: this file is empty, there is no store in it; give another file.");
        StoreFile.Examine(file, migrations.Count);
        if (!StoreFile.IsWritable(file)) return ToReadOnly(file, migrations);
        var connection = Prepared(file, SqliteOpenMode.ReadWrite, StoreFile.Patience, migrations);
        connection.Execute("PRAGMA query_only = ON");
        return connection;
    }

    static SqliteConnection Prepared(string file, SqliteOpenMode mode, int patience, IReadOnlyList<string> migrations) =>
        Open(file, mode, patience, immutable: false, connection =>
    {
        if (StoreFile.IsReadOnly(connection)) throw new StoreError($"{file}: it is read-only; make it writable, or give another file.");
        Migrations.Apply(connection, file, migrations);
        if (connection.ExecuteScalar<string>("PRAGMA journal_mode = WAL") != "wal")
            throw new StoreError($"{file}: its file system cannot share memory, as SQLite's log needs; put the store on a local disk.");
        // FULL: a commit is on the disk when it returns. In WAL mode, NORMAL could lose the last commits with the power.
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    });

    /// <summary>Without the right to write: where no log lies beside the file nobody writes to it, and SQLite needs neither lock nor shared memory.</summary>
    static SqliteConnection ToReadOnly(string file, IReadOnlyList<string> migrations)
    {
        var immutable = !File.Exists(file + "-wal");
        return Open(file, SqliteOpenMode.ReadOnly, StoreFile.Patience, immutable, connection =>
        {
            var stamp = Stamp.Read(connection);
            stamp.Demand(file, migrations.Count);
            if (stamp.Version < migrations.Count)
                throw new StoreError($"{file}: this store is of an older version and read-only; copy it to where it can be brought up to date.");
        });
    }

    static SqliteConnection Open(string file, SqliteOpenMode mode, int patience, bool immutable, Action<SqliteConnection> prepare) =>
        StoreError.Guard(file, () =>
    {
        var connection = StoreFile.Connect(file, mode, patience, immutable);
        try
        {
            prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    });
}
