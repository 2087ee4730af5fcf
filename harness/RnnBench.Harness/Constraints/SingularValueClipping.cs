using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>Singular value clipping of every recurrent matrix, as training settings: <c>svclip_mode</c> and its bounds, by the catalogue's section svclip.</summary>
static class SingularValueClipping
{
    /// <summary>The settings.</summary>
    public static IReadOnlyList<Setting> Settings { get; } =
    [
        Setting.Choice("svclip_mode",  "none", "bounds of the singular values of recurrent matrices: at most svclip_s (max), a factor or a distance around 1 (band, margin), or a penalty in their place (soft)", "none", "max", "band", "margin", "soft"),
        Setting.Real("svclip_s",            1, "the largest singular value (max)", min: 0),
        Setting.Real("svclip_eps",       0.05, "singular values from 1/(1+eps) to 1+eps (band)", min: 0),
        Setting.Real("svclip_margin",     0.1, "singular values from 1-m to 1+m (margin)", min: 0, max: 1),
        Setting.Integer("svclip_every",     1, "updates from one clipping to the next"),
        Setting.Real("svclip_penalty",   0.01, "λ of the penalty λ |UᵀU - I|² on every recurrent matrix (soft)", min: 0),
    ];

    /// <summary>
    /// Whether a setting is one of these: it may stand in a model's brackets too, <c>rnn(svclip_mode=band)</c>, so that a study can constrain one model
    /// and leave the others free.
    /// </summary>
    public static bool Owns(string setting) => setting.StartsWith("svclip_", StringComparison.Ordinal);

    /// <summary>
    /// What is done with a parameter; null for nothing. Recurrent matrices are those called U with two sides, of a recurrence or a tree also several of
    /// them in one; the kernels of a convolution are none.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="parameter">One of its parameters.</param>
    /// <param name="training">The training settings.</param>
    public static Constraint.SingularValues? Of(Model model, ModelParameter parameter, Settings training)
    {
        if (!IsAsked(training) || !Covers(model, parameter)) return null;
        var (low, high) = Bounds(training.Choice("svclip_mode"), training);
        return new Constraint.SingularValues(low, high, training.Integer("svclip_every"), PlusIdentity(model, parameter));
    }

    /// <summary>Whether singular values are bounded: not by default, and not where a penalty stands in place of bounds.</summary>
    public static bool IsAsked(Settings training) => training.Choice("svclip_mode") is not ("none" or "soft");

    /// <summary>Whether a parameter is a recurrent matrix, or several of them, that is not kept unitary as it is.</summary>
    public static bool Covers(Model model, ModelParameter parameter) =>
        NameOf(parameter).StartsWith('U') && parameter.Shape.Count >= 2 && (parameter.Shape.Count == 2 || parameter is StackParameter || model.Arity is not null)
        && parameter.Constraints.All(rule => rule is not Constraint.Unitary);

    /// <summary>Whether the equations add the identity to a parameter.</summary>
    public static bool PlusIdentity(Model model, ModelParameter parameter) => model.Architecture.PlusIdentity is { } pattern && InitialRule.Matches(pattern, NameOf(parameter));

    static string NameOf(ModelParameter parameter) => parameter.Name[(parameter.Name.LastIndexOf('.') + 1)..];

    static (double Low, double High) Bounds(string mode, Settings training) => mode switch
    {
        "max" => (0, training.Real("svclip_s")),
        "band" => (1 / (1 + training.Real("svclip_eps")), 1 + training.Real("svclip_eps")),
        "margin" => (1 - training.Real("svclip_margin"), 1 + training.Real("svclip_margin")),
        _ => throw new NotSupportedException($"svclip does not know the mode {mode}"),
    };
}
