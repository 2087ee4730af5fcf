using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The pseudo LSTM: gates see the squashed memory, the candidate the part of it that the read gate of the same step lets through.</summary>
/// <remarks>Pitis 2016, "Written Memories". The state that is carried on is s; tanh(s) is only shown and read.</remarks>
public sealed class PseudoLstm : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("pseudo-lstm", _ => new PseudoLstm())
    {
        Title = "Pseudo LSTM of \"Written Memories\"",
        Source = "Pitis (r2rt) 2016, \"Written Memories: Understanding, Deriving and Extending the LSTM\", 26 July 2016",
        Family = "gated",
        Settings = [Setting.Real("forget_bias", 1, "initial value of every element of b_f")],
        Initial = s => [new("b_f", new Initial.Constant(s.Real("forget_bias")))],
    };

    readonly State s = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var u = Let("u", tanh(s[t-1]));
        var i = Gate("i", σ(W * x[t] + U * u + b));
        var f = Gate("f", σ(W * x[t] + U * u + b));
        var o = Gate("o", σ(W * x[t] + U * u + b));
        var g = Let("g", tanh(W * x[t] + U * (o * u) + b));

        s[t] = f * s[t-1] + i * g;
    }

    /// <inheritdoc/>
    protected override Expr Output => tanh(s[t]);
}
