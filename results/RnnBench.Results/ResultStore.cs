using Microsoft.Data.Analysis;

namespace RnnBench.Results;

/// <summary>The SQLite file that runs are recorded in. Opening creates or migrates it; what is written is durable when the call returns.</summary>
public sealed class ResultStore : IDisposable
{
    /// <summary>Opens a store for reading and writing; makes it if there is none.</summary>
    /// <exception cref="StoreError">No database, read-only, newer version.</exception>
    public static ResultStore Open(string file) => throw new NotImplementedException();

    /// <summary>Opens an existing store for reading.</summary>
    /// <exception cref="StoreError">Missing, no database, newer version.</exception>
    public static ResultStore OpenRead(string file) => throw new NotImplementedException();

    /// <summary>Finds a run by its key.</summary>
    public RunRow? Find(string key) => throw new NotImplementedException();

    /// <summary>
    /// Begins a run, or takes it up again: everything recorded after <paramref name="fromStep"/> is dropped, because it will be recorded again
    /// to the same bits. Status becomes running.
    /// </summary>
    public void Begin(RunRow run, IEnumerable<TaskRow> task, IReadOnlyDictionary<string, string> provenance, long fromStep) => throw new NotImplementedException();

    /// <summary>Writes what was recorded, in one transaction.</summary>
    public void Append(string key, long steps, Recording recording) => throw new NotImplementedException();

    /// <summary>Ends a run.</summary>
    public void End(string key, RunStatus status, string? message, string ended) => throw new NotImplementedException();

    /// <summary>Begins a study; gives its id.</summary>
    public long BeginStudy(string name, string definition, string command, string started) => throw new NotImplementedException();

    /// <summary>Notes that a run belongs to a study.</summary>
    public void AddToStudy(long study, string key) => throw new NotImplementedException();

    /// <summary>The one query API: a named query (see Queries.cs) as a data frame.</summary>
    public DataFrame Query(string sql, object? parameters = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
