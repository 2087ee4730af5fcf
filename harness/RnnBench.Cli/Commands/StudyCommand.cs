using System.CommandLine;
using RnnBench.Backends.Native;
using RnnBench.Harness;
using RnnBench.Results;

namespace RnnBench.Cli.Commands;

/// <summary><c>study</c>: models x tasks x seeds, from a file.</summary>
sealed class StudyCommand : CliCommand
{
    readonly Argument<string> study = new("STUDY") { Description = "A study's name (see: rnnbench list studies), or a YAML file." };
    readonly Option<string?> size = new("--size") { HelpName = "smoke|cpu|paper", Description = "How large; else as the study is written." };
    readonly Option<bool> plan = new("--plan") { Description = "Only say what it would run: how many runs, how long from measured speeds, and the smallest effect that its seeds can detect." };
    readonly ExecutionOptions execution = new();

    public StudyCommand() : base("study", "Run a study. Runs that have ended are kept, so that a study that was stopped goes on, and a larger one adds to a smaller.")
    {
        Add(study);
        Add(size);
        Add(plan);
        execution.AddTo(this);
        execution.AddWorkersTo(this);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench study smoke                      # a few minutes",
        "rnnbench study smoke --plan               # what it would run",
        "rnnbench study gate-importance --size smoke --workers 4",
        "rnnbench study my-study.yaml --size cpu   # a study of one's own",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var catalogs = Wiring.Catalogs(session.Models);
        var planned = StudyPlan.Of(catalogs, Wiring.Study(parsed.GetValue(study)!), parsed.GetValue(size), execution.Setup(parsed), execution.DataFolderOf(parsed));
        if (parsed.GetValue(plan)) return List(parsed, session, catalogs, planned);
        return execution.Carry(parsed, session, catalogs, planned.Experiments,
            (store, options) => new StudyRunner(catalogs, store, options).Run(planned, session.Command, session.Stop));
    }

    int List(ParseResult parsed, Session session, Catalogs catalogs, StudyPlan planned)
    {
        Libtorch.Load();
        var file = execution.DatabaseOf(parsed);
        using var store = File.Exists(file) ? ResultStore.OpenRead(file) : null;
        var (done, open) = new StudyEstimate(catalogs, execution.DataFolderOf(parsed), TimeProvider.System).Of(planned, store, session.Stop);
        PlanTable.Write(session.Output, planned, done, open);
        foreach (var line in planned.Skipped) session.Error.WriteLine($"note: {line}");
        return ExitCode.Done;
    }
}
