using System.CommandLine;
using RnnBench.Backends;
using RnnBench.Backends.Native;
using RnnBench.Cli.Commands;
using RnnBench.Cli.Doctor;
using RnnBench.Cli.Watching;
using RnnBench.Harness;
using RnnBench.Language;
using RnnBench.Results;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli;

/// <summary>How runs are carried out, the same for one run and for a study: where, with what, recorded in which store.</summary>
sealed class ExecutionOptions
{
    readonly Option<string> device = CommonOptions.Device();
    readonly Option<string> backend = CommonOptions.Backend(Backend.Names);
    readonly Option<string> dtype = CommonOptions.DType("float32");
    readonly Option<int> threads = new("--threads")
    {
        HelpName = "N",
        Description = "CPU threads. The number is part of a run's key: it decides the order of sums.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };
    readonly Option<int> workers = new("--workers")
    {
        HelpName = "N",
        Description = "Processes that carry out the runs of a study side by side, each with --threads N of its own (1 unless given). Runs slow each other down: measure speed with one.",
        DefaultValueFactory = _ => 1,
    };
    readonly Option<FileInfo> database = CommonOptions.Database();
    readonly Option<DirectoryInfo?> data = CommonOptions.Data();
    readonly Option<string> memory = Memory();
    readonly Option<bool> force = CommonOptions.Force();
    readonly Option<bool> json = CommonOptions.Json();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { device, backend, dtype, threads, memory, database, data, force, json }) command.Add(option);
    }

    /// <summary>The part of an experiment that these options say.</summary>
    public RunSetup Setup(ParseResult parsed) => new()
    {
        Backend = BackendOf(parsed),
        Device = CommonOptions.Resolved(parsed.GetValue(device)!),
        DType = parsed.GetValue(dtype)!,
        Threads = parsed.GetResult(threads) is { Implicit: false } || Workers(parsed) == 1 ? parsed.GetValue(threads) : 1,
    };

    /// <summary>One for a command that has no such option.</summary>
    int Workers(ParseResult parsed) => parsed.GetResult(workers) is null ? 1 : parsed.GetValue(workers) is >= 1 and <= 256 and var count ? count
        : throw new UserError($"--workers {parsed.GetValue(workers)}: give a number from 1 to 256.");

    /// <summary>For a study: <c>--workers</c>.</summary>
    public void AddWorkersTo(Command command) => command.Add(workers);

    /// <summary>The processes that <c>--workers</c> asks for; null for none beside this one.</summary>
    IWorkforce? Workforce(ParseResult parsed, string file) => Workers(parsed) is > 1 and var count
        ? new WorkerProcesses(count, () => WorkCommand.Start(file, DataFolderOf(parsed), parsed.GetValue(force), CommandLine.CellsOf(parsed))) : null;

    /// <summary>The file with the results.</summary>
    public string DatabaseOf(ParseResult parsed) => parsed.GetValue(database)!.FullName;

    /// <summary>Less memory is a backend of its own, so that a run's record says it.</summary>
    string BackendOf(ParseResult parsed) => (parsed.GetValue(backend)!, parsed.GetValue(memory)) switch
    {
        var (name, wanted) when wanted == "normal" => name,
        (Backend.Auto or "cpu" or Backend.LowMemory, _) => Backend.LowMemory,
        var (name, _) => throw new UserError($"--memory low is for the compiled kernels; the backend {name} has no such choice."),
    };

    static Option<string> Memory()
    {
        var option = new Option<string>("--memory")
        {
            HelpName = "low|normal",
            Description = "low computes functions anew on the way back instead of keeping them.",
            DefaultValueFactory = _ => "normal",
        };
        option.AcceptOnlyFromAmong("low", "normal");
        return option;
    }

    public string? DataFolderOf(ParseResult parsed) => DataFolder.Resolve(parsed.GetValue(data)?.FullName);

    /// <summary>How runs into a store are made on this machine.</summary>
    public static RunOptions Runs(string file, string? dataFolder, bool force) =>
        new() { CheckpointFolder = RunOptions.CheckpointsOf(file), Machine = Machine.Describe(), DataFolder = dataFolder, Force = force };

    /// <summary>Checks that every run can begin, then opens the store and does the work; prints what came of it.</summary>
    /// <returns>The exit code: 0, or 3 if a run diverged or failed, or 130 if the user stopped it.</returns>
    public int Carry(ParseResult parsed, Session session, Catalogs catalogs, IReadOnlyList<Experiment> experiments, Func<ResultStore, RunOptions, IReadOnlyList<RunResult>> work)
    {
        var file = DatabaseOf(parsed);
        Libtorch.Load();
        var options = Runs(file, DataFolderOf(parsed), parsed.GetValue(force)) with { Workforce = Workforce(parsed, file) };
        Preflight.Check(catalogs, experiments, options.DataFolder);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var store = ResultStore.Open(file);
        var results = Watcher.For(session).Watch(progress => work(store, options with { Progress = progress }));
        Outcome.Print(session, results, file, parsed.GetValue(json));
        return Outcome.Code(results, session.Stop);
    }
}
