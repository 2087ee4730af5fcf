using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness;

/// <summary>
/// The other end of <see cref="WorkerProcesses"/>: reads experiments, a line of canonical JSON each, carries them out one by one, and writes what
/// happens, a line of JSON each. It ends with its input: a run at work then stops after its step, with a checkpoint.
/// </summary>
/// <param name="catalogs">What there is to run.</param>
/// <param name="store">Where it is recorded.</param>
/// <param name="options">Folders and machine; who watches is the other end.</param>
public sealed class Worker(Catalogs catalogs, ResultStore store, RunOptions options)
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Works until its input ends.</summary>
    /// <param name="input">Experiments.</param>
    /// <param name="output">What happens.</param>
    /// <param name="stop">Stops after the current step.</param>
    public void Work(TextReader input, TextWriter output, CancellationToken stop)
    {
        using var work = new System.Collections.Concurrent.BlockingCollection<string>();
        using var ended = new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, ended.Token);
        new Thread(() =>
        {
            while (input.ReadLine() is { } line) work.Add(line);
            work.CompleteAdding();
            ended.Cancel();
        }) { IsBackground = true, Name = "experiments" }.Start();
        var trainer = new Trainer(catalogs, store, options with { Progress = new Teller(output, options.Clock) });
        while (!stop.IsCancellationRequested && work.TryTake(out var line, Timeout.Infinite)) Carry(trainer, line, output, both.Token);
    }

    static void Carry(Trainer trainer, string line, TextWriter output, CancellationToken cancel)
    {
        try
        {
            trainer.Run(Experiment.Parse(line), new Place(1, 1), cancel);
        }
        catch (Exception e) when (e is UserError or StoreError or FormatException)
        {
            Tell(output, new WorkerMessage.Refused(e.Message));
        }
    }

    static void Tell(TextWriter output, WorkerMessage message)
    {
        output.WriteLine(message.Line());
        output.Flush();
    }

    sealed class Teller(TextWriter output, TimeProvider clock) : IProgress<ProgressEvent>
    {
        long last;

        public void Report(ProgressEvent happened)
        {
            if (happened is ProgressEvent.Stepped && clock.GetElapsedTime(last) < Pause) return;
            last = clock.GetTimestamp();
            if (WorkerMessage.Of(happened) is { } message) Tell(output, message);
        }
    }
}
