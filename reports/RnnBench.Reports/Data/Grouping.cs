using System.Text.Json;

namespace RnnBench.Reports.Data;

/// <summary>
/// Puts runs together that differ in their seed only, and finds a short label for each group: the id, its ablations, and such settings as
/// tell it from the others. Sizes are left out where nothing depends on them, so that a model has one label on tasks with different recipes.
/// </summary>
static class Grouping
{
    const string equations = "equations";
    static readonly HashSet<string> none = [];
    static readonly HashSet<string> sizes = ["hidden", "layers"];
    static readonly HashSet<string> apart = ["seed", "probes", "format", "model", "task"];      // what does not make two ways to train

    /// <summary>Whether a setting of a model is its size.</summary>
    public static bool IsSize(string setting) => sizes.Contains(setting);

    public static IReadOnlyList<TaskView> Tasks(ReportData data)
    {
        var edited = Edited(data.Runs);
        var labelled = data.Runs.GroupBy(run => run.Task).SelectMany(task => ByArm([.. Label([.. task.GroupBy(run => Identity(run, edited)).Select(runs => runs.ToArray())], edited)])).ToArray();
        var series = labelled.OrderBy(g => g.Runs.Min(run => run.Started), StringComparer.Ordinal).Select(g => g.Label).Distinct().ToList();
        var (ids, names) = (Ids(data.Runs.Select(run => run.Task).Distinct()), ShortNames([.. data.Runs.Select(run => run.Task).Distinct()]));
        return [.. labelled.GroupBy(g => g.Runs[0].Task).Select(task => new TaskView(task.Key, ids[task.Key], [.. data.Figures[task.Key].DistinctBy(f => f.Metric)],
            [.. task.Select(g => new Group(g.Label, series.IndexOf(g.Label), g.Runs)).OrderBy(g => g.Series)]) { Label = names[task.Key] })];
    }

    /// <summary>Tasks without the settings of their evaluation sets, where they stay different.</summary>
    static Dictionary<string, string> ShortNames(string[] tasks)
    {
        var all = tasks.ToDictionary(task => task, task => Names.Without(task, key => key.StartsWith("eval_", StringComparison.Ordinal)));
        return tasks.ToDictionary(task => task, task => all.Values.Count(name => name == all[task]) == 1 ? all[task] : task);
    }

    /// <summary>A name for files and anchors for each task; two that come out the same are numbered.</summary>
    static Dictionary<string, string> Ids(IEnumerable<string> tasks) => tasks.GroupBy(task => string.Join('-', string.Concat(task
            .Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty("task")))
        .SelectMany(same => same.Select((task, k) => (task, Id: k == 0 ? same.Key : $"{same.Key}--{k + 1}"))).ToDictionary(t => t.task, t => t.Id);

    static string Identity(Run run, IReadOnlySet<string> edited) => run.Model + "\n" + string.Join('\n', Training(run, edited).Select(s => $"{s.Key}={s.Value}"));

    /// <summary>Models that the runs have with different equations: a cell was edited between them. Runs from before equations were recorded do not tell.</summary>
    static IReadOnlySet<string> Edited(IReadOnlyList<Run> runs)
    {
        var all = new HashSet<string>(runs.Select(run => run.Model));
        return runs.SelectMany(run => Training(run, all).Where(s => s.Key == equations).Select(s => (run.Model, s.Value))).Distinct()
            .GroupBy(x => x.Model).Where(x => x.Count() > 1).Select(x => x.Key).ToHashSet();
    }

    /// <summary>The name that a study gives a model wins, where it names one group of the task only: <c>lstm[f=mean]</c> on every task, whatever the mean was.</summary>
    static IEnumerable<(string Label, Run[] Runs)> ByArm((string Label, Run[] Runs)[] groups)
    {
        var arms = groups.Select(group => group.Runs[0].Arms.FirstOrDefault()).ToArray();
        return groups.Select((group, k) => arms[k] is { } arm && arms.Count(other => other == arm) == 1 && !groups.Where((_, j) => j != k).Any(g => g.Label == arm)
            ? (arm, group.Runs) : group);
    }

    /// <summary>Labels the groups of one task.</summary>
    static IEnumerable<(string Label, Run[] Runs)> Label(Run[][] groups, IReadOnlySet<string> edited)
    {
        var names = groups.Select(runs => Parts(runs[0].Model)).ToArray();
        var training = groups.Select(runs => Training(runs[0], edited).ToDictionary(s => s.Key, s => s.Value)).ToArray();
        for (var k = 0; k < groups.Length; k++)
        {
            var (id, settings, ablations) = names[k];
            var rivals = Enumerable.Range(0, groups.Length).Where(j => names[j].Id == id && names[j].Ablations == ablations).ToArray();
            var twins = rivals.Where(j => groups[j][0].Model == groups[k][0].Model).ToArray();
            var shown = settings.Where(s => !sizes.Contains(s.Key) || rivals.Any(j => names[j].Settings.GetValueOrDefault(s.Key) != s.Value))
                .Concat(training[k].Where(s => twins.Any(j => training[j].GetValueOrDefault(s.Key) != s.Value)))
                .Select(s => $"{s.Key}={s.Value}").ToArray();
            yield return (id + (shown.Length == 0 ? "" : $"({string.Join(",", shown)})") + ablations, groups[k]);
        }
    }

    /// <summary>The parts of a model's name; a name that is no notation is an id as a whole.</summary>
    static (string Id, Dictionary<string, string> Settings, string Ablations) Parts(string model) => Names.Read(model) is { } notation
        ? (notation.Id, notation.Settings.ToDictionary(s => s.Key, s => s.Value), string.Concat(notation.Ablations.Select(a => $"[{a}]"))) : (model, [], "");

    /// <summary>In how many settings of training, and sizes of their models, two runs differ.</summary>
    public static int Apart(Run one, Run other)
    {
        var (a, b) = (All(one), All(other));
        return a.Keys.Union(b.Keys).Count(key => a.GetValueOrDefault(key) != b.GetValueOrDefault(key));

        static Dictionary<string, string> All(Run run) =>
            Leaves(run).Concat(Parts(run.Model).Settings.Where(s => IsSize(s.Key)).Select(s => KeyValuePair.Create($"model.{s.Key}", s.Value))).ToDictionary(s => s.Key, s => s.Value);
    }

    /// <summary>A setting of a run's training; null where it has none of this name.</summary>
    public static string? Setting(Run run, string key) => Leaves(run).GetValueOrDefault(key);

    static Dictionary<string, string> Leaves(Run run) => Training(run, none).DistinctBy(s => s.Key).ToDictionary(s => s.Key, s => s.Value);

    /// <summary>The leaves of the experiment that say how it was trained.</summary>
    static IEnumerable<KeyValuePair<string, string>> Training(Run run, IReadOnlySet<string> edited)
    {
        try
        {
            using var json = JsonDocument.Parse(run.Experiment);
            return json.RootElement.ValueKind != JsonValueKind.Object ? [] : [.. json.RootElement.EnumerateObject().Where(m => !apart.Contains(m.Name) && (m.Name != equations || edited.Contains(run.Model))).SelectMany(Leaves)];
        }
        catch (JsonException)
        {
            return [KeyValuePair.Create("recipe", run.Recipe)];
        }
    }

    static IEnumerable<KeyValuePair<string, string>> Leaves(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Object
        ? member.Value.EnumerateObject().SelectMany(Leaves)
        : [KeyValuePair.Create(member.Name, member.Value.ToString())];
}
