namespace RnnBench.Tasks.Data;

/// <summary>
/// The generator MT19937 (Matsumoto and Nishimura 1998), seeded with one number as NumPy's RandomState(seed) is, and that class's permutation:
/// published permutations are named by such a seed.
/// </summary>
sealed class MersenneTwister
{
    const int Length = 624, Middle = 397;

    readonly uint[] state = new uint[Length];
    int at = Length;

    public MersenneTwister(uint seed)
    {
        state[0] = seed;
        for (var i = 1; i < Length; i++) state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >> 30)) + (uint)i;
    }

    /// <summary>A permutation of 0, 1, ..., count - 1.</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (var i = count - 1; i > 0; i--)
        {
            var j = UpTo((uint)i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    /// <summary>A uniform 32-bit number.</summary>
    public uint Next()
    {
        if (at == Length) Twist();
        var y = state[at++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    /// <summary>Uniform on 0..bound: what the bits of the bound allow is drawn until it is not above it.</summary>
    uint UpTo(uint bound)
    {
        var mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(bound);
        while (true)
            if ((Next() & mask) is var value && value <= bound) return value;
    }

    void Twist()
    {
        for (var i = 0; i < Length; i++)
        {
            var y = (state[i] & 0x80000000) | (state[(i + 1) % Length] & 0x7FFFFFFF);
            state[i] = state[(i + Middle) % Length] ^ (y >> 1) ^ ((y & 1) != 0 ? 0x9908B0DF : 0);
        }
        at = 0;
    }
}
