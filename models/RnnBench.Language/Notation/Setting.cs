namespace RnnBench.Language;

/// <summary>One setting of a model or a task: its name, default, range and meaning.</summary>
/// <param name="Name">As the catalogue spells it.</param>
/// <param name="Default">The value where none is given, in written form; null for a setting that must be given.</param>
/// <param name="Meaning">One line for the listings.</param>
public abstract record Setting(string Name, string? Default, string Meaning)
{
    /// <summary>Reads a written value.</summary>
    /// <exception cref="UserError">It is none; the message says which values are.</exception>
    public abstract object Read(string text);

    /// <summary>The values that it can take, where they can be listed; else none.</summary>
    public virtual IReadOnlyList<string> Values => [];

    /// <summary>A usual value of a setting that must be given, for examples and listings; null elsewhere.</summary>
    public string? Usual { get; init; }

    /// <summary>A whole number in a range.</summary>
    public static Setting Integer(string name, int? @default, string meaning, int min = 1, int max = 1_000_000) => new IntegerSetting(name, @default, meaning, min, max);
    /// <summary>A real number in a range.</summary>
    public static Setting Real(string name, double? @default, string meaning, double min = double.NegativeInfinity, double max = double.PositiveInfinity) => new RealSetting(name, @default, meaning, min, max);
    /// <summary>true or false.</summary>
    public static Setting Flag(string name, bool @default, string meaning) => new FlagSetting(name, @default, meaning);
    /// <summary>One of some words.</summary>
    public static Setting Choice(string name, string @default, string meaning, params string[] values) => new ChoiceSetting(name, @default, meaning, values);
    /// <summary>A word of the user's: a name, a path.</summary>
    public static Setting Word(string name, string @default, string meaning) => new WordSetting(name, @default, meaning);
    /// <summary>A list of whole numbers in a range, written <c>[1,2,4]</c>.</summary>
    public static Setting Integers(string name, IReadOnlyList<int>? @default, string meaning, int min = 1, int max = 1_000_000) => new IntegersSetting(name, @default, meaning, min, max);
    /// <summary>A list of real numbers in a range, written <c>[0,0.5]</c>.</summary>
    public static Setting Reals(string name, IReadOnlyList<double>? @default, string meaning, double min = double.NegativeInfinity, double max = double.PositiveInfinity) =>
        new RealsSetting(name, @default, meaning, min, max);
}

sealed record IntegerSetting(string Name, int? Value, string Meaning, int Min, int Max)
    : Setting(Name, Value is { } v ? Text.Of(v) : null, Meaning)
{
    public override object Read(string text) =>
        int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign | System.Globalization.NumberStyles.AllowExponent, System.Globalization.CultureInfo.InvariantCulture, out var value) && value >= Min && value <= Max ? value
        : throw new UserError($"setting {Name}={text}: give a whole number from {Text.Of(Min)} to {Text.Of(Max)}.");
}

sealed record RealSetting(string Name, double? Value, string Meaning, double Min, double Max)
    : Setting(Name, Value is { } v ? Text.Of(v) : null, Meaning)
{
    public override object Read(string text) =>
        double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value >= Min && value <= Max ? value
        : throw new UserError($"setting {Name}={text}: give a number from {Text.Of(Min)} to {Text.Of(Max)}.");
}

sealed record FlagSetting(string Name, bool Value, string Meaning) : Setting(Name, Value ? "true" : "false", Meaning)
{
    public override IReadOnlyList<string> Values => ["true", "false"];

    public override object Read(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new UserError($"setting {Name}={text}: give true or false."),
    };
}

sealed record ChoiceSetting(string Name, string Value, string Meaning, IReadOnlyList<string> Values) : Setting(Name, Value, Meaning)
{
    public override IReadOnlyList<string> Values { get; } = Values;

    public override object Read(string text) => Values.Contains(text) ? text
        : throw new UserError($"setting {Name}={text}: give one of {string.Join(", ", Values)}.");
}

sealed record WordSetting(string Name, string Value, string Meaning) : Setting(Name, Value, Meaning)
{
    public override object Read(string text) => text.Length > 0 ? text : throw new UserError($"setting {Name} is empty: give a word.");
}

