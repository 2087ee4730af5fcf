using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The nested LSTM: the sum that updates an LSTM's memory is itself an LSTM, which keeps only its memory between steps.</summary>
/// <remarks>Moniz and Krueger 2017, arXiv:1801.10308. Every candidate has a tanh but the outermost, whose φ is the identity by default.</remarks>
public sealed class NestedLstm(int depth, Function φ) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("nested-lstm", s => new NestedLstm(s.Integer("depth"), Activation.Of(s, "cell_activation")))
    {
        Title = "Nested LSTM",
        Source = "Moniz and Krueger 2017, ACML, PMLR 77:530-544, arXiv:1801.10308",
        Family = "gated",
        Settings =
        [
            Setting.Integer("depth", 2, "the number of nested levels; 1 is the plain LSTM", max: 100),
            Activation.Named("cell_activation", "the nonlinearity φ of the outermost candidate", "identity", "tanh"),
            Setting.Real("forget_bias", 1, "initial value of every element of b_f, at every level"),
        ],
        Initial = s =>
        [
            .. Levels(s.Integer("depth")).Select(level => new InitialRule(level + "b_f", new Initial.Constant(s.Real("forget_bias")))),
            .. Levels(s.Integer("depth")).Skip(1).SelectMany(level => new[] { "W*", "U*" }, (level, letter) => new InitialRule(level + letter, new Initial.Orthogonal())),
            new("W*", new Initial.GlorotNormal()),
        ],
        Recipes = [Recipe.Of("moniz", "Moniz and Krueger 2017: Adam; all else is the project's own", "optimizer=adam learning_rate=0.001")],
    };

    readonly State h = new();
    readonly State[] c = [.. Levels(depth).Select(level => new State(name: level + "c"))];

    static IEnumerable<string> Levels(int depth) => Enumerable.Range(0, depth).Select(k => k == 0 ? "" : $"inner{k.ToString(CultureInfo.InvariantCulture)}.");

    /// <inheritdoc/>
    protected override void Equations(Input x) => h[t] = Level(0, x[t], h[t-1], φ);

    /// <summary>An LSTM that reads x and h, and whose memory update is the level below it; gives its hidden vector.</summary>
    Expr Level(int k, Expr x, Expr h, Function φ)
    {
        var inner = Levels(depth).ElementAt(k);
        var i = Gate(inner + "i", σ(Sum("i")));
        var f = Gate(inner + "f", σ(Sum("f")));
        var o = Gate(inner + "o", σ(Sum("o")));
        var u = Let(inner + "u", i * new Apply(φ, Sum("g")));
        var v = Let(inner + "v", f * c[k][t-1]);
        c[k][t] = k + 1 == depth ? u + v : Level(k + 1, u, v, Function.Tanh);
        return o * tanh(c[k][t]);

        Affine Sum(string q) => new Matrix(inner + "W", q) * x + new Matrix(inner + "U", q) * h + new Vector(inner + "b", q);
    }
}
