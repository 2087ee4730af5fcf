using RnnBench.Language;

namespace RnnBench.Backends.Library;

/// <summary>The equations that nn.RNN computes, with one bias instead of its two.</summary>
sealed class LibraryRnn(Function activation) : Cell
{
    readonly State h = new();

    protected override void Equations(Input x) => h[t] = new Apply(activation, W * x[t] + U * h[t-1] + b);
}

/// <summary>The equations that nn.LSTM computes, with one bias instead of its two.</summary>
sealed class LibraryLstm : Cell
{
    readonly State h = new(), c = new();

    protected override void Equations(Input x)
    {
        var i = Let("i", σ(W * x[t] + U * h[t-1] + b));
        var f = Let("f", σ(W * x[t] + U * h[t-1] + b));
        var g = Let("g", tanh(W * x[t] + U * h[t-1] + b));
        var o = Let("o", σ(W * x[t] + U * h[t-1] + b));

        c[t] = f * c[t-1] + i * g;
        h[t] = o * tanh(c[t]);
    }
}

/// <summary>The equations that nn.GRU computes, where only the candidate has two biases.</summary>
/// <param name="writes">Whether z = 1 takes the candidate (Chung et al. 2014) or, as in the library itself, keeps the state.</param>
sealed class LibraryGru(bool writes) : Cell
{
    readonly State h = new();

    protected override void Equations(Input x)
    {
        var r = Let("r", σ(W * x[t] + U * h[t-1] + b));
        var z = Let("z", σ(W * x[t] + U * h[t-1] + b));
        var n = Let("n", tanh(W * x[t] + b + r * (U * h[t-1] + new Vector("b", "hn"))));

        h[t] = writes ? (1 - z) * h[t-1] + z * n : (1 - z) * n + z * h[t-1];
    }
}
