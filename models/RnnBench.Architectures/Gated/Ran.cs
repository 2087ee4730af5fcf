using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The recurrent additive network: the state is a gated sum of linearly transformed inputs, and nothing else.</summary>
/// <remarks>Lee, Levy and Zettlemoyer 2017, arXiv:1705.07393. The gates see h = φ(c), not c; the content has no bias, as in the authors' code.</remarks>
public sealed class Ran(Function φ, bool recurrent) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("ran", s => new Ran(Activation.Of(s), s.Choice("content") == "recurrent"))
    {
        Title = "Recurrent additive network",
        Source = "Lee, Levy and Zettlemoyer 2017, arXiv:1705.07393",
        Family = "gated",
        Settings =
        [
            Activation.Setting("tanh", "identity"),
            Setting.Choice("content", "input", "what the content is: W_c x, or W_c x + U_c h, a step towards the LSTM", "input", "recurrent"),
            Setting.Real("forget_bias", 0, "initial value of every element of b_f"),
        ],
        Initial = s => [new("b_f", new Initial.Constant(s.Real("forget_bias")))],
        Recipes = [Of("tanh-medium"), Of("identity-medium", "0.8"), Of("tanh-large", "0.8"), Of("identity-large", "0.5"),
            Recipe.ForDrawnBatches],
    };

    /// <summary>The authors' four networks for the words of the Penn Treebank.</summary>
    static Recipe Of(string name, string rate = "1") => Recipe.Of(name, "Lee, Levy and Zettlemoyer 2017, their code, words of the Penn Treebank",
        $"batch=20 bptt=35 optimizer=sgd learning_rate={rate} loss=sum_steps embedding=0 model.layers=2 model.activation={name.Split('-')[0]} " + (name.EndsWith("medium", StringComparison.Ordinal)
            ? "decay=0.8 decay_after=6 epochs=39 clip_norm=5 dropout=0.5 init=uniform:0.05 model.hidden=650"
            : "decay=0.8695652173913043 decay_after=14 epochs=55 clip_norm=10 dropout=0.65 init=uniform:0.04 model.hidden=1500"));

    readonly State c = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var h = new Apply(φ, c[t-1]);
        var i = Gate("i", σ(W * x[t] + U * h + b));
        var f = Gate("f", σ(W * x[t] + U * h + b));

        c[t] = i * (recurrent ? W * x[t] + U * h : W * x[t]) + f * c[t-1];
    }

    /// <inheritdoc/>
    protected override Expr Output => new Apply(φ, c[t]);
}
