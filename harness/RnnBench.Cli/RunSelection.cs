using System.Globalization;
using RnnBench.Harness;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Cli;

/// <summary>Runs as a user chooses them: <c>model=lstm</c> means every lstm, <c>model=lstm(hidden=64)</c> that one.</summary>
static class RunSelection
{
    /// <summary>For each key, whether a run's value is what was asked for.</summary>
    static readonly Dictionary<string, Func<string, Func<string, bool>>> Tests = new()
    {
        ["model"] = Named,
        ["task"] = Named,
        ["seed"] = asked => SeedList.Parse(asked).Select(s => s.ToString(CultureInfo.InvariantCulture)).ToHashSet().Contains,
        ["status"] = asked => asked.Split(',').Contains,
        ["device"] = asked => asked.Split(',').Contains,
        ["run"] = asked => key => key.StartsWith(asked, StringComparison.Ordinal),
    };

    public static IEnumerable<string> Keys => Tests.Keys;

    /// <summary>The filter for some runs.</summary>
    /// <exception cref="UserError">An unknown key, or no run is left.</exception>
    public static RunFilter Of(ResultStore store, string? study, IReadOnlyList<string> conditions)
    {
        var asked = conditions.Select(Condition).ToArray();
        var frame = store.Query(Queries.Runs, new RunFilter { Study = study });
        var keys = frame.Rows.Where(row => asked.All(c => c.Test(FormattableString.Invariant($"{row[frame.Columns.IndexOf(c.Key)]}"))))
            .Select(row => (string)row[frame.Columns.IndexOf("run")]).ToArray();
        return keys.Length > 0 ? new RunFilter { Study = study, Keys = keys } : throw new UserError(
            $"{store.File} has no such run{(study is null ? "" : $" in a study {study}")}; see rnnbench list runs.");
    }

    static (string Key, Func<string, bool> Test) Condition(string text) =>
        text.Split('=', 2) is [var key, var value] && Tests.TryGetValue(key, out var test) ? (key, test(value))
        : throw new UserError($"--runs {text}: write KEY=VALUE with one of the keys {string.Join(", ", Keys)}.");

    static Func<string, bool> Named(string asked) => written => written == asked || Notation.Parse(written).Id == asked;
}
