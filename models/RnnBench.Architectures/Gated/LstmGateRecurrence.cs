using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The variant <c>fgr</c> of the peephole LSTM, full gate recurrence: every gate also sees all gates of the step before, at first 0.</summary>
/// <remarks>Greff et al. 2017, arXiv:1503.04069, after Hochreiter and Schmidhuber 1997. R_ab leads from gate a to gate b.</remarks>
public sealed class LstmGateRecurrence : Cell
{
    readonly State h = new(), c = new(), i = new(), f = new(), o = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        i[t] = Gate("i", σ(W * x[t] + U * h[t-1] + p * c[t-1] + b + Gates("i")));
        f[t] = Gate("f", σ(W * x[t] + U * h[t-1] + p * c[t-1] + b + Gates("f")));
        var g = Let("g", tanh(W * x[t] + U * h[t-1] + b));
        c[t] = f[t] * c[t-1] + i[t] * g;

        o[t] = Gate("o", σ(W * x[t] + U * h[t-1] + p * c[t] + b + Gates("o")));
        h[t] = o[t] * tanh(c[t]);
    }

    Affine Gates(string to) => new Matrix("R", "i" + to) * i[t-1] + new Matrix("R", "f" + to) * f[t-1] + new Matrix("R", "o" + to) * o[t-1];
}
