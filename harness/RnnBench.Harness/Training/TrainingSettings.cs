using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>How a model is trained, as data. Each setting is declared here and nowhere else; recipes and users write <c>learning_rate=1</c>.</summary>
public static class TrainingSettings
{
    const int Long = 1_000_000_000;

    /// <summary>The table.</summary>
    public static IReadOnlyList<Setting> Declared { get; } =
    [
        Setting.Integer("batch",          32, "sequences in a training batch", max: 1_000_000),
        Setting.Integer("bptt",           35, "steps of a training chunk, for tasks that read a stream", max: 1_000_000),
        Setting.Choice("optimizer",   "adam", "what turns gradients into updates", [.. Optimizer.Table.Keys]),
        Setting.Real("learning_rate",  0.001, "the step size", min: 0),
        Setting.Real("momentum",           0, "share of the last update that is kept (sgd, rmsprop)", min: 0, max: 1),
        Setting.Flag("nesterov",       false, "momentum that looks ahead (sgd)"),
        Setting.Real("beta1",            0.9, "decay of the mean gradient (adam)", min: 0, max: 1),
        Setting.Real("beta2",          0.999, "decay of the mean square of the gradient (adam)", min: 0, max: 1),
        Setting.Real("epsilon",         1e-8, "added to the root of the mean square (adam, rmsprop, adagrad)", min: 0),
        Setting.Real("rms_decay",       0.99, "decay of the mean square of the gradient (rmsprop)", min: 0, max: 1),
        Setting.Real("rms_start",          0, "the mean square of the gradient before the first step (rmsprop)", min: 0),
        Setting.Real("decay",              1, "factor on the learning rate for each epoch after decay_after", min: 0, max: 1),
        Setting.Integer("decay_after",     0, "epochs at the full learning rate", min: 0),
        Setting.Integer("decay_every",     0, "steps after which decay is applied, again and again; 0 for once an epoch", min: 0, max: Long),
        Setting.Integers("decay_at",      [], "the epochs after which decay is applied, in place of every epoch", max: Long),
        Setting.Integer("plateau",         0, "evaluations without a better validation figure after which decay is applied, in place of every epoch; 0 for no such rule", min: 0, max: Long),
        Setting.Integer("patience",        0, "evaluations without a better validation figure after which training ends; 0 to train to the end", min: 0, max: Long),
        Setting.Real("warmup",             0, "share of the steps over which the learning rate rises to its full value", min: 0, max: 1),
        Setting.Choice("anneal",      "none", "how the learning rate falls from the warm-up to the last step: cosine, half a wave of it (Loshchilov and Hutter 2017)", "none", "cosine"),
        Setting.Real("rate_floor",         0, "the learning rate at which a warm-up starts and a cosine ends", min: 0),
        Setting.Real("clip_norm",          0, "largest norm of the whole gradient; 0 for no clipping", min: 0),
        Setting.Real("clip_value",         0, "largest magnitude of an element of the gradient; 0 for no clipping", min: 0),
        Setting.Real("weight_decay",       0, "λ of the penalty λ/2 |p|² on every parameter but the embedding and those that a model leaves out; adamw takes ηλp off instead", min: 0),
        Setting.Choice("loss",        "mean", "mean over all targets, or the sum over steps of the mean over the batch", [.. Losses.Divisors.Keys]),
        Setting.Real("dropout",            0, "share of the non-recurrent connections that is dropped (Zaremba et al. 2014)", min: 0, max: 0.99),
        .. SingularValueClipping.Settings,
        new InitialisationSetting(),
        Setting.Choice("recurrent_start", "catalogue", "how recurrent matrices start: catalogue, or all of them one way", "catalogue", "identity", "orthogonal", "glorot"),
        Setting.Integer("embedding",       0, "width of the embedding of tokens; 0 for the hidden size", min: 0),
        Setting.Flag("tied",           false, "the output matrix is the embedding (Press and Wolf 2017; Inan et al. 2017)"),
        Setting.Choice("softmax",     "full", "full, or adaptive: rare words in clusters with narrower layers (Grave et al. 2017)", "full", "adaptive"),
        Setting.Integers("cutoffs",       [], "where the words, sorted by frequency, are cut for softmax=adaptive", max: 100_000_000),
        Setting.Integer("epochs",          0, "passes over the training data", min: 0),
        Setting.Integer("steps",           0, "optimiser steps; give these or epochs", min: 0, max: Long),
        Setting.Integer("evaluate_every",  0, "steps between evaluations; 0 for each epoch, or a tenth of the run where there are none", min: 0, max: Long),
        Setting.Word("choose",        "last", "the parameters that are tested: last, or those of the best validation figure of this name (loss, accuracy)"),
        Setting.Integer("record_every",    0, "steps between recorded losses and timings; 0 for a two-hundredth of the run", min: 0, max: Long),
    ];

    /// <summary>Settings that were declared later: they are written where they are not at their defaults, so that runs from before keep their keys.</summary>
    static readonly string[] later =
        ["rms_start", "decay_every", "decay_at", "plateau", "patience", "warmup", "anneal", "rate_floor", "clip_value", "recurrent_start", "svclip_penalty"];

