using Dapper;
using Microsoft.Data.Analysis;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results;

/// <summary>
/// The SQLite file that runs are recorded in. Opening creates or migrates it; what is written is durable when the call returns, and written
/// whole or not at all. Several processes may use one store on a local disk at the same time; one object belongs to one thread.
/// </summary>
public sealed class ResultStore : IDisposable
{
    readonly SqliteConnection connection;

    ResultStore(string file, SqliteConnection connection) => (File, this.connection) = (file, connection);

    /// <summary>The file, with its full path, at the end of symbolic links.</summary>
    public string File { get; }

    /// <summary>The connection, for tests that disturb it.</summary>
    internal SqliteConnection Connection => connection;

    /// <summary>Opens a store for reading and writing; makes it if there is none, and brings an older one to this version.</summary>
    /// <exception cref="StoreError">No database, another program's, damaged, read-only, newer version, no folder; nothing was changed.</exception>
    public static ResultStore Open(string file) => Open(file, Migrations.All, StoreFile.Patience);

    /// <summary>As <see cref="Open(string)"/>, with other versions of the schema and another patience in seconds.</summary>
    internal static ResultStore Open(string file, IReadOnlyList<string> migrations, int patience)
    {
        file = StoreFile.Locate(file);
        return new(file, Opening.ToWrite(file, migrations, patience));
    }

    /// <summary>Opens an existing store for reading. One of an older version is brought to this one first, where the file is writable.</summary>
    /// <exception cref="StoreError">Missing, no database, another program's, damaged, newer version; older version and read-only.</exception>
    public static ResultStore OpenRead(string file) => OpenRead(file, Migrations.All);

    /// <summary>As <see cref="OpenRead(string)"/>, with other versions of the schema.</summary>
    internal static ResultStore OpenRead(string file, IReadOnlyList<string> migrations)
    {
        file = StoreFile.Locate(file);
        return new(file, Opening.ToRead(file, migrations));
    }

    /// <summary>Whether a store can be written at this place, and on which file system it lies. Leaves nothing behind.</summary>
    /// <param name="file">A store, or where one is to be.</param>
    public static StoreCheck Check(string file) => StoreCheck.Of(file);

    /// <summary>Finds a run by its key.</summary>
    /// <exception cref="StoreError">The store is damaged, or locked by another process.</exception>
    public RunRow? Find(string key) => Guarded(() =>
    {
        dynamic? r = connection.QuerySingleOrDefault(
            "SELECT runs.*, description FROM runs JOIN machines ON machines.id = runs.machine WHERE key = @key", new { key });
        return r is null ? null : new RunRow(r.key, r.experiment, r.model, r.task, r.recipe, r.seed, Enum.Parse<RunStatus>((string)r.status, true),
            r.message, r.path, r.device, r.dtype, checked((int)r.threads), r.parameters, r.parameters_outside, r.flops, r.steps, r.description,
            r.started, r.ended);
    });

    /// <summary>
    /// Begins a run, or takes it up again: everything recorded after <paramref name="fromStep"/> is dropped, because it will be recorded again
    /// to the same bits. Status becomes running, the step <paramref name="fromStep"/>; a run that is taken up keeps the time it was started.
    /// </summary>
    /// <param name="run">The run; its status, message, step and end are not looked at.</param>
    /// <param name="task">What the figures of its task mean; at most one decides.</param>
    /// <param name="provenance">The data it sees: names with their SHA-256, or "generated".</param>
    /// <param name="fromStep">The step of the checkpoint; 0 begins anew and drops everything, what was recorded at step 0 too.</param>
    /// <exception cref="StoreError">Locked, full disk; nothing was changed.</exception>
    public void Begin(RunRow run, IEnumerable<TaskRow> task, IReadOnlyDictionary<string, string> provenance, long fromStep) => Write(() =>
    {
        Tables.Runs.Write(connection, run, fromStep);
        foreach (var table in Tables.Recorded)
            connection.Execute($"DELETE FROM {table} WHERE run = @Key AND (step > @fromStep OR @fromStep = 0)", new { run.Key, fromStep });
        connection.Execute("DELETE FROM tasks WHERE run = @Key; DELETE FROM provenance WHERE run = @Key", new { run.Key });
        Tables.Tasks.Write(connection, run.Key, task);
        Tables.Provenance.Write(connection, run.Key, provenance);
    });

    /// <summary>Writes what was recorded, in one transaction. What was written before with the same step (and split, metric, ...) is replaced.</summary>
    /// <param name="key">The run, which has begun.</param>
    /// <param name="steps">Optimiser steps done by now.</param>
    /// <param name="recording">The rows; a figure that is not finite is stored as null.</param>
    /// <exception cref="StoreError">No such run, locked, full disk; nothing was written.</exception>
    public void Append(string key, long steps, Recording recording) => Write(() =>
    {
        Change(key, "UPDATE runs SET steps = @steps WHERE key = @key", new { key, steps });
        Tables.Metrics.Write(connection, key, recording.Metrics);
        Tables.Timings.Write(connection, key, recording.Timings);
        Tables.Gates.Write(connection, key, recording.Gates);
        Tables.GradientLags.Write(connection, key, recording.GradientLags);
        Tables.GradientNorms.Write(connection, key, recording.GradientNorms);
        Tables.GateFixes.Write(connection, key, recording.GateFixes);
        Tables.Choices.Write(connection, key, recording.Choices);
    });

