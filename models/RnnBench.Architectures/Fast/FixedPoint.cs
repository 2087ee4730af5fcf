using TorchSharp;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>
/// States in fixed point, 23 fraction bits in whole numbers, that are multiplied with factors of 10 fraction bits without losing a bit: what a
/// product forgets goes into a buffer of 64-bit words, one for each unit, and a division takes it back out.
/// </summary>
/// <remarks>MacKay, Vicol, Ba and Grosse 2018, arXiv:1810.10999, section 4, after Maclaurin, Duvenaud and Adams 2015.</remarks>
sealed class FixedPoint(Tensor buffer) : IDisposable
{
    const long Bits = 10, One = 1 << (int)Bits;
    const double Unit = 1 << 23;
    /// <summary>A word takes 10 bits at once, so it is full at 53 of its 63.</summary>
    const long Full = 1L << 53;

    readonly Stack<(long Call, Tensor Buffer)> full = new();
    long calls;

    /// <summary>An empty buffer for values of a shape.</summary>
    public FixedPoint(long[] shape, Device device) : this(zeros(shape, ScalarType.Int64, device).DetachFromDisposeScope()) { }

    /// <summary>The buffer as it is.</summary>
    public Tensor Buffer => buffer;

    /// <summary>The memory of the buffer and of the full ones before it.</summary>
    public long Bytes => (full.Count + 1) * buffer.numel() * sizeof(long) + full.Count * sizeof(long);

    /// <summary>A real number in fixed point, to the nearest, half to even.</summary>
    public static Tensor Of(Tensor value) => value.mul(Unit).round().to(ScalarType.Int64);

    /// <summary>The real number.</summary>
    public static Tensor ToReal(Tensor value, ScalarType dtype) => value.to(dtype).div(Unit);

    /// <summary>A factor in (0, 1], with 10 fraction bits and never 0.</summary>
    public static Tensor Factor(Tensor value) => value.mul(One).round().to(ScalarType.Int64).clamp_min(1);

    /// <summary>h z / 1024, the bits that it forgets being put into the buffer.</summary>
    public Tensor Multiply(Tensor h, Tensor z)
    {
        using var scope = NewDisposeScope();
        if (buffer.ge(Full).any().item<bool>())
        {
            full.Push((calls, buffer.clone().DetachFromDisposeScope()));
            buffer.zero_();
        }
        calls++;
        var low = h.remainder(One);
        var filled = buffer.mul(One).add(low);
        var product = Quotient(h, One).mul(z).add(filled.remainder(z));
        buffer.copy_(Quotient(filled, z));
        return product.MoveToOuterDisposeScope();
    }

    /// <summary>Undoes the last product that has not been undone.</summary>
    public Tensor Divide(Tensor h, Tensor z)
    {
        using var scope = NewDisposeScope();
        var filled = buffer.mul(z).add(h.remainder(z));
        var before = Quotient(h, z).mul(One).add(filled.remainder(One));
        buffer.copy_(Quotient(filled, One));
        calls--;
        if (full.TryPeek(out var last) && last.Call == calls)
        {
            using var kept = full.Pop().Buffer;
            buffer.copy_(kept);
        }
        return before.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        buffer.Dispose();
        foreach (var (_, kept) in full) kept.Dispose();
    }

    /// <summary>Division towards minus infinity.</summary>
    static Tensor Quotient(Tensor a, Scalar b) => a.sub(a.remainder(b)).div(b, RoundingMode.floor);
    static Tensor Quotient(Tensor a, Tensor b) => a.sub(a.remainder(b)).div(b, RoundingMode.floor);

    /// <summary>The golden case <c>fixed-multiply</c>: from h0 [B,H], for each step a product with z [T,B,H] and a sum with add [T,B,H].</summary>
    public static MatrixFunction Function { get; } = new("fixed-multiply",
        [Setting.Integer("hidden", 0, "the number of units, which the tensors say too", min: 0), .. RevGru.Common], (_, given) =>
    {
        Backends.Native.Libtorch.Load();
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

        static Tensor Whole(StoredTensor tensor) => torch_tensor(tensor.ToLongs(), [.. tensor.Shape.Select(side => (long)side)]);
        static StoredTensor Stored(Tensor value) => StoredTensor.I64([.. value.shape.Select(side => (int)side)], value.contiguous().data<long>().ToArray());
        static Tensor torch_tensor(long[] values, long[] shape) => tensor(values, shape);
    });
}
