using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The simple recurrent unit: every matrix acts on the input alone; r = 1 shows the cell, 0 the skipped input.</summary>
/// <remarks>Lei, Zhang, Wang, Dai and Artzi 2018, EMNLP, arXiv:1709.02755. In version 2 the gates see the old cell through a vector.</remarks>
public sealed class Sru(bool peeps, Function g, double alpha) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("sru", s => new Sru(s.Choice("version") == "2", G(s), Alpha(s)))
    {
        Title = "Simple recurrent unit",
        Source = "Lei, Zhang, Wang, Dai and Artzi 2018, EMNLP, arXiv:1709.02755",
        Family = "fast",
        Settings =
        [
            Setting.Choice("version", "2", "1: Lei and Zhang 2017; 2: EMNLP 2018, gates see the cell", "1", "2"),
            Setting.Choice("activation", "auto", "the nonlinearity g of the cell; auto: tanh in version 1, identity in version 2", "auto", "identity", "tanh"),
            Setting.Choice("rescale", "auto", "whether a skipped input of the hidden size is scaled by √(1 + 2 exp(highway_bias)); auto: in version 2", "auto", "true", "false"),
            Setting.Real("highway_bias", 0, "initial value of every element of b_r"),
        ],
        Initial = s =>
        [
            new("W_x", new Initial.FanIn(Math.Sqrt(3) * Alpha(s))),
            new("W_*", new Initial.FanIn(Math.Sqrt(s.Choice("version") == "2" ? 1.5 : 3))),
            new("W", new Initial.FanIn(Math.Sqrt(3))),
            new("v_*", new Initial.Uniform(Math.Sqrt(1.5))),
            new("b_r", new Initial.Constant(s.Real("highway_bias"))),
        ],
    };

    static Function G(Settings s) => (s.Choice("activation"), s.Choice("version")) is ("tanh", _) or ("auto", "1") ? Function.Tanh : Function.Identity;

    static double Alpha(Settings s) =>
        (s.Choice("rescale"), s.Choice("version")) is ("true", _) or ("auto", "2") ? Math.Sqrt(1 + 2 * Math.Exp(s.Real("highway_bias"))) : 1;

    readonly State c = new();
    Expr? h;

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var u = Let("u", new Matrix("W", "") * x[t]);
        var f = Gate("f", σ(peeps ? W * x[t] + v * c[t-1] + b : W * x[t] + b));
        var r = Gate("r", σ(peeps ? W * x[t] + v * c[t-1] + b : W * x[t] + b));
        c[t] = f * c[t-1] + (1 - f) * u;

        // Where the sizes differ, the authors' code scales W_x once, as it is drawn, and nothing at run time.
        var s = Let("s", I.Size == H.Size ? alpha * x[t] : new Matrix("W", "x") * x[t]);
        h = Let("h", r * new Apply(g, c[t]) + (1 - r) * s);
    }

    /// <inheritdoc/>
    protected override Expr? Output => h;
}
