using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The second of three cells found by evolution; the input enters its reset gate without weights. z = 1 overwrites.</summary>
/// <remarks>Jozefowicz, Zaremba and Sutskever 2015, PMLR 37:2342-2350. The paper's x is e, the input brought to the hidden size (<see cref="Embedding"/>).</remarks>
public sealed class Mut2(string embed) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("mut2", s => new Mut2(s.Choice(Embedding.Setting.Name)))
    {
        Title = "Evolved cell MUT2",
        Source = Mut1.Entry.Source,
        Family = "gated",
        Settings = [Embedding.Setting],
        Initial = _ => [Embedding.Start],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var e = Let("e", Embedding.Of(embed, x[t], I, H));
        var z = Gate("z", σ(W * e + U * h[t-1] + b));
        var r = Gate("r", σ(e + U * h[t-1] + b));
        var n = Let("n", tanh(new Matrix("U", "h") * (r * h[t-1]) + new Matrix("W", "h") * e + new Vector("b", "h")));

        h[t] = z * n + (1 - z) * h[t-1];
    }
}
