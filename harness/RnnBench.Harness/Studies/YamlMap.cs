using RnnBench.Language;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RnnBench.Harness;

/// <summary>A mapping of a YAML file that knows where it stands, so that every error names file, line and key.</summary>
sealed class YamlMap
{
    readonly string file, what;
    readonly Mark start;
    readonly Dictionary<string, (YamlNode Value, long Line)> members = [];

    /// <summary>Reads a file's text.</summary>
    /// <param name="file">What it is called in messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="what">What it describes, for messages: a study.</param>
    /// <param name="allowed">The keys that it may have.</param>
    /// <exception cref="UserError">It is no YAML, or has another key.</exception>
    public static YamlMap Parse(string file, string text, string what, params string[] allowed)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new UserError($"{file}, line {e.Start.Line}: this is no YAML: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (InvalidOperationException e)                                // what the reader throws at some unfinished lists
        {
            throw new UserError($"{file}: this is no YAML: a bracket is open, or a line is cut off.", e);
        }
        if (stream.Documents.Count == 0) throw new UserError($"{file}: the file is empty; {what} has {string.Join(", ", allowed)}.");
        return new YamlMap(file, stream.Documents[0].RootNode, what, allowed);
    }

    YamlMap(string file, YamlNode node, string what, string[] allowed)
    {
        (this.file, this.what, start) = (file, what, node.Start);
        if (node is not YamlMappingNode map) throw Wrong(node.Start.Line, $"{what} is a list of KEY: VALUE, with the keys {string.Join(", ", allowed)}.");
        foreach (var (keyNode, value) in map.Children)
        {
            var key = keyNode is YamlScalarNode { Value: { } name } ? name : throw Wrong(keyNode.Start.Line, $"a key of {what} is a word.");
            if (allowed.Length > 0 && !allowed.Contains(key)) throw Wrong(keyNode.Start.Line, $"{what} has no key {key}; it has {string.Join(", ", allowed)}.");
            members[key] = (value, keyNode.Start.Line);
        }
    }

    /// <summary>Whether a node is one word, number or notation.</summary>
    public static bool IsText(YamlNode node) => node is YamlScalarNode;

    /// <summary>The keys in the order of the file.</summary>
    public IEnumerable<string> Keys => members.Keys;

    /// <summary>Whether there is such a key.</summary>
    public bool Has(string key) => members.ContainsKey(key);

    /// <summary>A text; null where the key is not there.</summary>
    public string? Text(string key) => members.TryGetValue(key, out var member) ? Text(key, member.Value) : null;

    /// <summary>A text that must be there.</summary>
    public string Needed(string key) => Text(key) is { Length: > 0 } text ? text : throw Wrong(start.Line, $"{what} needs the key {key}.");

    /// <summary>A list, or a single entry; empty where the key is not there.</summary>
    public IEnumerable<YamlNode> List(string key) => !members.TryGetValue(key, out var member) ? []
        : member.Value is YamlSequenceNode list ? list.Children : [member.Value];

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string key) => [.. List(key).Select(node => Text(key, node))];

    /// <summary>A mapping inside; null where the key is not there.</summary>
    public YamlMap? Map(string key, string what, params string[] allowed) => members.TryGetValue(key, out var member) ? Map(member.Value, what, allowed) : null;

    /// <summary>An entry of a list as a mapping.</summary>
    public YamlMap Map(YamlNode node, string what, params string[] allowed) => new(file, node, what, allowed);

    /// <summary>All members as texts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs() => [.. members.Select(m => KeyValuePair.Create(m.Key, Text(m.Key, m.Value.Value)))];

    /// <summary>Reads a member's value; what it throws is told with file, line and key.</summary>
    public T At<T>(string key, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UserError e)
        {
            throw Wrong(key, $"{key}: {e.Message}");
        }
    }

    /// <summary>The text of a node that stands under a key.</summary>
    public string Text(string key, YamlNode node) => node is YamlScalarNode { Value: { } text } ? text
        : throw Wrong(node.Start.Line, $"{key}: a text or a number belongs here.");

    /// <summary>An error at a key of this mapping.</summary>
    public UserError Wrong(string key, string message) => Wrong(members.TryGetValue(key, out var member) ? member.Line : start.Line, message);

    /// <summary>An error at a line of this file.</summary>
    public UserError Wrong(long line, string message) => new($"{file}, line {line}: {message}");
}
