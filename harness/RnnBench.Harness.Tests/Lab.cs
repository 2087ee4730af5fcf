using RnnBench.Backends;
using RnnBench.Results;

namespace RnnBench.Harness.Tests;

/// <summary>A store and a checkpoint folder of its own, with the real models, tasks and backends.</summary>
sealed class Lab : IDisposable
{
    public static Catalogs Catalogs { get; } = new(Architectures.Catalog.All, [.. RnnBench.Tasks.Catalog.All, Alphabet.Entry], Backend.Create);

    public Lab() => Store = ResultStore.Open(Path.Combine(Folder, "runs.db"));

    public string Folder { get; } = Directory.CreateTempSubdirectory("rnnbench-").FullName;
    public ResultStore Store { get; }
    public string Checkpoints => Path.Combine(Folder, "checkpoints");

    public RunOptions Options => new() { CheckpointFolder = Checkpoints, Machine = "{}" };

    /// <summary>A small run with few threads and no probes, unless asked for.</summary>
    public static Experiment Plan(string model, string task, string settings, long seed = 1, ProbePlan? probes = null, string backend = "eager", string dtype = "float32") =>
        new ExperimentRequest
        {
            Model = model, Task = task, Seed = seed, Settings = Settings(settings),
            Setup = new RunSetup { Backend = backend, DType = dtype, Threads = 1, Probes = probes ?? ProbePlan.None },
        }.Plan(Catalogs);

    public static IReadOnlyList<KeyValuePair<string, string>> Settings(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=')).Select(s => KeyValuePair.Create(s[0], s[1]))];

    public RunResult Run(Experiment experiment, Func<RunOptions, RunOptions>? options = null, CancellationToken cancel = default) =>
        new Trainer(Catalogs, Store, (options ?? (o => o))(Options)).Run(experiment, new Place(1, 1), cancel);

    /// <summary>Everything recorded of a run but its timings, as text that shows every bit.</summary>
    public IReadOnlyList<string> Rows(Experiment experiment) => [.. new[] { "metrics", "gates", "gradient_lags", "gradient_norms" }.SelectMany(table => Rows(table, experiment))];

    public IEnumerable<string> Rows(string table, Experiment experiment) => Store
        .Query($"SELECT * FROM {table} WHERE run = @Key ORDER BY 2, 3, 4, 5", new { experiment.Key }).Rows
        .Select(row => $"{table} {string.Join(' ', row.Select(cell => Convert.ToString(cell, System.Globalization.CultureInfo.InvariantCulture)))}");

    public double[] Losses(Experiment experiment, string split = "train", string metric = "loss") => [.. Store
        .Query("SELECT value FROM metrics WHERE run = @Key AND split = @split AND metric = @metric ORDER BY step", new { experiment.Key, split, metric })
        .Rows.Select(row => Convert.ToDouble(row[0]))];

    public void Dispose()
    {
        Store.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Stops a run after a step.</summary>
sealed class StopAt(long step) : IProgress<ProgressEvent>
{
    readonly CancellationTokenSource source = new();

    public CancellationToken Token => source.Token;

    public void Report(ProgressEvent value)
    {
        if (value is ProgressEvent.Stepped stepped && stepped.Step == step) source.Cancel();
    }
}
