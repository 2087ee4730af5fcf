using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The minimal LSTM: gates and candidate see the input alone, which leaves a gated linear scan; no output gate, no cell.</summary>
/// <remarks>Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, arXiv:2410.01201.</remarks>
public sealed class MinLstm(bool log, bool normalize) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("minlstm", s => new MinLstm(s.Choice("space") == "log", s.Flag("normalize")))
    {
        Title = "Minimal LSTM of \"Were RNNs All We Needed?\"",
        Source = MinGru.Entry.Source,
        Family = "fast",
        Settings = [MinGru.Space, Setting.Flag("normalize", true, "whether the two gates are divided by their sum"),
            Setting.Real("forget_bias", 0, "initial value of every element of b_f; 0 for a start like that of the other biases"), .. MinGru.Blocks],
        Beyond = MinBlock.For,
        RewritesInside = true,
        Initial = s => [.. s.Real("forget_bias") is not 0 and var start ? new InitialRule[] { new("b_f", new Initial.Constant(start)) } : [], .. MinGru.Entry.Initial(s)],
        Recipes = MinGru.Entry.Recipes,
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var f = Gate("f", σ(W * x[t] + b));
        var i = Gate("i", σ(W * x[t] + b));
        var a = Let("a", new Matrix("W", "n") * x[t] + new Vector("b", "n"));
        var n = Let("n", log ? MinGru.Positive(a) : a);

        h[t] = normalize ? Gate("keep", f / (f + i)) * h[t-1] + i / (f + i) * n : f * h[t-1] + i * n;
    }
}
