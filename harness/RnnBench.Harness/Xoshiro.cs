using System.Buffers.Binary;
using System.Numerics;

namespace RnnBench.Harness;

/// <summary>
/// xoshiro256** (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4)). All of its numbers are defined
/// here and none by the runtime, so that they never change.
/// </summary>
sealed class Xoshiro : Random
{
    ulong s0, s1, s2, s3;

    /// <param name="state">32 bytes, four little-endian words, not all of them zero.</param>
    public Xoshiro(ReadOnlySpan<byte> state)
    {
        s0 = BinaryPrimitives.ReadUInt64LittleEndian(state);
        s1 = BinaryPrimitives.ReadUInt64LittleEndian(state[8..]);
        s2 = BinaryPrimitives.ReadUInt64LittleEndian(state[16..]);
        s3 = BinaryPrimitives.ReadUInt64LittleEndian(state[24..]);
        if ((s0 | s1 | s2 | s3) == 0) throw new ArgumentException("xoshiro256** cannot start from zeros", nameof(state));
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Bits()
    {
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var shifted = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>Uniform on 0 .. bound-1: the high word of a product, drawn again where that would favour some (Lemire 2019, algorithm 5).</summary>
    ulong Below(ulong bound)
    {
        var high = Math.BigMul(Bits(), bound, out var low);
        if (low < bound)
            for (var unfair = (0 - bound) % bound; low < unfair;) high = Math.BigMul(Bits(), bound, out low);
        return high;
    }

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return maxValue <= 1 ? 0 : (int)Below((ulong)maxValue);
    }

    public override int Next(int minValue, int maxValue) => (int)NextInt64(minValue, maxValue);

    public override long NextInt64() => NextInt64(long.MaxValue);

    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        var range = (ulong)(maxValue - minValue);
        return range <= 1 ? minValue : minValue + (long)Below(range);
    }

    /// <summary>53 bits, uniform on [0, 1).</summary>
    public override double NextDouble() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>24 bits, uniform on [0, 1).</summary>
    public override float NextSingle() => (Bits() >> 40) * (1.0f / (1U << 24));

    protected override double Sample() => NextDouble();

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override void NextBytes(Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[8];
        while (buffer.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Bits());
            var taken = Math.Min(8, buffer.Length);
            word[..taken].CopyTo(buffer);
            buffer = buffer[taken..];
        }
    }
}
