using Microsoft.Data.Sqlite;

namespace RnnBench.Results;

/// <summary>The store cannot be used: no database, read-only, made by a newer version, full disk. The message says what to do.</summary>
public sealed class StoreError : Exception
{
    /// <param name="message">What is wrong, which file, what to do.</param>
    /// <param name="cause">What was caught.</param>
    public StoreError(string message, Exception? cause = null) : base(message, cause) { }

    /// <summary>What SQLite's result code (https://sqlite.org/rescode.html) means to a user.</summary>
    internal static StoreError From(SqliteException error, string file) => new($"{file}: " + error.SqliteErrorCode switch
    {
        Busy or Locked => "another process keeps it locked; nothing was written. Wait until that one is done, or give another file.",
        ReadOnly => "it is read-only; make the file and its folder writable, or give another file.",
        IoError => $"reading or writing failed (SQLite code {error.SqliteExtendedErrorCode}); nothing was written. Is it a plain file, and the disk sound?",
        Corrupt => "the database is damaged or cut short; restore a copy, or give another file.",
        Full => "the disk is full; nothing of this step was written. Free some space, then resume.",
        CannotOpen => "it cannot be opened; make the file and its folder readable and writable, or give another file.",
        Constraint => $"a row breaks a rule of the schema and nothing was written ({error.Message}).",
        NoDatabase => "this is no SQLite database; give another file.",
        _ => error.Message,
    }, error);

    /// <summary>Says what SQLite throws in words for a user.</summary>
    internal static T Guard<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            throw From(e, file);
        }
    }

    internal const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, Constraint = 19, NoDatabase = 26;
}
