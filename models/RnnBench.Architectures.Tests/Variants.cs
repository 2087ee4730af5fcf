using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>Every catalogued cell (modules have <see cref="ModuleCase"/>) under every ablation and every value of its choices and flags.</summary>
static class Variants
{
    /// <summary>Notations that still want <c>hidden</c>: <c>lstm[o=1]</c>, <c>gru(reset_after=true)</c>.</summary>
    public static IEnumerable<Notation> All => Catalog.Cells.SelectMany(a => Choices(a).SelectMany(settings => Named(a).Select(name =>
        new Notation(a.Id, [.. settings, KeyValuePair.Create(Ablation.Setting, name)], [])))
        .Select(n => a.Ablations.Count > 0 ? n : n with { Settings = [.. n.Settings.Where(s => s.Key != Ablation.Setting)] }))
        .Concat(Numbers.Select(Notation.Parse)).Select(Complete)
        .Where(n => !n.Settings.Any(s => s is { Key: "net", Value: "residual" or "dense" } or { Key: "bn", Value: "before" or "after" } or { Key: "block", Value: "true" }));      // modules

    /// <summary>Cells whose equations depend on a number.</summary>
    static readonly string[] Numbers = ["nested-lstm(depth=1)", "nested-lstm(depth=3,cell_activation=tanh)", "scrnn(alpha=0.5,context=5)", "scrnn(context=0)", "rin(transitions=3)", "sru(highway_bias=-2)",
        "cw-rnn(periods=[2,3,5])", "cw-rnn(periods=[2,3,5],shifts=[1,0,4])", "exp-rnn(map=cayley,negative=1)", "statistical-ru(learn_alphas=true,read_input=true,alphas=[0.2,0.7])", "cw-rnn(periods=[1])", "narx-rnn(delays=[1,3])", "narx-rnn(delays=[2,5])", "narx-rnn(n_d=1)", "dilated-rnn(start=2)", "dilated-rnn(start=3,cell=gru)", "dilated-rnn(connection=regular,start=3,cell=gru)", "dilated-rnn(connection=regular,start=2,cell=lstm,fuse=true)",
        "lru(lambda=direct,normalize=false)", "urnn(eps=0.1)",
        "mist-rnn(delays=[1,3])", "mist-rnn(n_d=1)", "statistical-ru(recur=0)", "statistical-ru(alphas=[0.5])", "fru(recur=0)", "fru(freqs=[0,1.5],start=3,seq_len=7)", "fru(freqs=[0])"];

    /// <summary>Sizes whose defaults are for real tasks.</summary>
    static readonly Dictionary<string, string> Small = new() { ["stats"] = "3", ["recur"] = "2", ["n_d"] = "3", ["seq_len"] = "6" };

    /// <summary>With the settings that have no default, but for <c>hidden</c>.</summary>
    static Notation Complete(Notation n) =>
        n.WithDefaults(Catalog.All.First(a => a.Id == n.Id).Settings.Where(s => s.Default is null || Small.ContainsKey(s.Name))
            .Select(s => KeyValuePair.Create(s.Name, Small.GetValueOrDefault(s.Name, "2"))));

    /// <summary>Those that read inputs of every width; the others want as many inputs as hidden units.</summary>
    public static IEnumerable<Notation> AnyWidth => All.Where(v => !v.Settings.Contains(SameWidth));

    public static readonly KeyValuePair<string, string> SameWidth = KeyValuePair.Create("embed", "false");

    /// <summary>The model with these settings on top.</summary>
    public static Model Build(Notation variant, int input, params (string Key, string Value)[] settings) =>
        Model.Build(Catalog.All, variant.WithDefaults(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))), input);

    public static Model Build(string notation, int input) => Model.Build(Catalog.All, Notation.Parse(notation), input);

    static IEnumerable<string> Named(Architecture a) => a.Ablations.Keys.Prepend(Ablation.None);

    /// <summary>Settings that say how equations are run and not what they are, and those of modules alone.</summary>
    static readonly string[] outside = ["arithmetic", "form", "mlp", "bn_over", "biases"];

    /// <summary>All values of two settings against each other; where there are more, one setting at a time.</summary>
    static IEnumerable<KeyValuePair<string, string>[]> Choices(Architecture a)
    {
        const int Most = 40;
        KeyValuePair<string, string>[][] settings = [.. a.Settings.Where(s => s.Values.Count > 0 && !outside.Contains(s.Name) && !(s.Name == "block" && a.Id.StartsWith("min"))).Select(s => s.Values.Select(value => KeyValuePair.Create(s.Name, value)).ToArray())];
        return settings.Length > 2 || settings.Aggregate(1, (product, values) => product * values.Length) > Most ? settings.SelectMany(values => values).Select(value => (KeyValuePair<string, string>[])[value])
            : settings.Aggregate((IEnumerable<KeyValuePair<string, string>[]>)[[]], (sofar, values) => sofar.SelectMany(chosen => values.Select(value => chosen.Append(value).ToArray())));
    }
}
