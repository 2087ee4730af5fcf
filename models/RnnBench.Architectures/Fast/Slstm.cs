using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The sLSTM of xLSTM: an exponential input gate and a normaliser n beside the memory c; units are mixed within their head.</summary>
/// <remarks>
/// Beck, Pöppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter and Hochreiter 2024, NeurIPS, arXiv:2405.04517. i is the logarithm
/// of the input gate and φ that of the forget gate; m only keeps their exponentials in range: h does not depend on it.
/// </remarks>
public sealed class Slstm(int heads, bool sigmoid, bool bounded) : Cell
{
    /// <summary>The settings of both cells of the paper.</summary>
    internal static IReadOnlyList<Setting> Common { get; } =
    [
        Setting.Integer("heads", 1, "the number of heads K, which divides hidden", max: 65_536),
        Setting.Choice("forget", "sigmoid", "the forget gate: logistic, or an exponential", "sigmoid", "exp"),
        Setting.Choice("biases", "spread", "how the biases of the gates start: spread, as the authors have them, or zero", "spread", "zero"),
    ];

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("slstm", s => new Slstm(Heads("slstm", s), s.Choice("forget") == "sigmoid", s.Choice("input") == "sigmoid"))
    {
        Title = "sLSTM of xLSTM",
        Source = "Beck, Pöppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter and Hochreiter 2024, NeurIPS, arXiv:2405.04517",
        Family = "fast",
        Settings = [.. Common, Setting.Choice("input", "exp", "the input gate: an exponential, or logistic: an LSTM with the normaliser", "exp", "sigmoid")],
        Initial = s => [.. s.Choice("biases") == "spread" ? ForgetBias(s) : [], new("U_*", new Initial.Constant(0)), new("W_*", new Initial.FanInNormal(Math.Sqrt(0.4)))],
    };

    /// <summary>The number of heads, once it is known to divide the hidden size.</summary>
    internal static int Heads(string id, Settings s) => s.Integer("hidden") % s.Integer("heads") == 0 ? s.Integer("heads")
        : throw new UserError($"{id}: heads={s.Integer("heads")} does not divide hidden={s.Integer("hidden")}; every head has hidden / heads units.");

    /// <summary>The authors' b_f: within each head from 5 down to -7, the more slowly at first the higher the layer.</summary>
    static IEnumerable<InitialRule> ForgetBias(Settings s)
    {
        var (layers, d) = (s.Integer("layers"), s.Integer("hidden") / s.Integer("heads"));
        return Enumerable.Range(0, layers).SelectMany(layer => new[] { "", "fwd.", "bwd." }, (layer, way) => new InitialRule(
            layers == 1 ? $"{way}b_f" : FormattableString.Invariant($"layer{layer}.{way}b_f"),
            new Initial.ByUnit(j => d == 1 ? 5 : 5 - 12 * Math.Pow(j % d / (d - 1.0), 0.3 + (layers == 1 ? 0 : 1.3 * layer / (layers - 1))), "from 5 down to -7 within each head")));
    }

    readonly State h = new(), c = new(), n = new(), m = new(initial: double.NegativeInfinity);

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var z = Let("z", tanh(Sum("z")));
        var i = Let("i", Sum("i"));
        var f = Sum("f");
        if (sigmoid) Gate("f", σ(f));
        var φ = Let("φ", sigmoid ? -softplus(-f) : f);
        var o = Gate("o", σ(Sum("o")));

        var ι = bounded ? -softplus(-i) : i;
        m[t] = hold(max(φ + m[t-1], ι));
        var write = Let("i'", exp(ι - m[t]));
        var keep = Let("f'", exp(φ + m[t-1] - m[t]));
        c[t] = keep * c[t-1] + write * z;
        n[t] = keep * n[t-1] + write;
        h[t] = o * (c[t] / n[t]);
        Gate("keep", keep * n[t-1] / n[t]);

        Expr Sum(string q) => new Matrix("W", q) * x[t] + Blocks(new MatrixStack("U", q, new Width(heads, "K")), h[t-1]) + new Vector("b", q);
    }

    /// <summary>A block-diagonal matrix times a vector: each head's block acts on the head's own units.</summary>
    Expr Blocks(MatrixStack U, Expr h)
    {
        if (heads == 1) return U[0] * h;
        var d = new Width(H.Size / heads, "d");
        return new Concat([.. Enumerable.Range(0, heads).Select(k => ((Expr)(U[k] * new Slice(h, k * d.Size, d, H.Size - (k + 1) * d.Size)), d))]);
    }
}
