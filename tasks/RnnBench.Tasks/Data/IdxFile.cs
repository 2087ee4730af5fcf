using System.Buffers.Binary;
using System.Security.Cryptography;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// An idx file of unsigned bytes, as MNIST comes in: big-endian 32-bit numbers, first 0x0800 plus the number of axes, then the length of each
/// axis; then the bytes, the last axis running fastest.
/// </summary>
sealed class IdxFile
{
    const int UnsignedBytes = 0x0800, Word = 4;

    readonly string path;
    readonly byte[] content;
    readonly int header;

    IdxFile(string path, byte[] content, int header) => (this.path, this.content, this.header) = (path, content, header);

    /// <summary>The bytes behind the header.</summary>
    public ReadOnlySpan<byte> Bytes => content.AsSpan(header);

    /// <summary>SHA-256 of the content, unpacked, in small hexadecimal letters.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Reads <paramref name="name"/>, or where that is missing <paramref name="name"/><c>.gz</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name without <c>.gz</c>.</param>
    /// <param name="sizes">The lengths that the axes must have.</param>
    /// <exception cref="UserError">Missing, damaged, of another kind, or of other lengths.</exception>
    public static IdxFile Read(string folder, string name, params int[] sizes)
    {
        var (path, content) = FileBytes.Read(folder, name, FileBytes.ByteAfter);
        var header = Word * (1 + sizes.Length);
        if (content.Length < header) throw new UserError($"{path} is cut off: its header ends at byte {content.Length} of {header}. Fetch the file again.");
        if (Number(0) != UnsignedBytes + sizes.Length) throw new UserError(
            $"{path} is not what its name says: at byte 0 stands the magic number {Number(0)}, not {UnsignedBytes + sizes.Length}. Fetch the file again.");
        foreach (var (axis, size) in sizes.Index())
            if (Number(Word * (1 + axis)) != size) throw new UserError(
                $"{path}, byte {Word * (1 + axis)}: axis {axis} has {Number(Word * (1 + axis))} entries, the published file has {size}. Fetch the original file.");
        var length = header + sizes.Aggregate(1L, (product, size) => product * size);
        if (content.Length != length) throw new UserError(
            $"{path} has {content.Length} bytes where its header asks for {length}: "
            + $"{(content.Length < length ? "it is cut off" : "something follows its last entry")}. Fetch the file again.");
        return new IdxFile(path, content, header);

        int Number(int at) => BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
    }

    /// <summary>Demands that every entry is below a bound.</summary>
    /// <exception cref="UserError">One is not; the message names its place.</exception>
    public void DemandBelow(int bound)
    {
        var at = Bytes.IndexOfAnyExceptInRange((byte)0, (byte)(bound - 1));
        if (at >= 0) throw new UserError($"{path}, byte {header + at}: entry {at} is {Bytes[at]}, at most {bound - 1} is a label. Fetch the file again.");
    }
}
