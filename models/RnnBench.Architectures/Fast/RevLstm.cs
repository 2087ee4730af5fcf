using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The reversible LSTM: two halves of hidden vector and memory update each other in turn; p keeps the hidden vector as f keeps the memory.</summary>
/// <remarks>MacKay, Vicol, Ba and Grosse 2018, NeurIPS, arXiv:1810.10999.</remarks>
public sealed class RevLstm(double floor) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("rev-lstm", s => new RevLstm(RevGru.Floor("rev-lstm", s)))
    {
        Title = "Reversible LSTM",
        Source = RevGru.Entry.Source,
        Family = "fast",
        Settings = RevGru.Common,
        Initial = _ => RevGru.Start,
        Reversal = RevGru.ReversalOf,
        Recipes = RevGru.Recipes,
    };

    readonly State h = new(), c = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var (half, size) = (new Width(H.Size / 2, "H/2"), H.Size / 2);
        var one = Half("half1.", First(h[t-1]), First(c[t-1]), Second(h[t-1]));
        var two = Half("half2.", Second(h[t-1]), Second(c[t-1]), one["h"]);
        foreach (var gate in new[] { "i", "f", "o", "p" }) Gate(gate, Both(gate));
        c[t] = Both("c");
        h[t] = Both("h");

        Expr First(Expr whole) => new Slice(whole, 0, half, size);
        Expr Second(Expr whole) => new Slice(whole, size, half, 0);
        Expr Both(string q) => new Concat((one[q], half), (two[q], half));

        Dictionary<string, Expr> Half(string at, Expr h, Expr c, Expr other)
        {
            var q = new Dictionary<string, Expr>();
            q["i"] = Let(at + "i", σ(Sum("i")));
            q["f"] = Let(at + "f", RevGru.Limited(σ(Sum("f")), floor));
            q["o"] = Let(at + "o", σ(Sum("o")));
            q["p"] = Let(at + "p", RevGru.Limited(σ(Sum("p")), floor));
            q["g"] = Let(at + "g", tanh(Sum("g")));
            q["c"] = Let(at + "c", q["f"] * c + q["i"] * q["g"]);
            q["h"] = Let(at + "h", q["p"] * h + q["o"] * tanh(q["c"]));
            return q;

            Affine Sum(string letter) => new Matrix(at + "W", letter) * x[t] + new Matrix(at + "U", letter) * other + new Vector(at + "b", letter);
        }
    }
}
