namespace RnnBench.Harness;

/// <summary>Who carries out runs that do not depend on each other, several at a time. All of them write one store.</summary>
public interface IWorkforce
{
    /// <summary>Carries runs out. A run that could not be handed to anybody, or whose worker died, has no result: its store says how far it came.</summary>
    /// <param name="runs">The experiments, each with its place among the runs of a study.</param>
    /// <param name="progress">Who watches, or null; called by one thread at a time.</param>
    /// <param name="over">Asked before each run begins: whether no further one is to begin.</param>
    /// <param name="cancel">Stops the runs at work after their current step, with a checkpoint.</param>
    /// <returns>How each run ended, by the key of its experiment.</returns>
    IReadOnlyDictionary<string, RunResult> Run(IReadOnlyList<(Experiment Experiment, Place Place)> runs, IProgress<ProgressEvent>? progress, Func<bool> over, CancellationToken cancel);
}
