using System.CommandLine;
using System.Globalization;
using RnnBench.Backends;
using RnnBench.Harness;
using RnnBench.Language;

namespace RnnBench.Cli.Commands;

/// <summary><c>explain</c>: what a model is, derived from its equations; what a task is and how it judges.</summary>
sealed class ExplainCommand : CliCommand
{
    readonly Argument<string> model = new("MODEL") { Description = "The model, rewritings included: lstm, 'lstm(hidden=200)[o=1]'; without hidden, H = 128. Or a task: ptb, 'copy(T=50)'." };
    readonly Option<int> input = new("--input") { HelpName = "N", Description = "The input width I.", DefaultValueFactory = _ => 64 };
    readonly Option<bool> latex = new("--latex") { Description = "Print the equations in LaTeX, nothing else." };
    readonly Option<string?> kernels = CommonOptions.Explain();
    readonly Option<bool> json = CommonOptions.Json();

    public ExplainCommand() : base("explain", "Print a model's equations, parameters with shapes, gates, stages and FLOPs a step; or a task's protocol, settings and recipes.")
    {
        Add(model);
        foreach (var option in new Option[] { input, latex, kernels, json }) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench explain lstm                              # the LSTM",
        "rnnbench explain 'gru(reset_after=true)[z=1]'      # a setting, and a gate fixed at 1",
        "rnnbench explain 'lstm[f=1-i]' --latex             # for a paper",
        "rnnbench explain lstm --explain kernels            # what the compiled backend runs",
        "rnnbench explain ptb                               # a task: protocol, figures, settings, recipes",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        var asked = Notation.Parse(parsed.GetValue(model)!);
        if (TaskExplanation.Of(asked) is { } task)
        {
            if (parsed.GetValue(json)) JsonOut.Write(session.Output, task);
            else task.Print(session.Output);
            return ExitCode.Done;
        }
        var width = parsed.GetValue(input) is > 0 and <= 1_000_000 and var given ? given : throw new UserError($"--input {parsed.GetValue(input)}: give a whole number from 1 to 1000000.");
        var (written, constraint) = TrainingSettings.WithoutConstraint(Model.Meant(asked));
        var notation = written.WithDefaults((session.Models.FirstOrDefault(m => m.Id == written.Id) ?? session.Models[0]).Usual);
        var built = Model.Build(session.Models, notation, width);
        var explained = Explanation.Of(built);
        explained = explained with { Settings = [.. explained.Settings, .. constraint] };
        if (parsed.GetValue(latex)) session.Output.WriteLine(explained.Latex);
        else if (parsed.GetValue(kernels) is not null) session.Output.WriteLine(Backend.Kernels(built));
        else if (parsed.GetValue(json)) JsonOut.Write(session.Output, explained);
        else Print(session.Output, explained);
        return ExitCode.Done;
    }

    static void Print(TextWriter output, Explanation e)
    {
        output.WriteLine($"{e.Model}: {e.Title}\n{e.Source}\n");
        foreach (var equation in e.Equations) output.WriteLine($"  {equation}");
        Columns.Section(output, "Settings", ["setting", "value", "meaning"], e.Settings.Select(s => new[] { s.Name, s.Value, s.Meaning }));
        Columns.Section(output, $"Parameters: {Number(e.ParameterCount)}, input I = {e.Input}, output {e.Output}", ["name", "shape", "", "elements", "starts"],
            e.Parameters.Select(q => new[] { q.Name, q.Letters, $"[{string.Join(',', q.Shape)}]", Number(q.Count), q.Start }));
        output.WriteLine($"\nGates: {(e.Gates.Count == 0 ? "none" : string.Join(", ", e.Gates))}");
        if (e.Recipes.Count > 0)
            Columns.Section(output, "Recipes: run --recipe NAME, or own for the first", ["name", "source", "settings"],
                e.Recipes.Select(r => new[] { r.Name, r.Source, string.Join(' ', r.Settings.Select(s => $"{s.Key}={s.Value}")) }));
        Columns.Section(output, "Stages of a step, for one batch member", ["scan", "over all steps at once", "waits for a state"],
            e.Scans.Select(s => new[] { s.Prefix.TrimEnd('.'), string.Join(", ", s.Hoisted), string.Join(", ", s.Sequential) }));
        output.WriteLine($"\nFLOPs a step and batch member, forward: {Number(e.HoistedFlops)} in products over all steps, {Number(e.SequentialFlops)} in products that wait, {Number(e.ElementwiseFlops)} elementwise");
    }

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
