using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The third of three cells found by evolution; its update gate sees tanh(h). z = 1 overwrites.</summary>
/// <remarks>Jozefowicz, Zaremba and Sutskever 2015, PMLR 37:2342-2350.</remarks>
public sealed class Mut3 : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("mut3", _ => new Mut3())
    {
        Title = "Evolved cell MUT3",
        Source = Mut1.Entry.Source,
        Family = "gated",
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var z = Gate("z", σ(W * x[t] + U * tanh(h[t-1]) + b));
        var r = Gate("r", σ(W * x[t] + U * h[t-1] + b));
        var n = Let("n", tanh(new Matrix("U", "h") * (r * h[t-1]) + new Matrix("W", "h") * x[t] + new Vector("b", "h")));

        h[t] = z * n + (1 - z) * h[t-1];
    }
}
