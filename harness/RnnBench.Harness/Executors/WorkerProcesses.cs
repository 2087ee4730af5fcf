using System.Collections.Concurrent;
using System.Diagnostics;

namespace RnnBench.Harness;

/// <summary>
/// Runs in several processes on one machine: libtorch's threads and generators are a process's, so that each run has its own and gives the same bits
/// as it would alone. A small model fills one core at most; several of them fill the machine.
/// </summary>
/// <param name="count">How many processes.</param>
/// <param name="start">What starts one: the program with its arguments, which then does what <see cref="Worker"/> says.</param>
public sealed class WorkerProcesses(int count, Func<ProcessStartInfo> start) : IWorkforce
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, RunResult> Run(IReadOnlyList<(Experiment Experiment, Place Place)> runs, IProgress<ProgressEvent>? progress, Func<bool> over, CancellationToken cancel)
    {
        var (queue, results) = (new ConcurrentQueue<(Experiment, Place)>(runs), new ConcurrentDictionary<string, RunResult>());
        var threads = Enumerable.Range(0, Math.Min(count, runs.Count)).Select(number => new Thread(() => Serve(queue, results, progress, over, cancel)) { Name = $"worker {number}" }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return results;
    }

    void Serve(ConcurrentQueue<(Experiment Experiment, Place Place)> queue, ConcurrentDictionary<string, RunResult> results, IProgress<ProgressEvent>? progress, Func<bool> over, CancellationToken cancel)
    {
        using var process = Process.Start(Info())!;
        process.ErrorDataReceived += static (_, _) => { };                    // read, so that it never fills up; what matters comes as a message
        process.BeginErrorReadLine();
        // The end of its input tells a worker to stop after its step, whatever becomes of this process.
        using var stop = cancel.Register(() => Quietly(process.StandardInput.Close));
        while (!cancel.IsCancellationRequested && !over() && queue.TryDequeue(out var next))
        {
            if (Hand(process, next.Experiment, next.Place, progress) is not { } result)
            {
                if (!cancel.IsCancellationRequested) Tell(progress, new ProgressEvent.Noted($"a worker could not carry out {next.Experiment.Model} on {next.Experiment.Task}; it is left for later"));
                break;
            }
            results[next.Experiment.Key] = result;
        }
        Quietly(process.StandardInput.Close);
        process.WaitForExit();
    }

    ProcessStartInfo Info()
    {
        var info = start();
        (info.RedirectStandardInput, info.RedirectStandardOutput, info.RedirectStandardError, info.UseShellExecute) = (true, true, true, false);
        return info;
    }

    /// <summary>Has a worker carry out one run; null where it did not, or died over it.</summary>
    static RunResult? Hand(Process process, Experiment experiment, Place place, IProgress<ProgressEvent>? progress)
    {
        if (!Quietly(() => { process.StandardInput.WriteLine(experiment.Canonical); process.StandardInput.Flush(); })) return null;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            var message = WorkerMessage.Read(line);
            if (message is WorkerMessage.Refused) return null;
            if (message?.Event(experiment, place) is not { } happened) continue;
            Tell(progress, happened);
            if (happened is ProgressEvent.Ended { Result: var result }) return result;
        }
        return null;
    }

    static void Tell(IProgress<ProgressEvent>? progress, ProgressEvent happened)
    {
        if (progress is not null) lock (progress) progress.Report(happened);
    }

    /// <summary>Whether something could be said to a process that may be gone.</summary>
    static bool Quietly(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }
}
