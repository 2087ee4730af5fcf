using System.CommandLine;
using System.Globalization;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Commands;

/// <summary><c>data</c>: the data sets.</summary>
sealed class DataCommand : CliCommand
{
    delegate int Verb(DataCommand command, ParseResult parsed, Session session, string folder);

    static readonly Dictionary<string, Verb> verbs = new()
    {
        ["list"]   = (command, parsed, session, folder) => command.List(parsed, session, folder),
        ["get"]    = (command, parsed, session, folder) => Get(command.Sets(parsed, required: true), session, folder),
        ["import"] = (command, parsed, session, folder) => Import(command.Given(parsed, "the file or folder to import"), session, folder),
        ["check"]  = (command, parsed, session, folder) => Check(command.Sets(parsed, required: false), session, folder),
    };

    readonly Argument<string> what = new("WHAT")
    {
        Description = "list: which sets there are and what is missing. get NAME: fetch one. import PATH: take over files that you have. "
            + "check: compare with published hashes and counts.",
    };
    readonly Argument<string?> name = new("NAME") { Description = "A data set (get, check), or a path (import).", Arity = ArgumentArity.ZeroOrOne };
    readonly Option<DirectoryInfo?> data = CommonOptions.Data();
    readonly Option<bool> json = CommonOptions.Json();

    public DataCommand() : base("data", "The data sets: which there are and under which terms, fetching, importing and checking them.")
    {
        what.AcceptOnlyFromAmong([.. verbs.Keys]);
        Add(what);
        Add(name);
        Add(data);
        Add(json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench data list                      # in RNNBENCH_DATA, or the user's data folder",
        "rnnbench data get wikitext-2            # from the first address that has it; goes on where it stopped",
        "rnnbench data import ~/downloads        # files are known by what they hold",
        "rnnbench data check --data ~/corpora    # hashes and counts against the published ones",
    ];

    protected override int Run(ParseResult parsed, Session session) =>
        verbs[parsed.GetValue(what)!](this, parsed, session, DataFolder.Resolve(parsed.GetValue(data)?.FullName));

    string Given(ParseResult parsed, string meaning) =>
        parsed.GetValue(name) ?? throw new UserError($"data {parsed.GetValue(what)}: give {meaning}, such as: "
            + $"{Examples.First(e => e.Contains($" {parsed.GetValue(what)} ", StringComparison.Ordinal)).Split('#')[0].Trim()}.");

    IReadOnlyList<DataSet> Sets(ParseResult parsed, bool required)
    {
        if (!required && parsed.GetValue(name) is null) return DataSets.All;
        var id = Given(parsed, "the data set");
        return [DataSets.All.FirstOrDefault(s => s.Id == id)
            ?? throw new UserError($"there is no data set {id}; there are {string.Join(", ", DataSets.All.Select(s => s.Id))}.")];
    }

    int List(ParseResult parsed, Session session, string folder)
    {
        if (parsed.GetValue(json))
            JsonOut.Write(session.Output, new
            {
                folder,
                sets = DataSets.All.Select(s => new
                {
                    s.Id, s.Title, s.Licence, s.Unit, s.Megabytes, s.Files, s.Addresses, s.State(folder).Complete, s.State(folder).Missing, Bytes = s.Size(folder),
                }),
            });
        else foreach (var set in DataSets.All) Print(session.Output, set, folder);
        return ExitCode.Done;
    }

    static void Print(TextWriter output, DataSet set, string folder)
    {
        output.WriteLine($"{set.Id}: {set.Title}");
        output.WriteLine($"  {set.State(folder)} in {set.FolderIn(folder)}{(set.Size(folder) is > 0 and var bytes ? $", {Size(bytes)} there" : "")}");
        output.WriteLine($"  size:  {Size(set.Megabytes * 1e6)} unpacked");
        output.WriteLine($"  terms: {set.Licence}");
        output.WriteLine($"  files: {string.Join(", ", set.Files.Select(f => FormattableString.Invariant($"{f.Name} ({f.Count:N0} {set.Unit})")))}");
        if (set.Files.Any(f => !f.HasHash)) output.WriteLine("  check: by counts, as no hashes of these files are published; their archive is known by its own");
        output.WriteLine($"  from:  {string.Join("\n         ", set.Addresses)}");
    }

    static string Size(double bytes) => bytes < 1e6 ? FormattableString.Invariant($"{bytes / 1e3:N0} kB") : FormattableString.Invariant($"{bytes / 1e6:N1} MB");

    static int Get(IReadOnlyList<DataSet> sets, Session session, string folder)
    {
        using var client = new HttpClient();
        foreach (var set in sets)
        {
            session.Error.WriteLine($"{set.Id}, {set.Licence}:");
            new DataFetcher(client, folder, session.Error.WriteLine).Get(set, session.Stop).GetAwaiter().GetResult();
            session.Output.WriteLine($"{set.Id}: {set.State(folder)} in {set.FolderIn(folder)}");
        }
        return ExitCode.Done;
    }

    static int Import(string path, Session session, string folder)
    {
        foreach (var taken in DataImport.From(path, folder)) session.Output.WriteLine($"{taken} in {folder}");
        return ExitCode.Done;
    }

    /// <summary>What is there of all sets, or of one, of which then nothing may be missing.</summary>
    static int Check(IReadOnlyList<DataSet> sets, Session session, string folder)
    {
        var findings = sets.SelectMany(set => DataCheck.Of(set, folder)).ToList();
        foreach (var f in findings)
            session.Output.WriteLine($"{f.Set.Folder}/{f.File.Name}: {(f.Wrong is null ? $"as published ({f.Note})" : $"WRONG: {f.Wrong}")}");
        var begun = sets.Count == 1 ? sets : [.. sets.Where(set => findings.Any(f => f.Set == set))];
        var missing = begun.SelectMany(set => set.Files.Where(file => findings.All(f => f.File != file)).Select(file => $"{set.Folder}/{file.Name}")).ToList();
        foreach (var name in missing) session.Output.WriteLine($"{name}: {(sets.Count == 1 ? "MISSING" : "missing")}");
        if (findings.Count + missing.Count == 0) session.Output.WriteLine($"nothing to check in {folder}");
        return findings.Any(f => f.Wrong is not null) || sets.Count == 1 && missing.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
