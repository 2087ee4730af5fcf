using Microsoft.Data.Analysis;

namespace RnnBench.Results.Tests;

/// <summary>A folder of one's own that vanishes, and rows to fill a store with.</summary>
public abstract class InFolder : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("rnnbench-results-").FullName;

    protected string Store => InIt("store.db");

    protected string InIt(string name) => Path.Combine(Folder, name);

    /// <summary>The files of the folder with their hashes.</summary>
    protected string[] Content() => [.. Directory.GetFiles(Folder).Order().Select(f => $"{f} {new FileInfo(f).LinkTarget ?? Samples.Hash(f)}")];

    /// <summary>Makes a store with a run of 50 steps.</summary>
    protected static void Make(string file)
    {
        using var store = ResultStore.Open(file);
        store.Begin("a");
        for (var step = 1; step <= 50; step++) store.Append("a", step, Samples.Everything(step));
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

static class Samples
{
    public const string Start = "2026-01-02T03:04:05Z", Later = "2026-01-02T04:00:00Z";

    public static RunRow Run(string key, string model = "lstm", string task = "copy(T=20)", long seed = 1) => new(key, $$"""{"seed":{{seed}}}""", model, task,
        "default", seed, RunStatus.Running, null, "eager", "cpu", "float32", 2, 66048, 1290, 131072, 0, """{"cpu":"a"}""", Start, null);

    public static readonly TaskRow[] Task =
    [
        new("copy(T=20)", "loss", "nats", true, true, 0.17, 0.01, "10 symbols"),
        new("copy(T=20)", "accuracy", "fraction", false, false, null, null, "10 symbols"),
    ];

    public static readonly Dictionary<string, string> Generated = new() { ["copy"] = "generated" };

    public static void Begin(this ResultStore store, string key, string model = "lstm", string task = "copy(T=20)", long seed = 1) =>
        store.Begin(Run(key, model, task, seed), Task, Generated, 0);

    public static Recording Recording(params MetricRow[] metrics)
    {
        var recording = new Recording();
        recording.Metrics.AddRange(metrics);
        return recording;
    }

    /// <summary>One row of everything at a step.</summary>
    public static Recording Everything(long step)
    {
        var recording = Recording(new MetricRow(step, step / 100.0, "train", "loss", 1.0 / (step + 1)));
        recording.Timings.Add(new(step, 10, 4000, 0.125, 0.25, 0.5, 0.0625, 1 << 28));
        recording.Gates.Add(new(step, "layers.0", "f", 0.5, 0.125, 0.0, 0.25, [.. Enumerable.Range(0, 50).Select(i => (long)i)]));
        recording.GradientLags.Add(new(step, "", 7, 0.5, 0.25, 0.125, 1));
        recording.GradientNorms.Add(new(step, 0.75, 2, 0.5));
        return recording;
    }

    /// <summary>The rows of a frame, each as its values joined: 1|a|∅.</summary>
    public static string[] Lines(this DataFrame frame, params string[] columns) => [.. Enumerable.Range(0, checked((int)frame.Rows.Count)).Select(row =>
        string.Join('|', (columns.Length > 0 ? columns.Select(c => frame[c]) : frame.Columns)
            .Select(c => c[row] is { } value ? FormattableString.Invariant($"{value}") : "∅")))];

    public static string Hash(string file) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
}
