using RnnBench.Backends.Native;
using RnnBench.Backends.Reversible;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The golden case <c>fixed-multiply</c>: the arithmetic of the reversible cells by itself.</summary>
static class FixedMultiply
{
    /// <summary>From h0 [B,H], for each step a product with z [T,B,H] and a sum with add [T,B,H]; gives h and the buffer after each, [T,B,H].</summary>
    public static MatrixFunction Function { get; } = new("fixed-multiply",
        [Setting.Integer("hidden", 0, "the number of units, which the tensors say too", min: 0), RevGru.MaxForgetBits], (_, given) =>
    {
        Libtorch.Load();
        using var scope = NewDisposeScope();
        var (z, add, h) = (Whole(given["z"]), Whole(given["add"]), Whole(given["h0"]));
        if (h.dim() > z.dim() - 1) h = h.squeeze(0);
        using var arithmetic = new FixedPoint(h.shape, CPU);
        var (states, buffers) = (new List<Tensor>(), new List<Tensor>());
        for (var t = 0; t < z.shape[0]; t++)
        {
            h = arithmetic.Multiply(h, z[t]).add(add[t]);
            states.Add(h);
            buffers.Add(arithmetic.Buffer.clone());
        }
        return new Dictionary<string, StoredTensor> { ["h"] = Stored(stack(states, 0)), ["buffer"] = Stored(stack(buffers, 0)) };
    });

    static Tensor Whole(StoredTensor stored) => tensor(stored.ToLongs(), [.. stored.Shape.Select(side => (long)side)]);
    static StoredTensor Stored(Tensor value) => StoredTensor.I64([.. value.shape.Select(side => (int)side)], value.contiguous().data<long>().ToArray());
}
