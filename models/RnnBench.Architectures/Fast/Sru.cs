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
        Recipes =
        [
            Recipe.Of("classification", "Lei et al. 2018", "batch=32 optimizer=adam learning_rate=0.001 dropout=0.5 epochs=100 embedding=300 choose=accuracy model.hidden=128 model.layers=2"),
            Recipe.Of("ptb", "Lei et al. 2018, words of the Penn Treebank; input dropout as large as the other",
                "batch=32 bptt=35 optimizer=sgd learning_rate=1 decay=0.98 decay_after=175 weight_decay=1e-5 clip_norm=5 dropout=0.7 epochs=300 model.hidden=910 model.layers=6 model.highway_bias=-3"),
            Recipe.Of("enwik8", "Lei et al. 2018, characters", "batch=128 bptt=100 optimizer=adam learning_rate=0.001 weight_decay=1e-7 clip_norm=0.3 dropout=0.2 model.hidden=1312 model.layers=8 model.highway_bias=-3"),
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
