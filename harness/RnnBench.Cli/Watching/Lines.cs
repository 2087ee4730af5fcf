using RnnBench.Harness;

namespace RnnBench.Cli.Watching;

/// <summary>Plain lines, at most one of a run's progress in <see cref="Pause"/>.</summary>
sealed class Lines(TextWriter output, TimeProvider clock) : Watcher, IProgress<ProgressEvent>
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    long last;

    public override T Watch<T>(Func<IProgress<ProgressEvent>, T> work) => work(this);

    /// <inheritdoc/>
    public void Report(ProgressEvent happened)
    {
        switch (happened)
        {
            case ProgressEvent.Noted e:
                output.WriteLine($"note: {e.Message}");
                break;
            case ProgressEvent.Started e:
                last = clock.GetTimestamp();
                output.WriteLine($"{Wording.Number(e.Place)}{Wording.Title(e.Experiment)}: {e.Path}{(e.Step > 0 ? $", resumed at step {e.Step}" : "")}");
                break;
            case ProgressEvent.Stepped e when clock.GetElapsedTime(last) >= Pause:
                last = clock.GetTimestamp();
                output.WriteLine($"{Wording.Number(e.Place)}  {Wording.Step(e)}, loss {Wording.Figure(e.Loss)}, {Wording.Speed(e.TokensPerSecond)}, {Wording.Left(e.Left)}");
                break;
            case ProgressEvent.Evaluated e:
                output.WriteLine($"{Wording.Number(e.Place)}  step {e.Step}, {e.Split.ToString().ToLowerInvariant()}: {Wording.Figures(e.Figures)}");
                break;
            case ProgressEvent.Ended e:
                output.WriteLine($"{Wording.Number(e.Place)}{Wording.Title(e.Result.Experiment)}: {Wording.Ending(e.Result)}");
                break;
        }
        output.Flush();
    }
}
