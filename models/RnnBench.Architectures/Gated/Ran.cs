using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The recurrent additive network: the state is a gated sum of linearly transformed inputs, and nothing else.</summary>
/// <remarks>Lee, Levy and Zettlemoyer 2017, arXiv:1705.07393. The gates see h = φ(c), not c; the content has no bias, as in the authors' code.</remarks>
public sealed class Ran(Function φ) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("ran", s => new Ran(Activation.Of(s)))
    {
        Title = "Recurrent additive network",
        Source = "Lee, Levy and Zettlemoyer 2017, arXiv:1705.07393",
        Family = "gated",
        Settings =
        [
            Activation.Setting("tanh", "identity"),
            Setting.Real("forget_bias", 0, "initial value of every element of b_f"),
        ],
        Initial = s => [new("b_f", new Initial.Constant(s.Real("forget_bias")))],
    };

    readonly State c = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var h = new Apply(φ, c[t-1]);
        var i = Gate("i", σ(W * x[t] + U * h + b));
        var f = Gate("f", σ(W * x[t] + U * h + b));

        c[t] = i * (W * x[t]) + f * c[t-1];
    }

    /// <inheritdoc/>
    protected override Expr Output => new Apply(φ, c[t]);
}
