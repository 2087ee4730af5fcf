using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The setting that chooses a nonlinearity, for the cells whose catalogue leaves it open.</summary>
static class Activation
{
    static readonly Dictionary<string, Function> Table = new()
    {
        ["tanh"] = Function.Tanh,
        ["relu"] = Function.Relu,
        ["identity"] = Function.Identity,
        ["sigmoid"] = Function.Sigmoid,
    };

    /// <summary>The setting <c>activation</c>; the first word is the default.</summary>
    public static Setting Setting(params string[] words) => Named("activation", "the nonlinearity", words);

    /// <summary>The same under another name.</summary>
    public static Setting Named(string name, string meaning, params string[] words) => Language.Setting.Choice(name, words[0], meaning, words);

    /// <summary>What a model's settings chose.</summary>
    public static Function Of(Settings settings, string name = "activation") => Table[settings.Choice(name)];
}