sealed record IntegersSetting(string Name, IReadOnlyList<int>? Value, string Meaning, int Min, int Max)
    : Setting(Name, Value is { } v ? Text.Of(v) : null, Meaning)
{
    public override object Read(string text)
    {
        if (text is not ['[', .. var inside, ']']) throw new UserError($"setting {Name}={text}: give a list such as [1,2,4].");
        var element = new IntegerSetting(Name, null, Meaning, Min, Max);
        return inside.Trim().Length == 0 ? Array.Empty<int>() : inside.Split(',').Select(part => (int)element.Read(part.Trim())).ToArray();
    }
}

sealed record RealsSetting(string Name, IReadOnlyList<double>? Value, string Meaning, double Min, double Max)
    : Setting(Name, Value is { } v ? Text.Of(v) : null, Meaning)
{
    public override object Read(string text)
    {
        if (text is not ['[', .. var inside, ']']) throw new UserError($"setting {Name}={text}: give a list such as [0,0.5,1].");
        var element = new RealSetting(Name, null, Meaning, Min, Max);
        return inside.Trim().Length == 0 ? Array.Empty<double>() : inside.Split(',').Select(part => (double)element.Read(part.Trim())).ToArray();
    }
}

/// <summary>Numbers as text, the same under every culture.</summary>
static class Text
{
    public static string Of(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    public static string Of(IEnumerable<int> values) => $"[{string.Join(",", values.Select(Of))}]";
    public static string Of(IEnumerable<double> values) => $"[{string.Join(",", values.Select(Of))}]";
    public static string Of(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The settings of one model or task: every declared one has a value of its type.</summary>
public sealed class Settings
{
    readonly IReadOnlyList<Setting> declared;
    readonly Dictionary<string, object> values = [];

    Settings(IReadOnlyList<Setting> declared) => this.declared = declared;

    /// <summary>Reads written values against the declarations.</summary>
    /// <param name="of">What they are the settings of, for messages: <c>lstm</c>.</param>
    /// <param name="declared">The declarations.</param>
    /// <param name="written">The values as written.</param>
    /// <exception cref="UserError">An unknown, repeated, missing or wrong setting.</exception>
    public static Settings Read(string of, IReadOnlyList<Setting> declared, IEnumerable<KeyValuePair<string, string>> written)
    {
        var settings = new Settings(declared);
        foreach (var (key, text) in written)
        {
            var setting = declared.FirstOrDefault(s => s.Name == key)
                ?? throw new UserError($"{of} has no setting {key}; it has {string.Join(", ", declared.Select(s => s.Name))}.");
            try
            {
                if (!settings.values.TryAdd(key, setting.Read(text))) throw new UserError($"setting {key} is given twice.");
            }
            catch (UserError e)
            {
                throw new UserError($"{of}: {e.Message}");
            }
        }
        foreach (var setting in declared.Where(s => !settings.values.ContainsKey(s.Name)))
            settings.values[setting.Name] = setting.Read(setting.Default ?? throw new UserError($"{of} needs the setting {setting.Name}: {setting.Meaning}."));
        return settings;
    }

    /// <summary>The value of a whole-number setting.</summary>
    public int Integer(string name) => (int)values[name];
    /// <summary>The value of a real setting.</summary>
    public double Real(string name) => (double)values[name];
    /// <summary>The value of a flag.</summary>
    public bool Flag(string name) => (bool)values[name];
    /// <summary>The value of a choice.</summary>
    public string Choice(string name) => (string)values[name];

    /// <summary>The values of a list setting.</summary>
    public IReadOnlyList<int> Integers(string name) => (int[])values[name];

    /// <summary>The values of a list setting of real numbers.</summary>
    public IReadOnlyList<double> Reals(string name) => (double[])values[name];

    /// <summary>The settings that differ from their defaults, in the order of declaration: the canonical written form.</summary>
    public IEnumerable<KeyValuePair<string, string>> Written => declared
        .Select(s => KeyValuePair.Create(s.Name, Write(values[s.Name])))
        .Where(s => s.Value != declared.First(d => d.Name == s.Key).Default);

    static string Write(object value) => value switch
    {
        int x => Text.Of(x),
        double x => Text.Of(x),
        bool x => x ? "true" : "false",
        string x => x,
        int[] x => Text.Of(x),
        double[] x => Text.Of(x),
        _ => throw new NotSupportedException($"a setting of type {value.GetType().Name} has no written form"),
    };
}
