using System.CommandLine;
using RnnBench.Cli.Doctor;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Commands;

/// <summary><c>doctor</c>: one line for each thing that matters.</summary>
sealed class DoctorCommand : CliCommand
{
    readonly Option<FileInfo> database = CommonOptions.Database();
    readonly Option<DirectoryInfo?> data = CommonOptions.Data();
    readonly Option<bool> json = CommonOptions.Json();

    public DoctorCommand() : base("doctor", "Check what runs depend on: .NET, libtorch, CPU, CUDA, data, store.")
    {
        Add(database);
        Add(data);
        Add(json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench doctor              # exit code 1 if there is a problem",
        "rnnbench doctor --json       # the same for a program",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var found = Checks(parsed.GetValue(database)!.FullName, DataFolder.Resolve(parsed.GetValue(data)?.FullName)).Select(check => (check.Name, Finding: Look(check.Look))).ToArray();
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, new { checks = found.Select(f => new { check = f.Name, state = Word(f.Finding.State), text = f.Finding.Text, advice = f.Finding.Advice }) });
        else foreach (var (name, finding) in found) Print(session.Output, name, finding);
        return found.Any(f => f.Finding.State == State.Problem) ? ExitCode.Failed : ExitCode.Done;
    }

    static (string Name, Func<Finding> Look)[] Checks(string database, string data) =>
    [
        ("runtime",   MachineChecks.Runtime),
        ("processor", MachineChecks.Processor),
        ("cores",     MachineChecks.Cores),
        ("memory",    MachineChecks.Memory),
        ("libtorch",  LibtorchChecks.Library),
        ("glibcxx",   LibtorchChecks.Glibcxx),
        ("cuda",      LibtorchChecks.Cuda),
        ("data",      () => FolderChecks.Data(data)),
        ("store",     () => FolderChecks.Store(database)),
    ];

    static Finding Look(Func<Finding> look)
    {
        try
        {
            return look();
        }
        catch (Exception e)
        {
            return Finding.Problem(e.Message.ReplaceLineEndings(" "), "this check itself failed; run with --debug and report it");
        }
    }

    static void Print(TextWriter output, string name, Finding finding)
    {
        output.WriteLine($"{Word(finding.State),-7}  {name,-9}  {finding.Text}");
        if (finding.Advice is { } advice) output.WriteLine($"{"",-7}  {"",-9}  → {advice}");
    }

    static string Word(State state) => state.ToString().ToLowerInvariant();
}