    /// <summary>Rules for when the learning rate decays, of which there can be one.</summary>
    static readonly string[] decays = ["decay_after", "decay_every", "decay_at", "plateau"];

    /// <summary>Whether a setting says how long training lasts; one of them replaces the other.</summary>
    public static bool IsLength(string key) => key is "steps" or "epochs";

    /// <summary>The settings of a recipe that count epochs; the decay is one of them where nothing else says when it is applied.</summary>
    internal static IReadOnlyList<string> ByEpochs(IReadOnlyDictionary<string, string> recipe) =>
        ["epochs", "decay_after", "decay_at", .. recipe.ContainsKey("decay_every") || recipe.ContainsKey("plateau") ? Array.Empty<string>() : ["decay"]];

    /// <summary>Merges a recipe and what the user wrote, which wins, and reads both. Settings of the model are left out.</summary>
    /// <exception cref="UserError">An unknown setting or a wrong value; it is named.</exception>
    public static Settings Read(IReadOnlyDictionary<string, string> recipe, IEnumerable<KeyValuePair<string, string>> user)
    {
        var own = user.Where(s => !IsOfModel(s.Key)).ToList();
        if (own.Any(s => s.Key == "steps")) own.RemoveAll(s => s.Key == "epochs");
        var replaced = own.Select(s => s.Key).ToHashSet();
        if (own.Any(s => IsLength(s.Key))) replaced.UnionWith(["steps", "epochs"]);       // one length replaces the other
        var settings = Settings.Read("training", Declared, recipe.Where(s => !IsOfModel(s.Key) && !replaced.Contains(s.Key)).Concat(own));
        if (settings.Integer("steps") == 0 && settings.Integer("epochs") == 0)
            throw new UserError("training needs a length: give steps=N or epochs=N (at least 1).");
        if (settings.Integer("plateau") > 0 && settings.Real("decay") == 1)
            throw new UserError($"plateau={settings.Integer("plateau")}: the learning rate is to fall, but decay is 1; give decay=0.5, or leave plateau out.");
        if (decays.Where(name => settings.Written.Any(s => s.Key == name)).ToArray() is [var first, var second, ..])
            throw new UserError($"{first} and {second} both say when decay is applied; give one of them.");
        return settings;
    }

    /// <summary>Whether a key of a recipe is about the model: <c>model.hidden</c>, <c>model?.forget_bias</c>.</summary>
    public static bool IsOfModel(string key) => key.StartsWith("model.", StringComparison.Ordinal) || key.StartsWith("model?.", StringComparison.Ordinal);

    /// <summary>
    /// The constraint that a model's notation asks for in brackets, <c>rnn(svclip_mode=band)</c>, which is of training, and the notation without it.
    /// </summary>
    /// <exception cref="UserError">A value is wrong, or given twice.</exception>
    public static (Notation Model, IReadOnlyList<ExplainedSetting> Constraint) WithoutConstraint(Notation model)
    {
        var own = model.Settings.Where(s => SingularValueClipping.Owns(s.Key)).ToArray();
        var read = Settings.Read(model.Id, SingularValueClipping.Settings, own).Written.ToDictionary();
        return (model with { Settings = [.. model.Settings.Except(own)] }, own.Length == 0 ? []
            : [.. SingularValueClipping.Settings.Select(s => new ExplainedSetting(s.Name, read.GetValueOrDefault(s.Name) ?? s.Default!, s.Default, s.Meaning))]);
    }

    /// <summary>Every setting with its value in written form, the defaults too (but for <see cref="later"/> ones): a default that changes is another experiment.</summary>
    internal static SortedDictionary<string, string> Write(Settings settings)
    {
        var all = new SortedDictionary<string, string>(Declared.Where(s => !later.Contains(s.Name)).ToDictionary(s => s.Name, s => s.Default!), StringComparer.Ordinal);
        foreach (var (name, value) in settings.Written) all[name] = value;
        return all;
    }
}

/// <summary>How parameters start: as the catalogue says, or everything (biases, embedding and output layer too) uniform on [-a, a] or Gaussian.</summary>
sealed record InitialisationSetting() : Setting("init", "catalogue", "how parameters start: catalogue, uniform:A for everything on [-A, A], or normal:S for deviation S")
{
    static readonly (string Prefix, Func<double, Initial> Start)[] ways = [("uniform:", a => new Initial.Uniform(a)), ("normal:", s => new Initial.Normal(s))];

    /// <summary>How everything starts, or null for the catalogue's own initialisation.</summary>
    public static Initial? Of(string text) => Parse(text) is var (way, number) ? way.Start(number) : null;

    public override object Read(string text) => text == Default ? text
        : Parse(text) is var (way, number) ? way.Prefix + number.ToString("R", CultureInfo.InvariantCulture)
        : throw new UserError($"setting {Name}={text}: give catalogue, uniform:A or normal:S with a number above 0, such as uniform:0.1.");

    static ((string Prefix, Func<double, Initial> Start) Way, double Number)? Parse(string text)
    {
        foreach (var way in ways)
            if (text.StartsWith(way.Prefix, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(way.Prefix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && number > 0)
                return (way, number);
        return null;
    }
}
