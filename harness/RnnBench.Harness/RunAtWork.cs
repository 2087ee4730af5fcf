using System.Globalization;
using RnnBench.Language;
using RnnBench.Results;
using RnnBench.Tasks;
using TorchSharp;

namespace RnnBench.Harness;

/// <summary>A run from its beginning to its end: trains, evaluates, looks, records, saves.</summary>
sealed class RunAtWork : IDisposable
{
    const int Measured = 1;

    readonly Catalogs catalogs;
    readonly ResultStore store;
    readonly RunOptions options;
    readonly Experiment experiment;
    readonly Place place;
    readonly Parts parts;
    readonly ITaskData data;
    readonly Network network;
    readonly NetworkProbe? probe;
    readonly TrainingRun training;
    readonly string key, checkpointFile;
    readonly Dictionary<string, double> figures = [];
    Recording recording = new();
    long savedAt, startedAt, firstStep, tokens;

    public RunAtWork(Catalogs catalogs, ResultStore store, RunOptions options, Experiment experiment, Place place)
    {
        (this.catalogs, this.store, this.options, this.experiment, this.place) = (catalogs, store, options, experiment, place);
        using var scope = torch.NewDisposeScope();
        (key, checkpointFile) = (experiment.Key, Checkpoint.FileOf(options.CheckpointFolder, experiment.Key));
        parts = Parts.Of(catalogs, experiment);
        data = parts.Open(parts.Training.Integer("batch"), "data", options.DataFolder);
        var cadence = new Cadence(parts.Training, experiment.Probes, data.BatchesPerEpoch);
        network = new Network(parts, catalogs.Runner(experiment.Backend, parts.Model, parts.Device, parts.DType, false));
        if (data.Vectors is { } vectors) network.Adopt(vectors);
        network.Sort(() => data.ByFrequency);
        probe = experiment.Probes.Moments.Count == 0 ? null : new NetworkProbe(
            catalogs.Runner("auto", parts.Model, parts.Device, parts.DType, true), ProbeBatch());
        training = new TrainingRun(parts, data, network, cadence, options.Clock);
    }

    public RunResult Run(CancellationToken cancel)
    {
        Begin();
        try
        {
            if (training.Step == 0 && training.Cadence.Probes(0)) probe?.Look(network, 0, recording);
            while (training.Step < training.Cadence.Steps && !training.IsOver)
            {
                if (cancel.IsCancellationRequested) return Interrupt();
                if (!Step()) return Diverge();
                Settle(cancel);
            }
            if (training.IsOver) Stop();
            training.Choose();
            Evaluate(Split.Test, cancel);
            recording.Choices.AddRange(network.Runner.Choices.Select(c => new ChoiceRow(training.Step, c.Scan.TrimEnd('.'), c.Batch, c.Way, c.Seconds, c.Chosen)));
            Append();
            FixGates(cancel);
            return End(RunStatus.Done, null);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return End(RunStatus.Interrupted, "stopped by the user; the same command goes on");
        }
        catch (Exception e) when (e is not StoreError)
        {
            return End(RunStatus.Failed, e.Message, e);
        }
    }

    /// <summary>Takes up a checkpoint where there is one to go on from, and begins the record.</summary>
    void Begin()
    {
        using (var scope = torch.NewDisposeScope())
            if (Resumable() is { } checkpoint) training.Restore(checkpoint);
            else Checkpoint.Drop(checkpointFile);
        store.Begin(Row(), TaskRows(), data.Provenance, training.Step);
        (firstStep, startedAt, savedAt) = (training.Step, options.Clock.GetTimestamp(), options.Clock.GetTimestamp());
        options.Progress?.Report(new ProgressEvent.Started(place, experiment, network.Runner.Path, training.Step, training.Cadence.Steps));
    }

    /// <summary>The checkpoint of this run, unless it is left from a store that is gone: what was recorded up to it must be there too.</summary>
    Checkpoint? Resumable()
    {
        if (options.Force || store.Find(key) is not { } row) return null;
        if (Checkpoint.Read(checkpointFile, key) is not { } checkpoint || checkpoint.Step > row.Steps) return null;
        return checkpoint.Path == network.Runner.Path ? checkpoint : throw new UserError(
            $"{checkpointFile}: this run began on the path {checkpoint.Path}, here it would go on with {network.Runner.Path}; begin anew with --force.");
    }

    bool Step()
    {
        var (before, epoch) = (training.Meter.Tokens, training.Cadence.Epoch(training.Step + 1));
        var finite = training.Step == Measured ? AdvanceMeasured() : training.Advance();
        tokens += training.Meter.Tokens - before;
        var elapsed = options.Clock.GetElapsedTime(startedAt);
        options.Progress?.Report(new ProgressEvent.Stepped(place, training.Step, training.Cadence.Steps, epoch, training.LastLoss,
            tokens / Math.Max(elapsed.TotalSeconds, 1e-9), elapsed / (training.Step - firstStep) * (training.Cadence.Steps - training.Step)));
        return finite;
    }

