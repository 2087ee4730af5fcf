using RnnBench.Cli.Watching;
using RnnBench.Harness;
using RnnBench.Results;

namespace RnnBench.Cli;

/// <summary>What came of runs, for standard output and the shell.</summary>
static class Outcome
{
    public static int Code(IReadOnlyList<RunResult> results, CancellationToken stop) =>
        stop.IsCancellationRequested || results.Any(r => r.Status == RunStatus.Interrupted) ? ExitCode.Interrupted
        : results.Any(r => r.Status is RunStatus.Diverged or RunStatus.Failed) ? ExitCode.Died
        : ExitCode.Done;

    public static void Print(Session session, IReadOnlyList<RunResult> results, string file, bool json)
    {
        if (json)
        {
            JsonOut.Write(session.Output, new { store = file, runs = results.Select(Full) });
            return;
        }
        Columns.Write(session.Output, ["model", "task", "seed", "status", "steps", "test"], results.Select(Row));
        if (session.Stop.IsCancellationRequested) session.Error.WriteLine("stopped; the same command goes on from here.");
        else session.Output.WriteLine($"Recorded in {file}; rnnbench report writes the report.");
        if (session.Debug) foreach (var error in results.Select(r => r.Error).OfType<Exception>()) session.Error.WriteLine(error);
    }

    static string[] Row(RunResult r) =>
    [
        r.Experiment.Model, r.Experiment.Task, FormattableString.Invariant($"{r.Experiment.Seed}"),
        r.Status.ToString().ToLowerInvariant() + (r.Repeated ? " before" : ""), FormattableString.Invariant($"{r.Steps}"),
        Wording.Figures(Wording.OnTest(r)),
    ];

    static object Full(RunResult r) => new
    {
        run = r.Experiment.Key, r.Experiment.Model, r.Experiment.Task, r.Experiment.Recipe, r.Experiment.Seed,
        status = r.Status.ToString().ToLowerInvariant(), r.Message, r.Steps, r.Repeated, r.Figures,
    };
}
