using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RnnBench.Results;

/// <summary>Opening the file itself: everything that can be wrong with it is found before a byte is changed.</summary>
static class StoreFile
{
    /// <summary>Seconds to wait for another process that is writing.</summary>
    public const int Patience = 30;

    /// <summary>
    /// Looks at a file that is there and not empty. SQLite reads it as immutable: no lock, no recovery, no side files. (Reading the header
    /// ourselves would not do: closing a file drops the POSIX locks that this process holds on it.)
    /// </summary>
    /// <exception cref="StoreError">No database, another program's, a newer version, damaged.</exception>
    public static void Examine(string file, int version)
    {
        const int header = 100;     // bytes; SQLite takes what is shorter for an empty database
        if (new FileInfo(file).Length < header) throw StoreError.From(new SqliteException("There is no header.", StoreError.NoDatabase), file);
        for (var again = false; ; again = true)
        {
            try
            {
                using var connection = Connect(file, SqliteOpenMode.ReadOnly, Patience, immutable: true);
                Stamp.Read(connection).Demand(file, version);
                if (new FileInfo(file).Length < connection.ExecuteScalar<long>("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
                    throw new SqliteException("The last page is cut short.", StoreError.Corrupt);       // SQLite would take the rest for zeros
                return;
            }
            catch (SqliteException e) when (e.SqliteErrorCode == StoreError.Corrupt && HasLog(file))
            {
                return;         // cut off, or at work, in the middle of a write: opening it in earnest puts that right
            }
            catch (SqliteException e) when (e.SqliteErrorCode == StoreError.Corrupt && !again)
            {
                continue;       // the write that we saw half of is over by now: there is no log any more
            }
            catch (SqliteException e)
            {
                throw StoreError.From(e, file);
            }
        }
    }

    /// <summary>The full path, at the end of symbolic links: SQLite puts its log beside the file itself.</summary>
    /// <exception cref="StoreError">The links lead in a circle.</exception>
    public static string Locate(string file)
    {
        var info = new FileInfo(file);
        try
        {
            return info.LinkTarget is null ? info.FullName : info.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        }
        catch (IOException e)
        {
            throw new StoreError($"{info.FullName}: its symbolic link leads nowhere ({e.Message}); give another file.", e);
        }
    }

    /// <exception cref="StoreError">A folder lies there, or there is no folder to hold it.</exception>
    public static void DemandPlace(string file)
    {
        if (Directory.Exists(file)) throw new StoreError($"{file}: this is a folder; give the file of the store.");
        var folder = Path.GetDirectoryName(file)!;
        if (!Directory.Exists(folder)) throw new StoreError($"{file}: there is no folder {folder}; make it, or give another file.");
    }

    public static bool HasContent(string file) => new FileInfo(file) is { Exists: true, Length: > 0 };

    /// <summary>Whether a write-ahead log or a rollback journal lies beside the file.</summary>
    public static bool HasLog(string file) => HasContent(file + "-wal") || HasContent(file + "-journal");

    /// <summary>Opens a connection; SQLite touches nothing before the first statement, except that it makes a missing file if it may.</summary>
    public static SqliteConnection Connect(string file, SqliteOpenMode mode, int patience, bool immutable = false)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = immutable ? $"file:{Uri.EscapeDataString(file)}?immutable=1" : file,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = patience,
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute($"PRAGMA busy_timeout = {patience * 1000}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether file and folder, where SQLite's log goes, can be written.</summary>
    public static bool IsWritable(string file) => StoreError.Guard(file, () =>
    {
        using var connection = Connect(file, SqliteOpenMode.ReadWrite, Patience);
        return !IsReadOnly(connection) && IsWritableFolder(Path.GetDirectoryName(file)!);
    });

    /// <summary>Whether a file can be made in a folder: makes one that vanishes.</summary>
    public static bool IsWritableFolder(string folder)
    {
        try
        {
            using var trial = new FileStream(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1,
                FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    /// <summary>SQLite falls back to reading where a file cannot be written, without a word.</summary>
    public static bool IsReadOnly(SqliteConnection connection) => raw.sqlite3_db_readonly(connection.Handle, "main") == 1;

    /// <summary>Does <paramref name="work"/> whole or not at all.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="kind">IMMEDIATE (readers go on) or EXCLUSIVE.</param>
    /// <param name="work">What is done.</param>
    public static void Transact(this SqliteConnection connection, string kind, Action work)
    {
        connection.Execute($"BEGIN {kind}");
        try
        {
            work();
            connection.Execute("COMMIT");
        }
        catch
        {
            // A full disk makes SQLite roll back by itself; then there is nothing left to do.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0) connection.Execute("ROLLBACK");
            throw;
        }
    }
}