    /// <summary>A step whose memory is measured: the second, since the first also makes what stays.</summary>
    bool AdvanceMeasured()
    {
        var finite = StepMemory.Of(training.Advance, out var bytes);
        training.Meter.StepMemory = bytes;
        return finite;
    }

    /// <summary>What is due after a step: rows, probes, evaluation, checkpoint.</summary>
    void Settle(CancellationToken cancel)
    {
        training.Record(recording);
        if (training.Cadence.Probes(training.Step)) probe?.Look(network, training.Step, recording);
        var evaluates = training.Cadence.Evaluates(training.Step);
        if (evaluates)
        {
            Evaluate(Split.Valid, cancel);
            training.Validated(figures);
        }
        if (evaluates || options.Clock.GetElapsedTime(savedAt) > options.CheckpointAge) Save();
    }

    /// <summary>What the last step would have been the time for, where training ended before it.</summary>
    void Stop()
    {
        training.RecordRest(recording);
        if (training.Step < training.Cadence.Steps && training.Cadence.Probes(training.Cadence.Steps)) probe?.Look(network, training.Step, recording);
    }

    void Evaluate(Split split, CancellationToken cancel)
    {
        var said = new Dictionary<string, (double Sum, long Steps)>();
        var (totals, epoch) = (Evaluation.Pass(network, data, split, cancel, figures: said), training.Cadence.Epoch(training.Step));
        var name = split.ToString().ToLowerInvariant();
        var values = parts.Task.Metrics.Select(metric => KeyValuePair.Create(metric.Name, metric.Of(totals))).ToList();
        foreach (var (metric, value) in values)
        {
            recording.Metrics.Add(new MetricRow(training.Step, epoch, name, metric, value));
            figures[$"{name}.{metric}"] = value;
        }
        recording.Metrics.AddRange(said.Select(s => new MetricRow(training.Step, epoch, name, s.Key, s.Value.Sum / Math.Max(1, s.Value.Steps))));
        options.Progress?.Report(new ProgressEvent.Evaluated(place, training.Step, epoch, split, values));
    }

    void FixGates(CancellationToken cancel)
    {
        // A model that is itself an ablation is a comparison for the whole one; its gates are not asked about.
        if (!experiment.Probes.FixGates || Notation.Parse(experiment.Model).Ablations.Count > 0) return;
        new FixedGates(catalogs, parts, network, data).Look(FixedGates.Means(store, experiment), training.Step, recording, cancel);
        Append();
    }

    /// <summary>The rows first: a checkpoint never runs ahead of the record.</summary>
    void Save()
    {
        Append();
        using var scope = torch.NewDisposeScope();
        training.Save(key).Write(checkpointFile);
        savedAt = options.Clock.GetTimestamp();
    }

    void Append()
    {
        store.Append(key, training.Step, recording);
        recording = new Recording();
    }

    RunResult Interrupt()
    {
        if (training.Step > 0) Save();
        return End(RunStatus.Interrupted, "stopped by the user; the same command goes on");
    }

    RunResult Diverge()
    {
        training.Meter.Flush(training.Step, training.Cadence.Epoch(training.Step), recording);
        Append();
        return End(RunStatus.Diverged, string.Create(CultureInfo.InvariantCulture, $"loss or gradient was not finite at step {training.Step}"));
    }

    RunResult End(RunStatus status, string? message, Exception? error = null)
    {
        store.End(key, status, message, Now());
        if (status is RunStatus.Done or RunStatus.Diverged) Checkpoint.Drop(checkpointFile);
        return new RunResult(experiment, status, message, training.Step, figures, Repeated: false) { Error = error };
    }

    /// <summary>Fixed for a root seed, and no part of what is trained on: its stream is its own.</summary>
    Batch ProbeBatch()
    {
        using var own = parts.Open(experiment.Probes.Batch, "probe", options.DataFolder);
        return own.Training(0);
    }

    RunRow Row() => new(key, experiment.Canonical, experiment.Model, experiment.Task, experiment.Recipe, experiment.Seed, RunStatus.Running, null,
        network.Runner.Path, experiment.Device, experiment.DType, experiment.Threads, parts.Model.Parameters.Sum(p => p.Free),
        network.CountOutside, parts.Model.Flops, training.Step, options.Machine, Now(), null);

    IEnumerable<TaskRow> TaskRows() => parts.Task.Metrics.Select((metric, place) => new TaskRow(experiment.Task, metric.Name, metric.Unit,
        metric.LowerIsBetter, place == 0, place == 0 ? parts.Task.Baseline : null, place == 0 ? parts.Task.Solved : null, parts.Task.Protocol));

    string Now() => options.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public void Dispose()
    {
        training.Dispose();
        probe?.Dispose();
        network.Dispose();
        data.Dispose();
    }
}
