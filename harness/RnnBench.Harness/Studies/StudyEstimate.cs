using RnnBench.Results;
using TorchSharp;

namespace RnnBench.Harness;

/// <summary>
/// How long a plan will take, from measured speeds: those of stored runs of the same model and task on this machine, else a few training steps made
/// for the purpose and not recorded. Evaluation, probes and reading data come on top of training and are not counted.
/// </summary>
/// <param name="catalogs">What there is to run.</param>
/// <param name="dataFolder">Where data sets lie, or null.</param>
/// <param name="clock">Measures.</param>
public sealed class StudyEstimate(Catalogs catalogs, string? dataFolder, TimeProvider clock)
{
    const int WarmUp = 1, Measured = 3;

    /// <summary>The seconds of each run of a plan that is not yet done.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="store">Where earlier runs are, or null.</param>
    /// <param name="cancel">Stops between measurements.</param>
    /// <returns>How many are done, and each open run with its seconds of training.</returns>
    /// <exception cref="Language.UserError">A run cannot begin.</exception>
    public (int Done, IReadOnlyList<(PlannedRun Run, double Seconds)> Open) Of(StudyPlan plan, ResultStore? store, CancellationToken cancel)
    {
        var runs = plan.Runs.DistinctBy(run => run.Experiment.Key).ToArray();
        var open = runs.Where(run => store?.Find(run.Experiment.As(store).Key) is not { Status: RunStatus.Done or RunStatus.Diverged }).ToArray();
        var stored = store is null ? [] : Stored(store);
        var steps = new Dictionary<(string, string), (double Seconds, int? PerEpoch)>();
        foreach (var run in open)
        {
            cancel.ThrowIfCancellationRequested();
            var what = (run.Arm, run.Experiment.Task);
            if (!steps.ContainsKey(what)) steps[what] = Step(run.Experiment, stored);
        }
        return (runs.Length - open.Length, [.. open.Select(run => (run, Seconds(run.Experiment, steps[(run.Arm, run.Experiment.Task)])))]);
    }

    static double Seconds(Experiment experiment, (double Seconds, int? PerEpoch) step)
    {
        long Length(string key) => long.Parse(experiment.Training[key], System.Globalization.CultureInfo.InvariantCulture);
        return step.Seconds * (Length("steps") is > 0 and var steps ? steps : Length("epochs") * (step.PerEpoch ?? 1L));
    }

    /// <summary>Seconds for a step by model, task, batch, device and threads.</summary>
    static Dictionary<string, double> Stored(ResultStore store) => store.Query("""
        SELECT model || '|' || task || '|' || device || '|' || threads || '|' || json_extract(experiment, '$.training.batch') AS what,
               sum(data + forward + backward + "update") / sum(timings.steps) AS seconds
        FROM runs JOIN timings ON run = key GROUP BY what
        """).Rows.Where(row => row["seconds"] is double).ToDictionary(row => (string)row["what"], row => (double)row["seconds"]);

    (double Seconds, int? PerEpoch) Step(Experiment experiment, Dictionary<string, double> stored)
    {
        var parts = Parts.Of(catalogs, experiment);
        using var data = parts.Open(parts.Training.Integer("batch"), "data", dataFolder);
        var key = FormattableString.Invariant($"{experiment.Model}|{experiment.Task}|{experiment.Device}|{experiment.Threads}|{experiment.Training["batch"]}");
        return (stored.TryGetValue(key, out var seconds) ? seconds : Measure(experiment, parts, data), data.BatchesPerEpoch);
    }

    double Measure(Experiment experiment, Parts parts, Tasks.ITaskData data)
    {
        using var arithmetic = catalogs.OnThreads(experiment.Threads);
        using var scope = torch.NewDisposeScope();
        using var network = new Network(parts, catalogs.Runner(experiment.Backend, parts.Model, parts.Device, parts.DType, false));
        using var training = new TrainingRun(parts, data, network, new Cadence(parts.Training, ProbePlan.None, data.BatchesPerEpoch), clock);
        for (var step = 0; step < WarmUp; step++) training.Advance();
        var start = clock.GetTimestamp();
        for (var step = 0; step < Measured; step++) training.Advance();
        return clock.GetElapsedTime(start).TotalSeconds / Measured;
    }
}
