using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The mLSTM of xLSTM: a matrix memory for each head, written with outer products of values and keys and read with a query.</summary>
/// <remarks>
/// Beck, Pöppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter and Hochreiter 2024, NeurIPS, arXiv:2405.04517. i is the logarithm
/// of the input gate and φ that of the forget gate; m only keeps their exponentials in range: h does not depend on it.
/// </remarks>
public sealed class Mlstm : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("mlstm", s => new Mlstm(s.Integer("hidden"), Slstm.Heads("mlstm", s), s.Choice("forget") == "sigmoid"))
    {
        Title = "mLSTM of xLSTM",
        Source = Slstm.Entry.Source,
        Family = "fast",
        Settings = [.. Slstm.Common, Setting.Choice("form", "step", "how it is computed: step by step, or for all steps at once by matrices of T times T elements", "step", "parallel")],
        Initial = Starts,
        Beyond = MlstmParallel.For,
    };

    /// <summary>The authors' initialisation.</summary>
    internal static IEnumerable<InitialRule> Starts(Settings s) =>
    [
        .. s.Choice("biases") == "spread" ? Spread(s) : [],
        new("W_i", new Initial.Constant(0)), new("W_f", new Initial.Constant(0)), new("W_*", new Initial.FanInNormal(Math.Sqrt(0.4))),
    ];

    static IEnumerable<InitialRule> Spread(Settings s) =>
    [
        new("b_i", new Initial.Normal(0.1)),
        new("b_f", new Initial.ByUnit(k => s.Integer("heads") == 1 ? 3 : 3 + 3.0 * k / (s.Integer("heads") - 1), "equally spaced from 3 to 6 over the heads")),
    ];

    readonly int heads, d;
    readonly bool sigmoid;
    readonly Width K;
    readonly State C, n, m;

    /// <param name="hidden">H.</param>
    /// <param name="heads">K, which divides H.</param>
    /// <param name="sigmoid">Whether the forget gate is logistic; otherwise it is an exponential.</param>
    public Mlstm(int hidden, int heads, bool sigmoid)
    {
        (this.heads, this.sigmoid, d, K) = (heads, sigmoid, hidden / heads, new Width(heads, "K"));
        C = new(new Width(checked(hidden * d), "K,d,d") { Sides = [heads, d, d] }, "C");
        n = new(new Width(hidden, "K,d") { Sides = [heads, d] }, "n");
        m = new(K, "m", double.NegativeInfinity);
    }

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var q = Let("q", W * x[t] + b);
        var k = Let("k", 1 / Math.Sqrt(d) * (W * x[t]).Sum + b);
        var v = Let("v", W * x[t] + b);
        var i = Let("i", W * x[t] + b);
        var f = new Matrix("W", "f") * x[t] + new Vector("b", "f");
        if (sigmoid) Gate("f", σ(f));
        var φ = Let("φ", sigmoid ? -softplus(-f.Sum) : f);
        var o = Gate("o", σ(W * x[t] + b));

        m[t] = hold(max(φ + m[t-1], i));
        var write = Let("i'", exp(i - m[t]));
        var keep = Let("f'", exp(φ + m[t-1] - m[t]));
        C[t] = Each(keep, d * d) * C[t-1] + Each(write, d * d) * (Column(v) * Row(k));
        n[t] = Each(keep, d) * n[t-1] + Each(write, d) * k;

        var match = Let("s", new Fold(n[t] * q, K, heads, d));
        var scale = Let("z", max(max(match, -match), exp(-m[t])));
        h = Let("h", o * (new Fold(C[t] * Row(q), H, H.Size, d) / Each(scale, d)));
    }

    Expr? h;

    /// <inheritdoc/>
    protected override Expr? Output => h;

    /// <summary>A number of each head, at all of its elements.</summary>
    Spread Each(Expr perHead, int elements) => new(perHead, K, heads, elements);

    /// <summary>For each head the matrix whose columns are all the head's part of a vector.</summary>
    Spread Column(Expr vector) => new(vector, H, H.Size, d);

    /// <summary>For each head the matrix whose rows are all the head's part of a vector; with a column it makes an outer product.</summary>
    Spread Row(Expr vector) => new(vector, H, heads, d);
}
