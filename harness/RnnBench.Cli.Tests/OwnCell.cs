using RnnBench.Language;

namespace RnnBench.Cli.Tests;

// The README shows what follows, letter by letter (OwnCellTests). It is a cell of a user: not in the catalogue, given with --cells.
/// <summary>A GRU without a reset gate.</summary>
public sealed class Leaky : Cell
{
    public static Architecture Entry { get; } = new("leaky", _ => new Leaky()) { Title = "Leaky unit", Source = "mine", Family = "gated" };

    readonly State h = new();

    protected override void Equations(Input x)
    {
        var z = Gate("z", σ(W * x[t] + U * h[t-1] + b));
        var n = Let("n", tanh(W * x[t] + U * h[t-1] + b));
        h[t] = (1 - z) * h[t-1] + z * n;
    }
}
