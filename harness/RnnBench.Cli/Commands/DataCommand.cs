using System.CommandLine;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Commands;

/// <summary><c>data</c>: the data sets.</summary>
sealed class DataCommand : CliCommand
{
    readonly Argument<string> what = new("WHAT") { Description = "list: which sets there are, where each is looked for, and what is missing." };
    readonly Option<DirectoryInfo?> data = CommonOptions.Data();
    readonly Option<bool> json = CommonOptions.Json();

    public DataCommand() : base("data", "Show the data sets: which there are, which are found, under which terms, and where they come from.")
    {
        what.AcceptOnlyFromAmong("list");
        Add(what);
        Add(data);
        Add(json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench data list                      # in RNNBENCH_DATA, or the user's data folder",
        "rnnbench data list --data ~/corpora     # in another folder",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var folder = DataFolder.Resolve(parsed.GetValue(data)?.FullName);
        if (parsed.GetValue(json))
            JsonOut.Write(session.Output, new { folder, sets = DataSets.All.Select(s => new { s.Id, s.Title, s.Licence, s.Unit, s.Files, s.Addresses, s.State(folder).Complete, s.State(folder).Missing }) });
        else foreach (var set in DataSets.All) Print(session.Output, set, folder);
        return ExitCode.Done;
    }

    static void Print(TextWriter output, DataSet set, string folder)
    {
        output.WriteLine($"{set.Id}: {set.Title}");
        output.WriteLine($"  {set.State(folder)} in {set.FolderIn(folder)}");
        output.WriteLine($"  terms: {set.Licence}");
        output.WriteLine($"  files: {string.Join(", ", set.Files.Select(f => FormattableString.Invariant($"{f.Name} ({f.Count:N0} {set.Unit})")))}");
        output.WriteLine($"  from:  {string.Join("\n         ", set.Addresses)}");
    }
}
