using System.CommandLine;
using RnnBench.Backends.Measuring;
using RnnBench.Cli.Doctor;
using RnnBench.Harness;
using RnnBench.Language;
using RnnBench.Reports;
using RnnBench.Results;

namespace RnnBench.Cli.Commands;

/// <summary><c>report</c>: the tables and plots of the runs in a store.</summary>
sealed class ReportCommand : CliCommand
{
    static readonly Dictionary<string, ReportFormat> Formats = new()
    {
        ["html"] = ReportFormat.Html,
        ["md"] = ReportFormat.Markdown,
        ["tex"] = ReportFormat.Latex,
        ["csv"] = ReportFormat.Csv,
        ["svg"] = ReportFormat.Svg,
    };

    readonly Option<string?> study = new("--study") { HelpName = "NAME", Description = "The runs of the latest study of this name." };
    readonly Option<string[]> runs = new("--runs")
    {
        HelpName = "KEY=VALUE",
        Description = $"Only runs with {string.Join(", ", RunSelection.Keys)}: model=lstm, task='copy(T=20)', seed=1..3. May be repeated.",
    };
    readonly Option<DirectoryInfo> folder = new("--out") { HelpName = "DIR", Description = "The folder; made if there is none.", DefaultValueFactory = _ => new DirectoryInfo("report") };
    readonly Option<string> format = new("--format") { HelpName = "LIST", Description = $"Any of {string.Join(",", Formats.Keys)}.", DefaultValueFactory = _ => string.Join(',', Formats.Keys) };
    readonly Option<string?> title = new("--title") { HelpName = "TEXT", Description = "The report's title." };
    readonly Option<FileInfo> database = CommonOptions.Database();
    readonly Option<bool> json = CommonOptions.Json();

    public ReportCommand() : base("report", "Write the report of the runs in the store: one HTML page, Markdown, LaTeX, CSV and SVG.")
    {
        foreach (var option in new Option[] { study, runs, folder, format, title, database, json }) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench report                                          # all runs, report/report.html",
        "rnnbench report --study smoke --format html,tex          # one study, two formats",
        "rnnbench report --runs model=lstm --runs seed=1..3       # some runs",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var formats = parsed.GetValue(format)!.Split(',').Select(Format).ToArray();
        using var store = ResultStore.OpenRead(parsed.GetValue(database)!.FullName);
        var filter = RunSelection.Of(store, parsed.GetValue(study), parsed.GetValue(runs) ?? []);
        var about = About(store, filter);
        var written = ReportWriter.Write(store, filter, new ReportOptions
        {
            Title = parsed.GetValue(title) ?? about?.Title ?? (parsed.GetValue(study) is { } name ? $"Study {name}" : "RnnBench report"),
            Question = about?.Question ?? "",
            Folder = parsed.GetValue(folder)!.FullName,
            Command = session.Command,
            Architectures = session.Models,
            Limit = (cpu, dtype, threads) => cpu == Machine.Cpu ? Peak.Fma(dtype == "float64" ? TorchSharp.torch.ScalarType.Float64 : TorchSharp.torch.ScalarType.Float32, threads) : null,
            Formats = formats,
        });
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, new { files = written });
        else foreach (var file in written) session.Output.WriteLine(file);
        return ExitCode.Done;
    }

    /// <summary>The study as it was when it ran; null where the report is on no study, or the file was of another version.</summary>
    static StudyFile? About(ResultStore store, RunFilter filter)
    {
        if (filter.Study is null || store.Query(Queries.Studies, filter).Rows.LastOrDefault() is not { } row) return null;
        try
        {
            return StudyFile.Parse(filter.Study, (string)row["definition"]);
        }
        catch (UserError)
        {
            return null;
        }
    }

    static ReportFormat Format(string name) => Formats.TryGetValue(name, out var format) ? format
        : throw new UserError($"--format {name}: there is no such format; give some of {string.Join(", ", Formats.Keys)}.");
}
