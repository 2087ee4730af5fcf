using System.CommandLine;

namespace RnnBench.Cli;

/// <summary>Options that several commands have. Each command gets its own object.</summary>
static class CommonOptions
{
    /// <summary>Where results go unless the user says otherwise: beside the user's work, made on first use.</summary>
    public const string DefaultDatabase = "runs/rnnbench.db";

    public static Option<FileInfo> Database() => new("--db")
    {
        Description = "The SQLite file with the results; made on first use.",
        HelpName = "FILE",
        DefaultValueFactory = _ => new FileInfo(DefaultDatabase),
    };

    public static Option<DirectoryInfo?> Data() => new("--data")
    {
        Description = "The folder with the data sets (ptb/ ...); else the environment variable RNNBENCH_DATA.",
        HelpName = "DIR",
    };

    /// <summary>The data folder that counts, or null.</summary>
    public static string? DataFolder(DirectoryInfo? given) =>
        given?.FullName ?? (Environment.GetEnvironmentVariable("RNNBENCH_DATA") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null);

    public static Option<bool> Json() => new("--json") { Description = "Print JSON on standard output; progress goes to standard error." };
}
