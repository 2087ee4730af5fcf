using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The temporal-kernel network: each unit sees every past state of every unit, a lag of k weighted by λ to the k-1.</summary>
/// <remarks>Sutskever and Hinton 2010, Neural Networks 23(2). The trace s is the sum over lags, with λ = σ(lam) per sending or per receiving unit.</remarks>
public sealed class TkRnn(Function f, bool source) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("tkrnn", s => new TkRnn(Activation.Of(s), s.Choice("lambda_on") == "source"))
    {
        Title = "Temporal-kernel recurrent network",
        Source = "Sutskever and Hinton 2010, Neural Networks 23(2):239-243",
        Family = "longrange",
        Settings =
        [
            Activation.Setting("tanh", "relu", "identity", "sigmoid"),
            Setting.Choice("lambda_on", "source", "whether λ belongs to the sending unit (source) or to the receiving one (target)", "source", "target"),
        ],
    };

    readonly State h = new(), s = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var λ = Let("λ", σ(new Vector("lam", "")));
        var U = new Matrix("U", "h");
        if (source) s[t] = λ * s[t-1] + h[t-1];
        else s[t] = λ * s[t-1] + U * h[t-1];

        h[t] = new Apply(f, W * x[t] + (source ? U * s[t] : s[t]) + b);
    }
}
