using System.CommandLine;
using System.Diagnostics;
using RnnBench.Backends.Native;
using RnnBench.Harness;
using RnnBench.Results;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Commands;

/// <summary><c>work</c>: one of the processes that <c>study --workers</c> starts; not for people.</summary>
sealed class WorkCommand : CliCommand
{
    readonly Option<FileInfo> database = CommonOptions.Database();
    readonly Option<DirectoryInfo?> data = CommonOptions.Data();
    readonly Option<bool> force = CommonOptions.Force();

    public WorkCommand() : base("work", "Carry out experiments that come as lines of JSON on standard input; `study --workers` starts this.")
    {
        Hidden = true;
        foreach (var option in new Option[] { database, data, force }) Add(option);
    }

    /// <summary>What starts such a process: this program once more.</summary>
    public static ProcessStartInfo Start(string database, string? data, bool force, IEnumerable<FileInfo> cells)
    {
        var library = Path.Combine(AppContext.BaseDirectory, "rnnbench.dll");
        var alone = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "rnnbench";
        return new(alone ? Environment.ProcessPath! : "dotnet",
        [
            .. alone ? Array.Empty<string>() : [library],
            "work", "--db", database, .. data is null ? Array.Empty<string>() : ["--data", data], .. force ? ["--force"] : Array.Empty<string>(),
            .. cells.SelectMany(file => new[] { "--cells", file.FullName }),
        ]);
    }

    protected override int Run(ParseResult parsed, Session session)
    {
        Libtorch.Load();
        var file = parsed.GetValue(database)!.FullName;
        using var store = ResultStore.Open(file);
        var options = ExecutionOptions.Runs(file, DataFolder.Resolve(parsed.GetValue(data)?.FullName), parsed.GetValue(force));
        new Worker(Wiring.Catalogs(session.Models), store, options).Work(Console.In, session.Output, session.Stop);
        return ExitCode.Done;
    }
}
