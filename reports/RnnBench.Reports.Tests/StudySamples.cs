using System.Globalization;
using RnnBench.Results;

namespace RnnBench.Reports.Tests;

/// <summary>A study with claims, trials and ablations: whole models, a gate that matters and one that does not, six seeds.</summary>
static class StudySamples
{
    static readonly (string Arm, string Model, double Loss, string[] Gates)[] arms =
    [
        ("rnn",       "rnn(hidden=90)",        0.160, []),
        ("lstm",      "lstm(hidden=40)",       0.004, ["i", "f", "o"]),
        ("lstm[f=1]", "lstm(hidden=48)[f=1]",  0.120, ["i", "o"]),
        ("lstm[o=1]", "lstm(hidden=48)[o=1]",  0.0041, ["i", "f"]),
        ("gru",       "gru(hidden=48)",        0.005, ["r", "z"]),
    ];

    public static readonly ClaimRow[] Claims =
    [
        Claim("gates-solve", "Gating solves long lags", """[{"better":"lstm","than":"rnn","by":"solved"},{"better":"gru","than":"rnn","by":"figure"}]"""),
        Claim("output-matters", "The output gate matters", """[{"better":"lstm","than":"lstm[o=1]","by":"figure","margin":0.01}]"""),
        Claim("output-idle", "The output gate does not matter", """[{"equal":"lstm","to":"lstm[o=1]","by":"figure","margin":0.01}]"""),
        Claim("rnn-best", "A plain network is better", """[{"better":"rnn","than":"lstm","by":"figure"}]"""),
        Claim("not-there", "Nobody ran it", """[{"better":"mgu","than":"lstm","by":"figure"}]"""),
        Claim("fast", "The plain network is three times as fast", """[{"better":"rnn","than":"lstm","by":"tokens_per_second","factor":3}]"""),
        Claim("small", "The GRU has fewer parameters", """[{"better":"gru","than":"lstm","by":"parameters"}]"""),
        Claim("saturate", "Gates saturate", """[{"change":"lstm","by":"saturation"},{"model":"lstm","by":"saturation.f","above":0.5}]"""),
        Claim("reach", "The LSTM reaches further back", """[{"better":"lstm","than":"rnn","by":"decay","on":"adding"}]"""),
    ];

    static ClaimRow Claim(string id, string statement, string tests) => new(id, statement, "A 2000", $$"""{"need":"all","tests":{{tests}}}""");

    public static ResultStore Study(string file, int seeds = 6)
    {
        var store = ResultStore.Open(file);
        var study = store.BeginStudy("gates", "name: gates\n", "rnnbench study gates", "2026-01-15T09:00:00Z");
        store.AddClaims(study, Claims);
        foreach (var task in new[] { "adding(T=50)", "adding(T=100)" })
            foreach (var (arm, model, loss, gates) in arms)
            {
                for (var trial = 1; trial <= 4; trial++)
                    store.AddToStudy(study, new StudyEntryRow(arm, Add(store, task, model, 0, trial, loss * (0.8 + 0.1 * trial), []), trial, 0,
                        string.Create(CultureInfo.InvariantCulture, $$"""{"learning_rate":"0.00{{trial}}"}"""), loss * (0.8 + 0.1 * trial), trial == 1));
                for (var seed = 1; seed <= seeds; seed++)
                    store.AddToStudy(study, new StudyEntryRow(arm, Add(store, task, model, seed, 1, loss * (1 + 0.02 * Math.Sin(7 * seed + loss)), gates), 1, null, """{"learning_rate":"0.001"}""", null, false));
            }
        return store;
    }

    static string Add(ResultStore store, string task, string model, long seed, int trial, double loss, string[] gates)
    {
        var key = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{task} {model} {seed} {trial}")));
        var experiment = string.Create(CultureInfo.InvariantCulture, $$$"""{"seed":{{{seed}}},"training":{"learning_rate":"0.00{{{trial}}}"}}""");
        var parameters = model.StartsWith("gru", StringComparison.Ordinal) ? 7500 : model.StartsWith("rnn", StringComparison.Ordinal) ? 8300 : 7800;
        store.Begin(new RunRow(key, experiment, model, task, "plain", seed, RunStatus.Running, null, "eager", "cpu", "float32", 1, parameters, 41, 2 * parameters, 0, "{}", "2026-01-15T09:00:00Z", null),
            [new(task, "loss", "squared error", true, true, 1.0 / 6, 0.01, "one number")], new Dictionary<string, string> { ["adding"] = "generated" }, 0);
        store.Append(key, 100, Record(loss, gates, model.StartsWith("rnn", StringComparison.Ordinal), seed));
        store.End(key, RunStatus.Done, null, "2026-01-15T09:01:00Z");
        return key;
    }

    static Recording Record(double loss, string[] gates, bool plain, long seed)
    {
        var recording = new Recording();
        for (var k = 1; k <= 10; k++) recording.Metrics.Add(new(10 * k, null, "valid", "loss", loss + (0.17 - loss) * Math.Exp(-0.8 * k - 0.05 * seed)));
        recording.Metrics.Add(new(100, null, "test", "loss", loss));
        for (var k = 1; k <= 2; k++) recording.Timings.Add(new(50 * k, 50, 100_000, 0.01, plain ? 0.1 : 0.6 + 0.01 * seed, plain ? 0.2 : 0.9, 0.01, 300_000_000 + 1000 * seed));
        foreach (var step in new long[] { 0, 100 })
        {
            foreach (var gate in gates)
                recording.Gates.Add(new(step, "", gate, 0.6, 0.2, step == 0 ? 0.01 : 0.3 + 0.01 * seed, step == 0 ? 0.02 : 0.4, [.. Enumerable.Range(0, 50).Select(b => step == 0 ? 10L : 2L + b)])
                    { UnitsBelow = [0.1, 0.7, 0.0], UnitsAbove = [0.8, 0.1, 0.05 * seed] });
            for (var lag = 0; lag < 20; lag++) recording.GradientLags.Add(new(step, "", lag, Math.Pow(plain ? 0.7 : 0.97, lag) * (1 + 0.001 * seed), 1, 1, 1));
        }
        foreach (var gate in gates)
            foreach (var (name, value, cost) in new[] { ("0", 0.0, 0.2), ("1", 1.0, 0.0001 * seed), ("mean", 0.6, 0.05) }) recording.GateFixes.Add(new(100, gate, name, value, "loss", loss + cost + 0.0001 * seed));
        return recording;
    }
}
