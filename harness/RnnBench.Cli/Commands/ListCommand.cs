using System.CommandLine;
using Microsoft.Data.Analysis;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Cli.Commands;

/// <summary><c>list</c>: what there is, and what has been run.</summary>
sealed class ListCommand : CliCommand
{
    static readonly Dictionary<string, Action<ListCommand, ParseResult, Session>> Kinds = new()
    {
        ["models"] = (list, parsed, session) => list.Models(parsed, session),
        ["tasks"] = (list, parsed, session) => list.Tasks(parsed, session),
        ["studies"] = (list, parsed, session) => list.Studies(parsed, session),
        ["runs"] = (list, parsed, session) => list.Runs(parsed, session),
    };

    readonly Argument<string> what = new("WHAT") { Description = $"One of {string.Join(", ", Kinds.Keys)}." };
    readonly Option<FileInfo> database = CommonOptions.Database();
    readonly Option<bool> json = CommonOptions.Json();
    readonly Option<DirectoryInfo?> verified = new("--verified") { HelpName = "DIR", Description = "list models: the table of README.md in Markdown, each checked against the reference cases in this folder." };

    public ListCommand() : base("list", "List the models, tasks and studies that there are, or the runs in the store.")
    {
        what.AcceptOnlyFromAmong([.. Kinds.Keys]);
        Add(what);
        Add(database);
        Add(json);
        Add(verified);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench list models             # ids, with where each comes from",
        "rnnbench list models --json      # the same with every setting",
        "rnnbench list models --verified golden   # README's table: gates, backend, what each was verified against",
        "rnnbench list runs               # what is in the store",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        Kinds[parsed.GetValue(what)!](this, parsed, session);
        return ExitCode.Done;
    }

    void Models(ParseResult parsed, Session session)
    {
        if (parsed.GetValue(verified) is { } folder) session.Output.Write(ModelTable.Markdown(session.Models, folder.FullName));
        else ModelNames(parsed, session);
    }

    void ModelNames(ParseResult parsed, Session session) => Write(parsed, session, ["model", "family", "title", "source"], ModelTable.Entries(session.Models),
        entry => [entry.Id, entry.Family, entry.Title, entry.Source],
        entry => entry.Model is not { } m ? entry.Companion! : new
        {
            m.Id, m.Family, m.Title, m.Source, settings = m.AllSettings.Select(Describe),
            ablations = m.Ablations.ToDictionary(a => a.Key, a => a.Value.Rewriting), m.Recipes,
        });

    void Tasks(ParseResult parsed, Session session) => Write(parsed, session, ["task", "title", "source"], RnnBench.Tasks.Catalog.All,
        t => [t.Id, t.Title, t.Source],
        t => new { t.Id, t.Title, t.Source, settings = t.Settings.Select(Describe) });

    void Studies(ParseResult parsed, Session session) => Write(parsed, session, ["study", "title", "file"], Wiring.Studies(),
        s => [s.Study.Name, s.Study.Title, s.File],
        s => new { s.Study.Name, s.Study.Title, s.Study.Question, s.Study.Models, s.Study.Tasks, s.Study.Seeds, sizes = s.Study.Sizes.Keys, s.File });

    void Runs(ParseResult parsed, Session session)
    {
        using var store = ResultStore.OpenRead(parsed.GetValue(database)!.FullName);
        var runs = store.Query(Queries.Runs);
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, JsonOut.Rows(runs));
        else Columns.Write(session.Output, [.. Shown], runs.Rows.Select(row => Shown.Select(name => Short(name, row[runs.Columns.IndexOf(name)])).ToArray()));
    }

    static readonly string[] Shown = ["run", "model", "task", "seed", "status", "steps", "parameters", "path", "device", "started"];

    /// <summary>The first letters of a key name it well enough for a person.</summary>
    static string Short(string column, object? value) => column == "run" ? ((string)value!)[..12] : FormattableString.Invariant($"{value}");

    static object Describe(Setting setting) => new { setting.Name, setting.Default, setting.Meaning };

    void Write<T>(ParseResult parsed, Session session, IReadOnlyList<string> header, IEnumerable<T> items, Func<T, IReadOnlyList<string>> row, Func<T, object> full)
    {
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, items.Select(full));
        else Columns.Write(session.Output, header, items.Select(row));
    }
}
