using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results;

/// <summary>How the rows that hang on a run are written: a table, and what goes into its columns.</summary>
sealed class Table<T>(string name, string columns, Func<string, T, object> values, string verb = "INSERT")
{
    readonly string insert = Tables.Insert(verb, name, columns);

    public void Write(SqliteConnection connection, string run, IEnumerable<T> rows) => connection.Execute(insert, rows.Select(r => values(run, r)));
}

/// <summary>How the row of the run itself is written.</summary>
sealed class RunTable
{
    const string Columns = "key experiment model task recipe seed status message path device dtype threads parameters parameters_outside flops "
        + "steps started ended";

    static readonly string upsert = Tables.Insert("INSERT", "runs", Columns + " machine")
        + " ON CONFLICT (key) DO UPDATE SET machine = excluded.machine, "
        + string.Join(", ", Columns.Split(' ').Select(c => $"{c} = excluded.{c}"));

    /// <summary>Writes the row of a run that stands at a step; where that is not 0, it keeps the time at which it was started.</summary>
    public void Write(SqliteConnection connection, RunRow r, long step)
    {
        connection.Execute("INSERT INTO machines (description) VALUES (@Machine) ON CONFLICT DO NOTHING", new { r.Machine });
        var machine = connection.ExecuteScalar<long>("SELECT id FROM machines WHERE description = @Machine", new { r.Machine });
        var started = step == 0 ? null : connection.ExecuteScalar<string?>("SELECT started FROM runs WHERE key = @Key", new { r.Key });
        connection.Execute(upsert, new
        {
            key = r.Key, experiment = r.Experiment, model = r.Model, task = r.Task, recipe = r.Recipe, seed = r.Seed,
            status = RunStatus.Running.Text(), message = (string?)null, path = r.Path, device = r.Device, dtype = r.DType, threads = r.Threads,
            parameters = r.Parameters, parameters_outside = r.ParametersOutside, flops = r.Flops, steps = step, machine,
            started = started ?? r.Started, ended = (string?)null,
        });
    }
}

static class Tables
{
    /// <summary>What is recorded again takes the place of what was there.</summary>
    const string Again = "INSERT OR REPLACE";

    public static readonly RunTable Runs = new();

    public static readonly Table<TaskRow> Tasks = new("tasks", "run metric unit lower_is_better deciding baseline solved protocol", (run, r) => new
    {
        run, metric = r.Metric, unit = r.Unit, lower_is_better = r.LowerIsBetter, deciding = r.Deciding,
        baseline = r.Deciding ? Finite(r.Baseline) : null, solved = r.Deciding ? Finite(r.Solved) : null, protocol = r.Protocol,
    });

    public static readonly Table<KeyValuePair<string, string>> Provenance = new("provenance", "run name sha256",
        (run, r) => new { run, name = r.Key, sha256 = r.Value });

    public static readonly Table<MetricRow> Metrics = new("metrics", "run step epoch split metric value",
        (run, r) => new { run, step = r.Step, epoch = Finite(r.Epoch), split = r.Split, metric = r.Metric, value = Finite(r.Value) }, Again);

    public static readonly Table<TimingRow> Timings = new("timings", "run step steps tokens data forward backward update memory step_memory", (run, r) => new
    {
        run, step = r.Step, steps = r.Steps, tokens = r.Tokens, data = r.Data, forward = r.Forward, backward = r.Backward, update = r.Update,
        memory = r.Memory, step_memory = r.StepMemory,
    }, Again);

    public static readonly Table<GateRow> Gates = new("gates", "run step layer gate mean deviation below above histogram units", (run, r) => new
    {
        run, step = r.Step, layer = r.Layer, gate = r.Gate, mean = Finite(r.Mean), deviation = Finite(r.Deviation), below = Finite(r.Below),
        above = Finite(r.Above), histogram = JsonSerializer.Serialize(r.Histogram), units = r.Units,
    }, Again);

    public static readonly Table<GateFixRow> GateFixes = new("gate_fixes", "run step gate fixed value metric result", (run, r) => new
    {
        run, step = r.Step, gate = r.Gate, @fixed = r.Fixed, value = Finite(r.Value), metric = r.Metric, result = Finite(r.Result),
    }, Again);

    public static readonly Table<GradientLagRow> GradientLags = new("gradient_lags", "run step layer lag mean median low high", (run, r) => new
    {
        run, step = r.Step, layer = r.Layer, lag = r.Lag, mean = Finite(r.Mean), median = Finite(r.Median), low = Finite(r.Low), high = Finite(r.High),
    }, Again);

    public static readonly Table<GradientNormRow> GradientNorms = new("gradient_norms", "run step mean max clipped",
        (run, r) => new { run, step = r.Step, mean = Finite(r.Mean), max = Finite(r.Max), clipped = Finite(r.Clipped) }, Again);

    public static readonly Table<ChoiceRow> Choices = new("choices", "run step scan batch way seconds chosen",
        (run, r) => new { run, step = r.Step, scan = r.Scan, batch = r.Batch, way = r.Way, seconds = r.Seconds, chosen = r.Chosen }, Again);

    /// <summary>The tables whose rows carry the step at which they were recorded.</summary>
    public static readonly IReadOnlyList<string> Recorded = ["metrics", "timings", "gates", "gradient_lags", "gradient_norms", "gate_fixes", "choices"];

    /// <summary>An insert whose parameters are called as the columns.</summary>
    public static string Insert(string verb, string table, string columns)
    {
        var names = columns.Split(' ');
        return $"{verb} INTO {table} ({string.Join(", ", names.Select(n => $"\"{n}\""))}) VALUES ({string.Join(", ", names.Select(n => "@" + n))})";
    }

    /// <summary>A status as the column spells it.</summary>
    public static string Text(this RunStatus status) => status.ToString().ToLowerInvariant();

    static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
