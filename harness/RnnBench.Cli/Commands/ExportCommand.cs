using System.CommandLine;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Cli.Commands;

/// <summary><c>export</c>: a table of the store as CSV, for other programs.</summary>
sealed class ExportCommand : CliCommand
{
    readonly Argument<string> table = new("TABLE") { Description = $"One of {string.Join(", ", Queries.All.Select(NameOf))}." };
    readonly Option<bool> csv = new("--csv") { Description = "As CSV, which is the default." };
    readonly Option<string?> study = new("--study") { HelpName = "NAME", Description = "The runs of the latest study of this name." };
    readonly Option<string[]> runs = new("--runs") { HelpName = "KEY=VALUE", Description = "Only some runs, as in report. May be repeated." };
    readonly Option<FileInfo?> file = new("--out") { HelpName = "FILE", Description = "Where to; standard output unless said." };
    readonly Option<FileInfo> database = CommonOptions.Database();
    readonly Option<bool> json = CommonOptions.Json();

    public ExportCommand() : base("export", "Write a table of the store: every number that a report is made of.")
    {
        Add(table);
        foreach (var option in new Option[] { csv, study, runs, file, database, json }) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench export curves --csv --out curves.csv      # every recorded figure of every run",
        "rnnbench export final --runs model=lstm            # last figures of all LSTMs",
        "rnnbench export entries --study gate-importance    # arms, trials and what was chosen",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var name = parsed.GetValue(table)!;
        var query = Queries.All.FirstOrDefault(q => NameOf(q) == name) ?? throw new UserError($"there is no table {name}; there are {string.Join(", ", Queries.All.Select(NameOf))}.");
        using var store = ResultStore.OpenRead(parsed.GetValue(database)!.FullName);
        var frame = store.Query(query, RunSelection.Of(store, parsed.GetValue(study), parsed.GetValue(runs) ?? []));
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, JsonOut.Rows(frame));
        else if (parsed.GetValue(file) is { } to) Save(to.FullName, frame);
        else Csv.Write(frame, session.Output);
        return ExitCode.Done;
    }

    static void Save(string file, Microsoft.Data.Analysis.DataFrame frame)
    {
        try
        {
            using var writer = new StreamWriter(file);
            Csv.Write(frame, writer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{file} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>A query as the command calls it: gradient-lags.</summary>
    static string NameOf(StoredQuery query) => string.Concat(query.Name.Select((c, k) => k > 0 && char.IsAsciiLetterUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
