using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness;

/// <summary>What runs are given beside their experiments; none of it changes a number.</summary>
public sealed record RunOptions
{
    /// <summary>Where checkpoints lie; made when needed.</summary>
    public required string CheckpointFolder { get; init; }
    /// <summary>Where the checkpoints of a store lie: beside it.</summary>
    public static string CheckpointsOf(string store) => Path.ChangeExtension(store, ".checkpoints");

    /// <summary>The machine, as JSON, for the record.</summary>
    public required string Machine { get; init; }
    /// <summary>Where data sets lie, or null.</summary>
    public string? DataFolder { get; init; }
    /// <summary>Whether a run that has ended is made again.</summary>
    public bool Force { get; init; }
    /// <summary>Who watches, or null. Called by one thread at a time.</summary>
    public IProgress<ProgressEvent>? Progress { get; init; }
    /// <summary>Who carries out the runs of a study that do not depend on each other; null for one after the other, in this process.</summary>
    public IWorkforce? Workforce { get; init; }
    /// <summary>Stamps records and measures durations.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
    /// <summary>A checkpoint is written at every evaluation, and when the last is older than this.</summary>
    public TimeSpan CheckpointAge { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>
/// Trains a model on a task: one loop for all of them. A run can be killed at any moment; run again, it goes on from its last checkpoint to the
/// same bits as if nothing had happened.
/// </summary>
/// <param name="catalogs">What there is to run.</param>
/// <param name="store">Where it is recorded.</param>
/// <param name="options">Folders, machine, who watches.</param>
public sealed class Trainer(Catalogs catalogs, ResultStore store, RunOptions options)
{
    /// <summary>Runs an experiment, or goes on with it; one that has ended is left as it is unless forced.</summary>
    /// <param name="experiment">What to run.</param>
    /// <param name="place">Which run of how many, for who watches.</param>
    /// <param name="cancel">Stops after the current step with a checkpoint: the run can be resumed.</param>
    /// <returns>How it ended. An error while training ends the run as failed, recorded, and is in the result.</returns>
    /// <exception cref="UserError">It cannot begin: a file is missing, a backend cannot do the model, a setting does not fit. Nothing is recorded.</exception>
    /// <exception cref="StoreError">The store cannot be written.</exception>
    public RunResult Run(Experiment experiment, Place place, CancellationToken cancel)
    {
        if (!options.Force) experiment = experiment.As(store);
        if (!options.Force && store.Find(experiment.Key) is { Status: RunStatus.Done or RunStatus.Diverged } ended)
            return Report(place, new RunResult(experiment, ended.Status, ended.Message, ended.Steps, new Dictionary<string, double>(), Repeated: true));
        using var arithmetic = catalogs.OnThreads(experiment.Threads);
        using var work = new RunAtWork(catalogs, store, options, experiment, place);
        return Report(place, work.Run(cancel));
    }

    RunResult Report(Place place, RunResult result)
    {
        options.Progress?.Report(new ProgressEvent.Ended(place, result));
        return result;
    }
}
