using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>Every catalogued cell under every ablation and every value of its choices and flags.</summary>
static class Variants
{
    /// <summary>Notations that still want <c>hidden</c>: <c>lstm[o=1]</c>, <c>gru(reset_after=true)</c>.</summary>
    public static IEnumerable<Notation> All => Catalog.All.SelectMany(a => Choices(a).SelectMany(settings => Named(a).Select(name =>
        new Notation(a.Id, [.. settings, KeyValuePair.Create(Ablation.Setting, name)], [])))
        .Select(n => a.Ablations.Count > 0 ? n : n with { Settings = [.. n.Settings.Where(s => s.Key != Ablation.Setting)] }));

    /// <summary>Those that read inputs of every width; the others want as many inputs as hidden units.</summary>
    public static IEnumerable<Notation> AnyWidth => All.Where(v => !v.Settings.Contains(SameWidth));

    public static readonly KeyValuePair<string, string> SameWidth = KeyValuePair.Create("embed", "false");

    /// <summary>The model with these settings on top.</summary>
    public static Model Build(Notation variant, int input, params (string Key, string Value)[] settings) =>
        Model.Build(Catalog.All, variant.WithDefaults(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))), input);

    public static Model Build(string notation, int input) => Model.Build(Catalog.All, Notation.Parse(notation), input);

    static IEnumerable<string> Named(Architecture a) => a.Ablations.Keys.Prepend(Ablation.None);

    static IEnumerable<KeyValuePair<string, string>[]> Choices(Architecture a) => a.Settings.Aggregate(
        (IEnumerable<KeyValuePair<string, string>[]>)[[]],
        (sofar, setting) => sofar.SelectMany(chosen => setting.Values.Select(value => (KeyValuePair<string, string>[])[.. chosen, KeyValuePair.Create(setting.Name, value)]).DefaultIfEmpty(chosen)));
}
