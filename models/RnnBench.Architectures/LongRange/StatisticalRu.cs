using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The statistical recurrent unit: moving averages of learned features at several fixed rates.</summary>
/// <remarks>Oliva, Póczos and Schneider 2017, ICML, arXiv:1703.00381. The averages of one rate stand together; the output reads the new ones, the feedback the old ones.</remarks>
public sealed class StatisticalRu(Function f, SummaryShape shape, IReadOnlyList<double> alphas) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("statistical-ru", s => new StatisticalRu(Activation.Of(s), SummaryShape.Of(s), Alphas(s)))
    {
        Title = "Statistical recurrent unit",
        Source = "Oliva, Póczos and Schneider 2017, ICML, arXiv:1703.00381",
        Family = "longrange",
        Settings =
        [
            .. SummaryShape.Settings(stats: 200),
            Setting.Reals("alphas", [0, 0.25, 0.5, 0.9, 0.99], "the share of each average that is kept at a step", min: 0, max: 1),
            Activation.Setting("relu", "tanh", "identity", "sigmoid"),
        ],
        Initial = _ => [new("b*", new Initial.Constant(0)), new("*", new Initial.Uniform(0.1))],
        Recipes = [Recipe.Of("oliva", "Oliva et al. 2017, the defaults of their code", "optimizer=sgd learning_rate=0.1 decay=0.9 decay_every=10000 clip_norm=1 batch=64")],
    };

    readonly State mu = new(shape.Bank(alphas.Count));

    Expr? o;

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var φ = Let("phi", shape.Features(x[t], mu[t-1], f, Let));
        double[] kept = [.. alphas.SelectMany(alpha => Enumerable.Repeat(alpha, shape.Stats))];
        mu[t] = new ConstantVector("α", kept) * mu[t-1] + new ConstantVector("1-α", [.. kept.Select(alpha => 1 - alpha)]) * shape.EachTime(φ, alphas.Count);
        o = Let("o", shape.Read(mu[t], f, H));
    }

    /// <inheritdoc/>
    protected override Expr? Output => o;

    static IReadOnlyList<double> Alphas(Settings s) => s.Reals("alphas") is { Count: > 0 } alphas ? alphas
        : throw new UserError("statistical-ru: setting alphas=[]: give at least one rate, such as [0,0.5,0.9].");
}
