using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The structurally constrained network: a plain sigmoid network beside linear context units, a leaky average of the inputs.</summary>
/// <remarks>Mikolov, Joulin, Chopra, Mathieu and Ranzato 2015, arXiv:1412.7753. No biases. The hidden units see the new context, as in the paper.</remarks>
public sealed class Scrnn(int context, double alpha, bool learned, bool previous) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("scrnn",
        s => s.Integer("context") == 0 ? new Srn() : new Scrnn(s.Integer("context"), s.Real("alpha"), s.Flag("learn_alpha"), s.Choice("context_input") == "previous"))
    {
        Title = "Structurally constrained recurrent network",
        Source = "Mikolov, Joulin, Chopra, Mathieu and Ranzato 2015, ICLR workshop, arXiv:1412.7753",
        Family = "gated",
        Settings =
        [
            Setting.Integer("context", null, "the number of context units C; 0 for the plain sigmoid network", min: 0, max: 65_536) with { Usual = "40" },
            Setting.Real("alpha", 0.95, "the share of the context that is kept, where it is not learned", 0, 1),
            Setting.Flag("learn_alpha", false, "one learned share for each context unit, σ(beta)"),
            Setting.Choice("context_input", "current", "which context the hidden units see: the new one (paper) or the old one (authors' code)", "current", "previous"),
        ],
        Initial = _ => [new("beta", new Initial.Interval(0, Math.Log(99))), new("*", new Initial.Normal(0.05))],
        Recipes = [Recipe.Of("mikolov", "Mikolov et al. 2015, their code, words of the Penn Treebank; back-propagation in chunks of 30 steps, states as elsewhere here; when the rate falls they go back to the epoch before",
            "batch=32 bptt=30 optimizer=sgd learning_rate=0.05 decay=0.8333333333333334 plateau=1 loss=sum_steps embedding=0 epochs=100 choose=loss model.hidden=100 model.context=40")],
    };

    readonly State h = new(), s = new(new Width(context, "C"));

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var (A, B, P, R) = (new Matrix("A", ""), new Matrix("B", ""), new Matrix("P", ""), new Matrix("R", ""));
        Expr q = learned ? Let("q", σ(new Vector("beta", ""))) : alpha;
        s[t] = (1 - q) * (B * x[t]) + q * s[t-1];
        h[t] = σ(P * s[previous ? t-1 : t] + A * x[t] + R * h[t-1]);
    }

    /// <inheritdoc/>
    protected override Expr Output => new Concat((h[t], H), (s[t], new Width(context, "C")));

    /// <summary>Without context units: the network of Elman 1990 with logistic units, without bias.</summary>
    sealed class Srn : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x) => h[t] = σ(new Matrix("A", "") * x[t] + new Matrix("R", "") * h[t-1]);
    }
}
