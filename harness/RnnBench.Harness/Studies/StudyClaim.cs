using System.Text.Json;
using System.Text.Json.Nodes;
using RnnBench.Language;
using RnnBench.Tasks;

namespace RnnBench.Harness;

/// <summary>A claim of the literature that a study tests, with the rule that decides it.</summary>
/// <remarks>
/// A test says <c>better: A, than: B</c> (by a factor, or by more than a margin), <c>no_worse: A, than: B</c> or <c>equal: A, to: B</c> within a margin (that of the figure's unit
/// where none is said), <c>change: A</c> in training, or <c>model: A, above: x</c> or <c>below: x</c>; <c>by</c> a figure of the task, figure (the deciding one), solved, steps_to_solve,
/// time_to_target, tokens_per_second, step_memory, memory, seconds, parameters, decay, memory_length, saturation or saturation.GATE; <c>on</c> some tasks, or on all <c>except</c> one;
/// <c>than_on</c> another form of the data for B; <c>with: batch=1</c> for runs of that shape.
/// </remarks>
/// <param name="Id">Its id in the list of claims.</param>
/// <param name="Statement">What it says.</param>
/// <param name="Source">Who said it.</param>
/// <param name="Rule">The tests as JSON, as the store keeps it: <c>{"need":"all","tests":[{"better":"lstm","than":"rnn","by":"solved"}]}</c>.</param>
public sealed record StudyClaim(string Id, string Statement, string Source, string Rule)
{
    static readonly string[] keys = ["better", "than", "no_worse", "equal", "to", "change", "above", "below", "model", "by", "on", "except", "than_on", "with", "margin", "factor"];
    static readonly string[] lists = ["better", "than", "no_worse", "equal", "to", "change", "model", "on", "with"];
    static readonly string[] numbers = ["above", "below", "margin", "factor"];
    static readonly string[][] forms = [["better", "than"], ["no_worse", "than"], ["equal", "to"], ["change"], ["model", "above"], ["model", "below"]];

    /// <summary>Reads a claim of a study file. A test whose models are lists stands for all their pairs.</summary>
    /// <exception cref="UserError">A key or a value is wrong; the message names file and line.</exception>
    internal static StudyClaim Of(YamlMap claim)
    {
        var need = claim.Text("need") ?? "all";
        if (need is not ("all" or "any" or "most")) throw claim.Wrong("need", $"need: give all, any or most, not {need}.");
        var tests = claim.List("tests").Select(node => claim.Map(node, "a test", keys)).SelectMany(Tests).ToArray();
        if (tests.Length == 0) throw claim.Wrong("tests", "tests: a claim needs at least one.");
        return new(claim.Needed("id"), claim.Needed("claim"), claim.Text("source") ?? "", JsonSerializer.Serialize(new { need, tests }, Plain));
    }

    /// <summary>The models that the claims compare, for checking that the study has them.</summary>
    internal IEnumerable<string> Models
    {
        get
        {
            using var rule = JsonDocument.Parse(Rule);
            foreach (var test in rule.RootElement.GetProperty("tests").EnumerateArray())
                foreach (var member in test.EnumerateObject())
                    if (member.Name is "better" or "than" or "no_worse" or "equal" or "to" or "change" or "model") yield return member.Value.GetString()!;
        }
    }

    /// <summary>
    /// The claim with its tasks as the store names them, where defaults are not written: a test on <c>adding</c> becomes one on each of the tasks that is one,
    /// written <c>=adding(T=50)</c> for that task and no other. A test on none of them stays as it is.
    /// </summary>
    /// <param name="tasks">The tasks of the study, in canonical notation.</param>
    /// <param name="catalogs">What there is.</param>
    internal StudyClaim On(IReadOnlyList<string> tasks, Catalogs catalogs)
    {
        var rule = JsonNode.Parse(Rule)!.AsObject();
        rule["tests"] = new JsonArray([.. rule["tests"]!.AsArray().SelectMany(test => Named(test!.AsObject(), "on", all: true)).SelectMany(test => Named(test, "than_on", all: false))]);
        return this with { Rule = rule.ToJsonString(Plain) };

        IEnumerable<JsonObject> Named(JsonObject test, string key, bool all)
        {
            var found = test[key] is { } named ? tasks.Where(task => IsOf((string)named!, task, catalogs)).Take(all ? int.MaxValue : 1).ToArray() : [];
            return found.Length == 0 ? [test.DeepClone().AsObject()] : found.Select(task =>
            {
                var one = test.DeepClone().AsObject();
                one[key] = $"={task}";
                return one;
            });
        }
    }

    /// <summary>Whether a task has the settings that are named, be it by default.</summary>
    static bool IsOf(string named, string task, Catalogs catalogs)
    {
        var (asked, there) = (Notation.Parse(named), Notation.Parse(task));
        return asked.Id == there.Id && TaskEntry.Build(catalogs.Tasks, there with { Settings = [.. there.Settings.Where(s => asked.Settings.All(a => a.Key != s.Key)), .. asked.Settings] }).Text == task;
    }

    static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static IEnumerable<Dictionary<string, object>> Tests(YamlMap test)
    {
        var form = forms.FirstOrDefault(f => f.All(test.Has)) ?? throw test.Wrong(test.Keys.First(), "a test says better and than, no_worse and than, equal and to, change, or model with above or below.");
        foreach (var number in numbers.Where(test.Has)) _ = Number(test, number);
        IEnumerable<Dictionary<string, object>> tests = [[]];
        foreach (var key in test.Keys)
            tests = tests.SelectMany(done => (lists.Contains(key) ? test.Texts(key) : [test.Needed(key)]).Select(value =>
                new Dictionary<string, object>(done) { [key] = numbers.Contains(key) ? Number(test, key) : value })).ToArray();
        return tests;
    }

    static double Number(YamlMap test, string key) =>
        double.TryParse(test.Needed(key), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : throw test.Wrong(key, $"{key}: give a number.");
}
