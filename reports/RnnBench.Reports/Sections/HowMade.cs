using System.Text.Json;
using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Sections;

/// <summary>What somebody needs to make the report again: command, study, settings, machine and versions, data, runs.</summary>
static class HowMade
{
    public static IEnumerable<Block> Write(ReportData data)
    {
        if (data.Command.Length > 0)
        {
            yield return new Paragraph("This report, from the stored runs:");
            yield return new Code(data.Command);
        }
        foreach (var study in data.Studies)
        {
            yield return new Paragraph($"The runs of the study {study.Name}:");
            yield return new Code(study.Command);
            yield return new Details($"The study file of {study.Name}", [new Code(study.Definition)]);
        }
        if (data.Runs.Count == 0) yield break;
        yield return Models(data);
        foreach (var machine in data.Machines) yield return Machine(machine.Id, machine.Description, data.Machines.Count > 1);
        if (data.Files.Count > 0) yield return new Table("data", "Data, with the SHA-256 of each file; generated data follows from the seed.", ["task", "file", "SHA-256"],
            [.. data.Files.Select(file => (IReadOnlyList<Cell>)[file.Task, file.Name, file.Sha256])]);
        yield return new Details($"All {Format.Count(data.Runs.Count, "run")}", [Runs(data)]);
    }

    /// <summary>What all have in common is said once, in the caption.</summary>
    static Table Models(ReportData data)
    {
        var all = data.Tasks.SelectMany(task => task.Groups.Select(group => (Task: task, Group: group, Settings: Leaves(group.First.Experiment, "training").ToArray()))).ToArray();
        var common = all.Length < 2 ? [] : all[0].Settings.Where(s => all.All(other => other.Settings.Contains(s))).ToHashSet();
        return new("models", $"The models behind the labels, and how each was trained.{(common.Count == 0 ? "" : $" All of them with {Said(common)}.")}",
            ["label", "task", "model", "recipe", "seeds", "training settings"], [.. all.Select(row => (IReadOnlyList<Cell>)[
                row.Group.Label, row.Task.Label, row.Group.First.Model, row.Group.First.Recipe, Seeds(row.Group.Runs), Said(row.Settings.Where(s => !common.Contains(s)))])]);
    }

    /// <summary>Seeds in short: 1..5, 8.</summary>
    internal static string Seeds(IEnumerable<Run> runs)
    {
        var seeds = runs.Select(run => run.Seed).Distinct().Order().ToArray();
        var ranges = seeds.Select((seed, k) => (Seed: seed, Start: seed - k)).GroupBy(s => s.Start).Select(g => (First: g.First().Seed, Last: g.Last().Seed));
        return string.Join(", ", ranges.Select(r => r.First == r.Last ? Format.Integer(r.First) : $"{Format.Integer(r.First)}..{Format.Integer(r.Last)}"));
    }

    static string Said(IEnumerable<(string Name, string Value)> settings) => string.Join(", ", settings.Select(s => $"{s.Name.Split('.')[^1]}={s.Value}"));

    static Table Machine(long id, string description, bool several) => new(several ? $"machine-{Format.Integer(id)}" : "machine", "Machine and versions.", ["", "value"],
        [.. Leaves(description).Select(leaf => (IReadOnlyList<Cell>)[leaf.Name, leaf.Value])]);

    static Table Runs(ReportData data) => new("runs", "Every run of this report. The key is the SHA-256 of everything that determines the run.",
        ["task", "model", "seed", "status", "message", "steps", "training time", "started (UTC)", "ended (UTC)", "key"],
        [.. data.Tasks.SelectMany(task => task.Groups).SelectMany(group => group.Runs.Select(run => (IReadOnlyList<Cell>)[
            run.Task, group.Label, run.Seed, run.Status, run.Message ?? "", run.Steps, Seconds(run.Seconds), run.Started, run.Ended ?? "", run.Key]))]);

    static Cell Seconds(double seconds) => double.IsFinite(seconds) ? new Number(Format.Significant(seconds, 3), seconds, " s") : new Missing();

    /// <summary>The leaves of a JSON object by path, of one member if named; the text as a whole where it is no object.</summary>
    internal static IEnumerable<(string Name, string Value)> Leaves(string json, string? member = null)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement.Clone();
            if (root.ValueKind != JsonValueKind.Object) return [("", json)];
            return member is null ? [.. Walk(root, "")] : root.TryGetProperty(member, out var part) ? [.. Walk(part, member)] : [];
        }
        catch (JsonException)
        {
            return member is null ? [("", json)] : [];
        }
    }

    static IEnumerable<(string Name, string Value)> Walk(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(m => Walk(m.Value, path.Length == 0 ? m.Name : $"{path}.{m.Name}")),
        JsonValueKind.Null => [],
        JsonValueKind.Array => [(path, string.Join(", ", element.EnumerateArray().Select(e => e.ToString())))],
        _ => [(path, element.ToString())],
    };
}
