using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>What the units that keep fixed summaries of the past share: features of the input and of the summaries, several summaries of each, an output read from all.</summary>
/// <param name="Stats">The number of features P.</param>
/// <param name="Recur">What of the summaries is fed back, R; 0 for nothing.</param>
/// <param name="LinearOut">Whether the output has no nonlinearity.</param>
public sealed record SummaryShape(int Stats, int Recur, bool LinearOut)
{
    /// <summary>The settings.</summary>
    /// <param name="stats">The usual P.</param>
    public static IReadOnlyList<Setting> Settings(int stats) =>
    [
        Setting.Integer("stats", stats, "the number of features P", max: 65_536),
        Setting.Integer("recur", 60, "the number of units R through which the summaries are fed back; 0 for none", min: 0, max: 65_536),
        Setting.Flag("linear_out", false, "whether the output has no nonlinearity"),
    ];

    /// <summary>What a model's settings say.</summary>
    public static SummaryShape Of(Settings s) => new(s.Integer("stats"), s.Integer("recur"), s.Flag("linear_out"));

    /// <summary>The width of so many summaries of all features.</summary>
    public Width Bank(int count) => new(checked(count * Stats), "KP");

    /// <summary>φ = f(W_phi x + U_phi r + b_phi) with r = f(U_r summaries + b_r).</summary>
    public Expr Features(Expr x, Expr summaries, Function f, Func<string, Expr, Expr> let)
    {
        var (W, b) = (new Matrix("W", "phi"), new Vector("b", "phi") { Width = new Width(Stats, "P") });
        if (Recur == 0) return new Apply(f, W * x + b);
        var r = let("r", new Apply(f, new Matrix("U", "r") * summaries + new Vector("b", "r") { Width = new Width(Recur, "R") }));
        return new Apply(f, W * x + new Matrix("U", "phi") * r + b);
    }

    /// <summary>The features once for each kind of summary.</summary>
    public Expr EachTime(Expr features, int count) => new Spread(features, new Width(Stats, "P"), 1, count);

    /// <summary>o = f(W_o summaries + b_o), with a further summand if there is one.</summary>
    public Expr Read(Expr summaries, Function f, Width hidden, Expr? further = null)
    {
        var affine = new Matrix("W", "o") * summaries + new Vector("b", "o") { Width = hidden };
        var sum = further is null ? affine.Sum : affine.Sum + further;
        return LinearOut ? sum : new Apply(f, sum);
    }
}
