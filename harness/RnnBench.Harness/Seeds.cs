using System.Security.Cryptography;
using System.Text;

namespace RnnBench.Harness;

/// <summary>
/// The randomness of a run: one root seed, and a stream of its own for every purpose (<c>init</c>, <c>data</c>, <c>dropout</c>, <c>noise</c>,
/// <c>search</c>, each with what is drawn after a slash: <c>data/train/17</c>). A stream depends on the root seed and its name alone, so
/// drawing more from one never moves another, and a resumed run asks for what it would have asked for.
/// </summary>
/// <param name="root">The root seed.</param>
public sealed class Seeds(long root)
{
    /// <summary>The root seed.</summary>
    public long Root { get; } = root;

    /// <summary>A fresh generator for a purpose; the same numbers for the same name and root seed, on every machine.</summary>
    public Random Stream(string name) =>
        new Xoshiro(SHA256.HashData([.. Bytes(Root), .. Encoding.UTF8.GetBytes(name)]));

    static byte[] Bytes(long value)
    {
        var bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
