using System.CommandLine;
using RnnBench.Language;
using RnnBench.Reports;
using RnnBench.Results;

namespace RnnBench.Cli.Commands;

/// <summary><c>compare</c>: two models on the tasks that both ran on, paired by seed.</summary>
sealed class CompareCommand : CliCommand
{
    readonly Argument<string> first = new("A") { Description = "A model, as a report labels it: lstm, 'lstm[o=1]'." };
    readonly Argument<string> second = new("B") { Description = "The model that it is compared with." };
    readonly Option<string?> study = new("--study") { HelpName = "NAME", Description = "The runs of the latest study of this name." };
    readonly Option<string[]> runs = new("--runs") { HelpName = "KEY=VALUE", Description = "Only some runs, as in report. May be repeated." };
    readonly Option<FileInfo> database = CommonOptions.Database();
    readonly Option<bool> json = CommonOptions.Json();

    public CompareCommand() : base("compare", "Compare two models, paired by seed. Exit code 1 where A is significantly worse than B on some task.")
    {
        Add(first);
        Add(second);
        foreach (var option in new Option[] { study, runs, database, json }) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench compare lstm gru                            # on every task that both ran on",
        "rnnbench compare 'lstm[o=1]' lstm --study every-gate # one study",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var (a, b) = (parsed.GetValue(first)!, parsed.GetValue(second)!);
        using var store = ResultStore.OpenRead(parsed.GetValue(database)!.FullName);
        var filter = RunSelection.Of(store, parsed.GetValue(study), parsed.GetValue(runs) ?? []);
        var lines = ModelComparison.Of(store, filter, a, b);
        if (lines.Count == 0) throw new UserError($"no task has runs of both {a} and {b} with the same seeds; the models are {string.Join(", ", ModelComparison.Models(store, filter))}.");
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, lines);
        else Columns.Write(session.Output, ["task", "figure", $"{a}", $"{b}", "difference", "pairs", "p (Holm)", "P(A better)", "conclusion"], lines.Select(line => new[]
        {
            line.Task, line.Figure, line.FirstText, line.SecondText, line.DifferenceText, FormattableString.Invariant($"{line.Pairs}"), line.PText, line.ImprovementText, line.Conclusion,
        }));
        return lines.Any(line => line.IsWorse) ? ExitCode.Failed : ExitCode.Done;
    }
}
