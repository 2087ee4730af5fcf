using System.Text.Json;
using RnnBench.Reports.Data;

namespace RnnBench.Reports.Verdicts;

/// <summary>What is concluded of a claim or of one of its tests.</summary>
enum Verdict
{
    /// <summary>No stored run speaks to it.</summary>
    NotRun,
    /// <summary>Too few seeds, or an effect within the margin.</summary>
    Undecided,
    /// <summary>The test found the opposite.</summary>
    Contradicted,
    /// <summary>The test found what is claimed.</summary>
    Holds,
}

/// <summary>One test of a rule, as the study file writes it.</summary>
/// <param name="Form">better, no_worse, equal, change, above or below.</param>
/// <param name="Model">The model that the claim speaks of.</param>
/// <param name="Other">The model that it is compared with, or null.</param>
/// <param name="By">The measure.</param>
/// <param name="On">The task, or null for each.</param>
/// <param name="Level">For above and below: the level.</param>
/// <param name="Margin">The largest difference that does not matter; 0 where none is said, for equality and no_worse NaN: that of the figure's unit.</param>
/// <param name="Factor">The ratio that is claimed, or null for any difference.</param>
sealed record RuleTest(string Form, string Model, string? Other, string By, string? On, double Level, double Margin, double? Factor)
{
    /// <summary>The task on which the other model ran, where it reads another form of the data; null for the same.</summary>
    public string? OtherOn { get; init; }

    /// <summary>A task that it leaves out, or null.</summary>
    public string? Except { get; init; }

    /// <summary>A training setting of the runs that it is about, <c>batch=1</c>; null for any.</summary>
    public string? With { get; init; }

    /// <summary>Whether it is about a task: the id and every setting that are written are the task's.</summary>
    public bool Covers(string task) => (On is null || IsOf(On, task)) && (Except is null || !IsOf(Except, task));

    /// <summary>Whether a task is one that a rule names: the one with just this name after an equals sign, else each with the id and the settings.</summary>
    public static bool IsOf(string named, string task)
    {
        if (named == task) return true;
        if (named.StartsWith('=')) return named[1..] == task;
        return Names.Read(named) is { } asked && Names.Read(task) is { } there && asked.Id == there.Id && asked.Settings.All(there.Settings.Contains);
    }
}

/// <summary>A claim's rule: how many of its tests must hold, and the tests.</summary>
/// <param name="Need">all, most or any.</param>
/// <param name="Tests">At least one.</param>
sealed record Rule(string Need, IReadOnlyList<RuleTest> Tests)
{
    static readonly string[] forms = ["better", "no_worse", "equal", "change", "above", "below"];

    /// <summary>Reads the JSON of the store; null where it is none of ours.</summary>
    public static Rule? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new Rule(document.RootElement.GetProperty("need").GetString()!, [.. document.RootElement.GetProperty("tests").EnumerateArray().Select(Test)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    static RuleTest Test(JsonElement test)
    {
        var form = forms.First(f => test.TryGetProperty(f, out _));
        var by = Word("by") ?? "figure";
        RuleTest read = form switch
        {
            "better" => new(form, Word("better")!, Word("than"), by, Word("on"), 0, Number("margin") ?? 0, Number("factor")),
            "no_worse" => new(form, Word("no_worse")!, Word("than"), by, Word("on"), 0, Number("margin") ?? double.NaN, null),
            "equal" => new(form, Word("equal")!, Word("to"), by, Word("on"), 0, Number("margin") ?? double.NaN, null),
            "change" => new(form, Word("change")!, null, by, Word("on"), 0, Number("margin") ?? 0, null),
            _ => new(form, Word("model")!, null, by, Word("on"), Number(form)!.Value, Number("margin") ?? 0, null),
        };
        return read with { OtherOn = Word("than_on"), Except = Word("except"), With = Word("with") };

        string? Word(string key) => test.TryGetProperty(key, out var value) ? value.GetString() : null;
        double? Number(string key) => test.TryGetProperty(key, out var value) ? value.GetDouble() : null;
    }

    /// <summary>The verdict of the whole from those of the tests.</summary>
    public Verdict Conclude(IReadOnlyCollection<Verdict> tests)
    {
        int Count(Verdict verdict) => tests.Count(t => t == verdict);
        if (tests.Count == 0 || Count(Verdict.NotRun) == tests.Count) return Verdict.NotRun;
        var needed = Need switch { "any" => 1, "most" => tests.Count / 2 + 1, _ => tests.Count };
        return Count(Verdict.Holds) >= needed ? Verdict.Holds
            : Count(Verdict.Contradicted) > tests.Count - needed ? Verdict.Contradicted      // so many that what is needed cannot come together any more
            : Verdict.Undecided;
    }
}
