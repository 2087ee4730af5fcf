using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The statistical recurrent unit: moving averages of learned features at several fixed rates.</summary>
/// <remarks>Oliva, Póczos and Schneider 2017, ICML, arXiv:1703.00381. The averages of one rate stand together; the output reads the new ones, the feedback the old ones.</remarks>
public sealed class StatisticalRu(Function f, SummaryShape shape, IReadOnlyList<double> alphas, bool learned, bool readsInput) : Cell
{
    /// <summary>The rates at which averages can start that are learned: σ reaches neither 0 nor 1.</summary>
    const double Least = 0.001, Most = 0.999;

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("statistical-ru", s => new StatisticalRu(Activation.Of(s), SummaryShape.Of(s), Alphas(s), s.Flag("learn_alphas"), s.Flag("read_input")))
    {
        Title = "Statistical recurrent unit",
        Source = "Oliva, Póczos and Schneider 2017, ICML, arXiv:1703.00381",
        Family = "longrange",
        Settings =
        [
            .. SummaryShape.Settings(stats: 200),
            Setting.Reals("alphas", [0, 0.25, 0.5, 0.9, 0.99], "the share of each average that is kept at a step", min: 0, max: 1),
            Setting.Flag("learn_alphas", false, "whether the rates are learned, α = σ(alpha), from those of alphas on, brought into [0.001,0.999]"),
            Setting.Flag("read_input", false, "whether the output reads x too"),
            Activation.Setting("relu", "tanh", "identity", "sigmoid"),
        ],
        Initial = s => [new("b*", new Initial.Constant(0)), new("alpha", new Initial.ByUnit(k => Logit(Alphas(s)[k]), "the logit of alphas")), new("*", new Initial.Uniform(0.1))],
        Recipes = [Recipe.Of("oliva", "Oliva et al. 2017, the defaults of their code", "optimizer=sgd learning_rate=0.1 decay=0.9 decay_every=10000 clip_norm=1 batch=64")],
    };

    readonly State mu = new(shape.Bank(alphas.Count));

    Expr? o;

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var φ = Let("phi", shape.Features(x[t], mu[t-1], f, Let));
        var (kept, taken) = learned ? Learned() : Fixed();
        mu[t] = kept * mu[t-1] + taken * shape.EachTime(φ, alphas.Count);
        o = Let("o", shape.Read(mu[t], f, H, readsInput ? (new Matrix("W", "x") * x[t]).Sum : null));
    }

    /// <summary>α and 1 - α of every average.</summary>
    (Expr Kept, Expr Taken) Fixed()
    {
        double[] each = [.. alphas.SelectMany(alpha => Enumerable.Repeat(alpha, shape.Stats))];
        return (new ConstantVector("α", each), new ConstantVector("1-α", [.. each.Select(alpha => 1 - alpha)]));
    }

    (Expr Kept, Expr Taken) Learned()
    {
        var K = new Width(alphas.Count, "K");
        var α = new Spread(Let("α", σ(new Vector("alpha", "") { Width = K })), K, alphas.Count, shape.Stats);
        return (α, 1 - (Expr)α);
    }

    static double Logit(double alpha) => Math.Clamp(alpha, Least, Most) is var a ? Math.Log(a / (1 - a)) : 0;

    /// <inheritdoc/>
    protected override Expr? Output => o;

    static IReadOnlyList<double> Alphas(Settings s) => s.Reals("alphas") is { Count: > 0 } alphas ? alphas
        : throw new UserError("statistical-ru: setting alphas=[]: give at least one rate, such as [0,0.5,0.9].");
}
