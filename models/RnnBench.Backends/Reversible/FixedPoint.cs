using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Reversible;

/// <summary>
/// States in fixed point, 23 fraction bits in whole numbers, that are multiplied with factors of 10 fraction bits without losing a bit: what a
/// product forgets goes into a buffer of 64-bit words, one for each unit, and a division takes it back out.
/// </summary>
/// <remarks>MacKay, Vicol, Ba and Grosse 2018, arXiv:1810.10999, section 4, after Maclaurin, Duvenaud and Adams 2015.</remarks>
/// <param name="buffer">The words to begin with, 64-bit integers; disposed of here.</param>
public sealed class FixedPoint(Tensor buffer) : IDisposable
{
    /// <summary>A factor of 1.</summary>
    internal const long One = 1 << 10;
    /// <summary>A word takes 10 bits at once, so it is full at 53 of its 63.</summary>
    const long Full = 1L << 53;

    // Held, because libtorch reads a scalar after the conversion that made it has been forgotten.
    static readonly Scalar unit = (double)(1 << 23), one = One, realOne = (double)One, full = Full, least = 1L;

    readonly Stack<(long Call, Tensor Buffer)> kept = new();
    long calls;

    /// <summary>An empty buffer for values of a shape.</summary>
    public FixedPoint(long[] shape, Device device) : this(zeros(shape, ScalarType.Int64, device).DetachFromDisposeScope()) { }

    /// <summary>The buffer as it is.</summary>
    public Tensor Buffer => buffer;

    /// <summary>How many full buffers are kept.</summary>
    public int FullBuffers => kept.Count;

    /// <summary>The memory of the buffer and of the full ones before it, in bytes.</summary>
    public long Bytes => (kept.Count + 1) * buffer.numel() * sizeof(long) + kept.Count * sizeof(long);

    /// <summary>A real number in fixed point, to the nearest, half to even.</summary>
    public static Tensor Of(Tensor value) => value.mul(unit).round_().to(ScalarType.Int64);

    /// <summary>The real number.</summary>
    public static Tensor ToReal(Tensor value, ScalarType dtype) => value.to(dtype).div_(unit);

    /// <summary>A factor in (0, 1], with 10 fraction bits and never 0.</summary>
    public static Tensor Factor(Tensor value) => value.mul(realOne).round_().to(ScalarType.Int64).clamp_min_(least);

    /// <summary>h z / 1024, the bits that it forgets being put into the buffer.</summary>
    public Tensor Multiply(Tensor h, Tensor z)
    {
        using var scope = NewDisposeScope();
        if (buffer.ge(full).any().item<bool>())
        {
            kept.Push((calls, buffer.clone().DetachFromDisposeScope()));
            buffer.zero_();
        }
        calls++;
        var filled = buffer.mul(one).add_(h.remainder(one));
        var product = Quotient(h, one).mul_(z).add_(filled.remainder(z));
        buffer.copy_(Quotient(filled, z));
        return product.MoveToOuterDisposeScope();
    }

    /// <summary>Undoes the last product that has not been undone.</summary>
    public Tensor Divide(Tensor h, Tensor z)
    {
        using var scope = NewDisposeScope();
        var filled = buffer.mul(z).add_(h.remainder(z));
        var before = Quotient(h, z).mul_(one).add_(filled.remainder(one));
        buffer.copy_(Quotient(filled, one));
        calls--;
        if (kept.TryPeek(out var last) && last.Call == calls)
        {
            using var whole = kept.Pop().Buffer;
            buffer.copy_(whole);
        }
        return before.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        buffer.Dispose();
        foreach (var (_, words) in kept) words.Dispose();
    }

    /// <summary>Division towards minus infinity, exact for 64-bit integers.</summary>
    static Tensor Quotient(Tensor a, Scalar b) => a.div(b, RoundingMode.floor);
    static Tensor Quotient(Tensor a, Tensor b) => a.div(b, RoundingMode.floor);
}
