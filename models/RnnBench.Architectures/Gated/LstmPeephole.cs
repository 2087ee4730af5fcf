using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>Long short-term memory whose gates also see the memory: i and f the old one, o the new one.</summary>
/// <remarks>Gers and Schmidhuber 2000; equations of Graves 2013, arXiv:1308.0850. Variants and initialisation: Greff et al. 2017, arXiv:1503.04069.</remarks>
public sealed class LstmPeephole : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("lstm-peephole", s => s.Choice(Ablation.Setting) == "fgr" ? new LstmGateRecurrence() : new LstmPeephole())
    {
        Title = "LSTM with peephole connections",
        Source = "Gers and Schmidhuber 2000, IJCNN; Graves 2013, arXiv:1308.0850; variants: Greff et al. 2017, IEEE TNNLS 28(10), arXiv:1503.04069",
        Family = "gated",
        Settings = Lstm.Entry.Settings,
        Ablations = new Dictionary<string, Ablation>(Lstm.Entry.Ablations) { ["np"] = "p=0", ["fgr"] = Ablation.OwnEquations },
        Initial = s => [.. Lstm.Entry.Initial(s), new("*", new Initial.Normal(0.1))],
        Recipes = [Recipe.Of("greff", "Greff et al. 2017, the middle of their search ranges, without input noise, and the highest rate, from which they advise to come down; it is scaled by 1 - momentum",
            "batch=1 optimizer=sgd nesterov=true momentum=0.9 learning_rate=0.001 init=normal:0.1 epochs=150 patience=15 choose=loss model.hidden=63 model.forget_bias=0")],
    };

    readonly State h = new(), c = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var i = Gate("i", σ(W * x[t] + U * h[t-1] + p * c[t-1] + b));
        var f = Gate("f", σ(W * x[t] + U * h[t-1] + p * c[t-1] + b));
        var g = Let("g", tanh(W * x[t] + U * h[t-1] + b));
        c[t] = f * c[t-1] + i * g;

        var o = Gate("o", σ(W * x[t] + U * h[t-1] + p * c[t] + b));
        h[t] = o * tanh(c[t]);
    }
}
