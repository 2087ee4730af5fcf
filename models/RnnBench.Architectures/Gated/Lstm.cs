using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>Long short-term memory with a forget gate and without peepholes.</summary>
/// <remarks>Hochreiter and Schmidhuber 1997; forget gate, Gers, Schmidhuber and Cummins 2000.</remarks>
public sealed class Lstm : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("lstm", _ => new Lstm())
    {
        Title = "Long short-term memory",
        Source = "Hochreiter and Schmidhuber 1997, Neural Computation 9(8); Gers et al. 2000, Neural Computation 12(10)",
        Family = "gated",
        Settings = [Setting.Real("forget_bias", 1, "initial value of every element of b_f")],
        Ablations = new Dictionary<string, Ablation>
        {
            ["nig"] = "i=1",
            ["nfg"] = "f=1",
            ["nog"] = "o=1",
            ["niaf"] = "g=arg(g)",
            ["noaf"] = "h=o*c",
            ["cifg"] = new("f=1-i") { Initial = s => [new("b_i", new Initial.Constant(-s.Real("forget_bias")))] },
        },
        Initial = s => [new("b_f", new Initial.Constant(s.Real("forget_bias")))],
    };

    readonly State h = new(), c = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var i = Gate("i", σ(W * x[t] + U * h[t-1] + b));
        var f = Gate("f", σ(W * x[t] + U * h[t-1] + b));
        var g = Let("g", tanh(W * x[t] + U * h[t-1] + b));
        c[t] = f * c[t-1] + i * g;

        var o = Gate("o", σ(W * x[t] + U * h[t-1] + b));
        h[t] = o * tanh(c[t]);
    }
}
