using System.Globalization;
using RnnBench.Results;

namespace RnnBench.Reports.Tests;

/// <summary>Stores filled with made-up runs that look like real ones; every number follows from the seed.</summary>
static class Samples
{
    const string Machine = """{"cpu":"AMD EPYC 9555","cores":2,"vector":"AVX-512","memory_gb":16,"os":"Debian 12","dotnet":"10.0.0","libtorch":"2.10.0","program":"0.1.0"}""";

    sealed record Kind(string Task, string Recipe, string Training, int Steps, int Probes, double? Epochs, TaskRow[] Figures, string Data);

    static readonly Kind[] kinds =
    [
        new("copy(T=20)", "default", """{"optimizer":"rmsprop","learning_rate":"0.001","batch":"128","clip_norm":"1"}""", 3000, 30, null,
            [Row("copy(T=20)", "loss", "nats", true, 0.5199, 0.01), Row("copy(T=20)", "recall_accuracy", "fraction", false)], "generated"),
        new("adding(T=50)", "default", """{"optimizer":"adam","learning_rate":"0.001","batch":"50","clip_norm":"1"}""", 4000, 50, null,
            [Row("adding(T=50)", "loss", "squared error", true, 0.1667, 0.0017)], "generated"),
        new("ptb", "zaremba-small", """{"optimizer":"sgd","learning_rate":"1","batch":"20","bptt":"20","clip_norm":"5"}""", 13 * 2323, 20, 13,
            [Row("ptb", "loss", "nats", true), Row("ptb", "perplexity", "perplexity", true)], "9b4c5a1de0f2837465ab90cdef1234567890abcdef1234567890abcdef123456"),
    ];

    static readonly (string Model, string[] Gates, long Parameters, double Memory, double Cost, string Path)[] models =
    [
        ("rnn(hidden=128)",  [],              17792, 0.72,  1.0, "library: nn.RNN"),
        ("lstm(hidden=128)", ["i", "f", "o"], 71168, 0.985, 2.7, "library: nn.LSTM"),
        ("gru(hidden=128)",  ["r", "z"],      53376, 0.975, 2.2, "eager"),
    ];

    /// <summary>Three models on three tasks; the first run of rnn on adding diverges.</summary>
    public static ResultStore Full(string file, int seeds = 3)
    {
        var store = ResultStore.Open(file);
        var study = store.BeginStudy("smoke", "name: smoke\nmodels: [rnn, lstm, gru]\ntasks: [copy(T=20), adding(T=50), ptb]\nseeds: 1..3\n", "rnnbench study smoke", "2026-01-15T09:00:00Z");
        var minute = 0;
        foreach (var kind in kinds)
            for (var m = 0; m < models.Length; m++)
                for (var seed = 1; seed <= seeds; seed++)
                    store.AddToStudy(study, Add(store, kind, m, seed, minute += 3));
        return store;
    }

    /// <summary>A model in four shapes, each of which differs from the first in one quantity.</summary>
    public static ResultStore Shapes(string file)
    {
        var store = ResultStore.Open(file);
        foreach (var (steps, batch, hidden) in new[] { (50, 8, 32), (50, 32, 32), (200, 8, 32), (50, 8, 64) })
        {
            var (task, experiment) = ($"adding(T={steps})", $$$"""{"model":"gru(hidden={{{hidden}}})","task":"adding(T={{{steps}}})","training":{"batch":"{{{batch}}}"}}""");
            var run = Run($"gru(hidden={hidden})", task, "plain", experiment, 1, 1_000_000, 10, "eager", batch);
            store.Begin(run, [Row(task, "loss", "squared error", true, 0.1667, 0.0017)], new Dictionary<string, string> { ["adding"] = "generated" }, 0);
            store.Append(run.Key, 10, new Recording { Timings = { new(10, 10, 1000, 0, 0.04, 0.05, 0.01, 400_000_000) { StepMemory = 42_000_000 } } });
            store.End(run.Key, RunStatus.Done, null, run.Started);
        }
        return store;
    }

    /// <summary>One run whose model, task, metric, gate, message and data file have names that each format has to escape.</summary>
    public static ResultStore Hostile(string file)
    {
        var store = ResultStore.Open(file);
        const string task = "=cmd|' /C calc'!A0";
        var run = Run("<script>alert(\"x\")</script>_%$#&{}~^\\|`*\u0001中", task, "+recipe", """{"training":{"note":"@SUM(1,2)"}}""", 1, 10, 0, "-2+3", 10) with { Message = "</td>|\n\\end{document}" };
        store.Begin(run, [new(task, "loss_<b>", "nats & bits", true, true, 1, 0.5, "100 % of <all> | counted_")], new Dictionary<string, string> { ["@file\"name,.txt"] = "generated" }, 0);
        store.Append(run.Key, 10, new Recording { Metrics = { new(5, null, "valid", "loss_<b>", 1), new(10, null, "valid", "loss_<b>", 0.25), new(10, null, "test", "loss_<b>", 0.25) },
            Gates = { Gate(0, "<i>", "a|b_\\", new Random(1), 2), Gate(10, "<i>", "a|b_\\", new Random(1), 1) } });
        store.End(run.Key, RunStatus.Done, run.Message, run.Started);
        return store;
    }

