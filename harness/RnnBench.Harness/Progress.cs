using RnnBench.Results;
using RnnBench.Tasks;

namespace RnnBench.Harness;

/// <summary>What happens while runs are at work. The harness prints nothing; who watches is handed these, on the thread that trains.</summary>
public abstract record ProgressEvent
{
    ProgressEvent() { }

    /// <summary>Something worth a line: a task was skipped because its data is missing.</summary>
    /// <param name="Message">One line.</param>
    public sealed record Noted(string Message) : ProgressEvent;

    /// <summary>A run begins, or is taken up again.</summary>
    /// <param name="Place">Which run of how many.</param>
    /// <param name="Experiment">What is run.</param>
    /// <param name="Path">What runs it: <c>eager</c>, <c>library: nn.LSTM</c>.</param>
    /// <param name="Step">Steps done before.</param>
    /// <param name="Steps">Steps in all.</param>
    public sealed record Started(Place Place, Experiment Experiment, string Path, long Step, long Steps) : ProgressEvent;

    /// <summary>An optimiser step is done.</summary>
    /// <param name="Place">Which run of how many.</param>
    /// <param name="Step">Steps done.</param>
    /// <param name="Steps">Steps in all.</param>
    /// <param name="Epoch">Epochs done, or null where the task has none.</param>
    /// <param name="Loss">The training loss of this step, per target: nats or squared error.</param>
    /// <param name="TokensPerSecond">Input steps times batch members a second, over what this process has done of the run.</param>
    /// <param name="Left">An estimate of the time that the run still needs.</param>
    public sealed record Stepped(Place Place, long Step, long Steps, double? Epoch, double Loss, double TokensPerSecond, TimeSpan Left) : ProgressEvent;

    /// <summary>A part of the data was evaluated.</summary>
    /// <param name="Place">Which run of how many.</param>
    /// <param name="Step">Steps done.</param>
    /// <param name="Epoch">Epochs done, or null where the task has none.</param>
    /// <param name="Split">Which part.</param>
    /// <param name="Figures">The task's figures by name, the one that decides first.</param>
    public sealed record Evaluated(Place Place, long Step, double? Epoch, Split Split, IReadOnlyList<KeyValuePair<string, double>> Figures) : ProgressEvent;

    /// <summary>A run ended, or had ended before and was not run again.</summary>
    /// <param name="Place">Which run of how many.</param>
    /// <param name="Result">How.</param>
    public sealed record Ended(Place Place, RunResult Result) : ProgressEvent;
}

/// <summary>Which run of how many.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct Place(int Index, int Count);

/// <summary>How a run ended.</summary>
/// <param name="Experiment">What was run.</param>
/// <param name="Status">Done, diverged, failed or interrupted.</param>
/// <param name="Message">Why, where it did not end well.</param>
/// <param name="Steps">Optimiser steps done.</param>
/// <param name="Figures">The task's figures at the last evaluation of each split in this process, by <c>split.metric</c>: <c>test.loss</c>.</param>
/// <param name="Repeated">Whether it had ended before and was left as it was.</param>
public sealed record RunResult(Experiment Experiment, RunStatus Status, string? Message, long Steps, IReadOnlyDictionary<string, double> Figures, bool Repeated)
{
    /// <summary>What was thrown, where the run failed; for <c>--debug</c>.</summary>
    public Exception? Error { get; init; }
}
