using System.Text.Json;

namespace RnnBench.Language;

/// <summary>
/// How models and tasks are written: <c>id(key=value,...)[ablation][ablation]</c>, for example <c>lstm(hidden=128,layers=2)[o=1]</c>,
/// <c>copy(T=50)</c>. A list value is written in brackets: <c>periods=[1,2,4]</c>. Notations are equal when they are written alike.
/// </summary>
/// <param name="Id">The id, as the catalogue spells it.</param>
/// <param name="Settings">The settings as they were written, in that order.</param>
/// <param name="Ablations">The rewritings, without their brackets.</param>
public sealed record Notation(string Id, IReadOnlyList<KeyValuePair<string, string>> Settings, IReadOnlyList<string> Ablations)
{
    /// <summary>Reads a notation. Spaces between its parts do not count.</summary>
    /// <exception cref="UserError">The text is no such notation; the message names the position.</exception>
    public static Notation Parse(string text) => new NotationReader(text).Read();

    /// <summary>Takes the settings from a JSON object, as the golden files store them: <c>{"hidden":4,"periods":[1,2]}</c>.</summary>
    /// <param name="id">The id.</param>
    /// <param name="json">An object of numbers, words, flags and lists of these.</param>
    /// <exception cref="UserError">The text is no such object.</exception>
    public static Notation FromJson(string id, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new UserError($"settings {NotationReader.Short(json)}: give a JSON object.");
            var settings = document.RootElement.EnumerateObject().Select(p => $"{p.Name}={Written(p.Name, p.Value)}").ToArray();
            return Parse(settings.Length == 0 ? id : $"{id}({string.Join(",", settings)})");
        }
        catch (JsonException e)
        {
            throw new UserError($"settings {NotationReader.Short(json)}: no JSON ({e.Message}).", e);
        }
    }

    /// <summary>The same with settings that count where this one says nothing: a recipe's, the command line's.</summary>
    public Notation WithDefaults(IEnumerable<KeyValuePair<string, string>> defaults) =>
        this with { Settings = [.. Settings, .. defaults.Where(d => Settings.All(s => s.Key != d.Key))] };

    /// <summary>The notation as it is written.</summary>
    public override string ToString() =>
        Id + (Settings.Count == 0 ? "" : $"({string.Join(",", Settings.Select(s => $"{s.Key}={s.Value}"))})") + string.Concat(Ablations.Select(a => $"[{a}]"));

    /// <inheritdoc/>
    public bool Equals(Notation? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    static string Written(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => $"[{string.Join(",", value.EnumerateArray().Select(v => Written(key, v)))}]",
        _ => throw new UserError($"setting {key} is a JSON {value.ValueKind.ToString().ToLowerInvariant()}; give a number, a word, true, false or a list."),
    };
}
