using RnnBench.Cli.Commands;

namespace RnnBench.Cli;

/// <summary>The program <c>rnnbench</c>: its commands, one line each.</summary>
static class Program
{
    static int Main(string[] arguments) => CommandLine.OfProcess(arguments);

    /// <summary>All commands, in the order of the help.</summary>
    public static IReadOnlyList<CliCommand> Commands() =>
    [
        new RunCommand(),
        new StudyCommand(),
        new ReportCommand(),
        new CompareCommand(),
        new ExportCommand(),
        new ListCommand(),
        new ExplainCommand(),
        new VerifyCommand(),
        new BenchCommand(),
        new DataCommand(),
        new DoctorCommand(),
        new WorkCommand(),
    ];
}
