using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The minimal gated unit: a GRU whose reset and update gates are one; f = 1 overwrites, in spite of the name forget gate.</summary>
/// <remarks>Zhou et al. 2016, arXiv:1603.09420. What the gate sees: Heck and Salem 2017, arXiv:1701.03452.</remarks>
public sealed class Mgu(string gateInputs) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("mgu", s => new Mgu(s.Choice("gate_inputs")))
    {
        Title = "Minimal gated unit",
        Source = "Zhou et al. 2016, Int. J. of Automation and Computing 13(3), arXiv:1603.09420; variants: Heck and Salem 2017, arXiv:1701.03452",
        Family = "gated",
        Settings = [Setting.Choice("gate_inputs", "full", "what the gate sees: input, state and bias; mgu1 no input; mgu2 the state alone; mgu3 the bias alone", "full", "mgu1", "mgu2", "mgu3")],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var f = Gate("f", σ(gateInputs switch
        {
            "mgu1" => U * h[t-1] + b,
            "mgu2" => U * h[t-1],
            "mgu3" => b,
            _ => W * x[t] + U * h[t-1] + b,
        }));
        var n = Let("n", tanh(new Matrix("W", "h") * x[t] + new Matrix("U", "h") * (f * h[t-1]) + new Vector("b", "h")));

        h[t] = (1 - f) * h[t-1] + f * n;
    }
}