    /// <summary>Ends a run.</summary>
    /// <param name="key">The run.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="message">Why, where it did not end well.</param>
    /// <param name="ended">When: ISO 8601, UTC.</param>
    /// <exception cref="StoreError">No such run, locked, full disk; nothing was written.</exception>
    public void End(string key, RunStatus status, string? message, string ended) => Write(() => Change(key,
        "UPDATE runs SET status = @status, message = @message, ended = @ended WHERE key = @key", new { key, status = status.Text(), message, ended }));

    /// <summary>Removes a run and all that was recorded of it, also from its studies; says whether there was one.</summary>
    /// <exception cref="StoreError">Locked, full disk; nothing was changed.</exception>
    public bool Remove(string key)
    {
        var there = false;
        Write(() => there = connection.Execute("DELETE FROM runs WHERE key = @key", new { key }) > 0);
        return there;
    }

    /// <summary>Begins a study; gives its id.</summary>
    /// <param name="name">Its name; a study that is run again has the same name and a new id.</param>
    /// <param name="definition">The study file as it was read.</param>
    /// <param name="command">The command line.</param>
    /// <param name="started">When: ISO 8601, UTC.</param>
    /// <exception cref="StoreError">Locked, full disk; nothing was written.</exception>
    public long BeginStudy(string name, string definition, string command, string started)
    {
        var id = 0L;
        Write(() => id = connection.ExecuteScalar<long>(
            Tables.Insert("INSERT", "studies", "name definition command started") + " RETURNING id", new { name, definition, command, started }));
        return id;
    }

    /// <summary>Writes the claims that a study tests, in their order.</summary>
    /// <exception cref="StoreError">No such study, an id that is there twice, locked, full disk; nothing was written.</exception>
    public void AddClaims(long study, IReadOnlyList<ClaimRow> claims) => Write(() => connection.Execute(
        Tables.Insert("INSERT", "claims", "study place id statement source rule"),
        claims.Select((c, place) => new { study, place, id = c.Id, statement = c.Statement, source = c.Source, rule = c.Rule })));

    /// <summary>Notes that a run belongs to a study and what it is for; said again, the later counts.</summary>
    /// <exception cref="StoreError">No such run or study, locked, full disk; nothing was written.</exception>
    public void AddToStudy(long study, StudyEntryRow entry) => Write(() =>
    {
        connection.Execute("INSERT INTO study_runs (study, run) VALUES (@study, @Run) ON CONFLICT DO NOTHING", new { study, entry.Run });
        connection.Execute(Tables.Insert("INSERT OR REPLACE", "study_entries", "study arm run part trial rung settings score chosen"), new
        {
            study, arm = entry.Arm, run = entry.Run, part = entry.Rung is null ? "final" : "trial", trial = entry.Trial, rung = entry.Rung,
            settings = entry.Settings, score = entry.Score is { } s && double.IsFinite(s) ? s : default(double?), chosen = entry.Chosen,
        });
    });

    /// <summary>Notes that a run belongs to a study; to say so twice does nothing.</summary>
    /// <exception cref="StoreError">No such run or study, locked, full disk; nothing was written.</exception>
    public void AddToStudy(long study, string key) =>
        Write(() => connection.Execute("INSERT INTO study_runs (study, run) VALUES (@study, @key) ON CONFLICT DO NOTHING", new { study, key }));

    /// <summary>The one query API: a named query of <see cref="Queries"/> over the runs that a filter names.</summary>
    /// <param name="query">The query; its columns are those of the frame, in this order, also where there are no rows.</param>
    /// <param name="filter">Which runs; all of them where null.</param>
    /// <exception cref="StoreError">The store is damaged, or locked by another process.</exception>
    public DataFrame Query(StoredQuery query, RunFilter? filter = null) => Guarded(() =>
    {
        using var reader = connection.ExecuteReader(query.Sql, (filter ?? new()).Parameters);
        return Frames.Read(reader, query.Columns);
    });

    /// <summary>A query of one's own. A column of the frame is whole, real or text after the values that it holds; text where all are null.</summary>
    /// <param name="sql">One SELECT over the tables of Schema.sql.</param>
    /// <param name="parameters">An object whose properties are bound to the parameters of the same name.</param>
    /// <exception cref="StoreError">The SQL is wrong or would write; the store is damaged, or locked by another process.</exception>
    public DataFrame Query(string sql, object? parameters = null) => Guarded(() =>
    {
        var before = connection.ExecuteScalar<long>("PRAGMA query_only");
        connection.Execute("PRAGMA query_only = ON");
        try
        {
            using var reader = connection.ExecuteReader(sql, parameters);
            return Frames.Read(reader);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == StoreError.ReadOnly)
        {
            throw new StoreError($"{File}: a query may only read.", e);
        }
        finally
        {
            connection.Execute($"PRAGMA query_only = {before}");
        }
    });

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    void Write(Action work) => Guarded(() =>
    {
        connection.Transact("IMMEDIATE", work);
        return 0;
    });

    void Change(string key, string update, object values)
    {
        if (connection.Execute(update, values) == 0) throw new StoreError($"{File}: there is no run {key}; it was removed, or never begun.");
    }

    T Guarded<T>(Func<T> work) => StoreError.Guard(File, work);
}