    static string Add(ResultStore store, Kind kind, int m, int seed, int minute)
    {
        var (model, gates, parameters, memory, cost, path) = models[m];
        var random = new Random(HashCode(kind.Task, m, seed));
        var diverges = kind.Task.StartsWith("adding", StringComparison.Ordinal) && m == 0 && seed == 1;
        var experiment = $$"""{"device":"cpu","dtype":"float32","format":1,"model":"{{model}}","recipe":"{{kind.Recipe}}","seed":{{seed}},"task":"{{kind.Task}}","threads":2,"training":{{kind.Training}}}""";
        var run = Run(model, kind.Task, kind.Recipe, experiment, seed, parameters, kind.Task == "ptb" ? 2_570_000 : 1290, path, minute);
        store.Begin(run, kind.Figures, new Dictionary<string, string> { [kind.Task == "ptb" ? "ptb.train.txt" : "generated"] = kind.Data }, 0);
        store.Append(run.Key, kind.Steps, Record(kind, m, gates, memory, cost, random, diverges));
        store.End(run.Key, diverges ? RunStatus.Diverged : RunStatus.Done, diverges ? "loss was NaN at step 1680" : null, Time(minute + 2));
        return run.Key;
    }

    static Recording Record(Kind kind, int m, string[] gates, double memory, double cost, Random random, bool diverges)
    {
        var recording = new Recording();
        var points = kind.Epochs is { } epochs ? (int)epochs : 40;
        var drift = 0.06 * random.NextDouble();
        for (var k = 0; k <= points; k++)
        {
            if (diverges && k > 17) break;
            var (step, epoch) = ((long)kind.Steps * k / points, kind.Epochs * k / points);
            var loss = Loss(kind.Task, m, (double)k / points, drift, random);
            recording.Metrics.Add(new(step, epoch, "valid", "loss", loss));
            if (k > 0) recording.Timings.Add(new(step, kind.Steps / points, 1000L * kind.Steps / points, 0.01, 0.02 * cost * (1 + drift), 0.03 * cost, 0.005, 400_000_000 + 1_000_000 * k));
            if (k < points) continue;
            recording.Metrics.Add(new(step, epoch, "test", "loss", loss * (0.97 + 0.02 * random.NextDouble())));
            if (kind.Task == "ptb") recording.Metrics.Add(new(step, epoch, "test", "perplexity", Math.Exp(loss - 0.03)));
            if (kind.Figures.Length > 1 && kind.Task != "ptb") recording.Metrics.Add(new(step, epoch, "test", "recall_accuracy", 1 - Math.Min(0.87, loss / 2.2)));
        }
        foreach (var step in new long[] { 0, kind.Steps })
            foreach (var layer in kind.Task == "ptb" ? new[] { "layer0", "layer1" } : [""])
            {
                foreach (var gate in gates) recording.Gates.Add(Gate(step, layer, gate, random, step == 0 ? 6 : gate == "o" ? 1.2 : 0.4));
                for (var lag = 0; lag < kind.Probes; lag++)
                {
                    var norm = 0.02 * Math.Pow(step == 0 ? memory : 1 - (1 - memory) / 2, lag) * (1 + 0.1 * random.NextDouble());
                    recording.GradientLags.Add(new(step, layer, lag, norm, norm, norm / 2, norm * 2));
                }
            }
        return recording;
    }

    static double Loss(string task, int m, double at, double drift, Random random)
    {
        var noise = 1 + 0.05 * (random.NextDouble() - 0.5);
        return task switch
        {
            "ptb" => 4.75 + 0.12 * (2 - m) + 2 * Math.Exp(-9 * at) + 0.1 * drift * noise,
            _ when m == 0 => (task.StartsWith("copy", StringComparison.Ordinal) ? 0.52 : 0.167) * noise * (1 + 0.6 * Math.Exp(-20 * at)),
            _ => 0.167 * noise * Math.Min(1, Math.Exp(-8 * (at - 0.2 - drift - 0.1 * (m - 1)))),
        };
    }

    static GateRow Gate(long step, string layer, string gate, Random random, double shape)
    {
        var counts = Enumerable.Range(0, 50).Select(k => (k + 0.5) / 50).Select(v => (long)(4000 * Math.Pow(4 * v * (1 - v), shape) * 0.2 + (shape < 1 ? 900 * Math.Pow(Math.Abs(2 * v - 1), 8) : 0) + random.Next(20))).ToArray();
        double all = counts.Sum(), mean = counts.Select((c, k) => c * (k + 0.5) / 50).Sum() / all;
        return new(step, layer, gate, mean, 0.2, counts.Take(5).Sum() / all, counts.TakeLast(5).Sum() / all, counts);
    }

    static RunRow Run(string model, string task, string recipe, string experiment, long seed, long parameters, long outside, string path, int minute) =>
        new(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(experiment))), experiment, model, task, recipe, seed,
            RunStatus.Running, null, path, "cpu", "float32", 2, parameters, outside, 2 * parameters, 0, Machine, Time(minute), null);

    static TaskRow Row(string task, string metric, string unit, bool lower, double? baseline = null, double? solved = null) =>
        new(task, metric, unit, lower, metric == "loss", metric == "loss" ? baseline : null, metric == "loss" ? solved : null,
            task == "ptb" ? "all tokens, <eos> included; state carried over; batch 20" : "10000 fresh sequences, the same for every model");

    static string Time(int minute) => new DateTime(2026, 1, 15, 9, 0, 0, DateTimeKind.Utc).AddMinutes(minute).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    static int HashCode(string task, int m, int seed) => task.Sum(c => c) * 31 + m * 7 + seed;
}
