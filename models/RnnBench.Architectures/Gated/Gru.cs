using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The gated recurrent unit; z = 1 writes, as in Chung et al. 2014.</summary>
/// <remarks>Cho et al. 2014, arXiv:1406.1078: reset before the matrix. With <c>reset_after</c> the form of cuDNN: reset after it.</remarks>
public sealed class Gru(bool resetAfter) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("gru", s => new Gru(s.Flag("reset_after")))
    {
        Title = "Gated recurrent unit",
        Source = "Cho et al. 2014, arXiv:1406.1078; Chung et al. 2014, arXiv:1412.3555",
        Family = "gated",
        Settings = [Setting.Flag("reset_after", false, "reset after the recurrent product, with a second bias (the form of cuDNN)")],
        Ablations = new Dictionary<string, Ablation> { ["nrg"] = "r=1", ["nug"] = "z=1" },
        Recipes = [Recipe.Of("chung", "Chung et al. 2014, the middle of the rates that they drew, without weight noise", "optimizer=rmsprop learning_rate=1.234e-4 clip_norm=1")],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var r = Gate("r", σ(W * x[t] + U * h[t-1] + b));
        var z = Gate("z", σ(W * x[t] + U * h[t-1] + b));
        var n = Let("n", resetAfter
            ? tanh(W * x[t] + b + r * (U * h[t-1] + new Vector("b", "hn")))
            : tanh(W * x[t] + U * (r * h[t-1]) + b));

        h[t] = (1 - z) * h[t-1] + z * n;
    }
}
