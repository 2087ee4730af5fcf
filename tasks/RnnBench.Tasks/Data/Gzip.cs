using System.Buffers.Binary;
using System.IO.Compression;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Unpacking that notices damage. <see cref="GZipStream"/> ends without a word where a file was cut off, so the trailer (RFC 1952, section
/// 2.3.1: CRC-32 and length of what was packed) is checked here. A file of several members is taken for damaged.
/// </summary>
static class Gzip
{
    const int Trailer = 8;

    static readonly uint[] table = [.. Enumerable.Range(0, 256).Select(n =>
    {
        var c = (uint)n;
        for (var bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
        return c;
    })];

    public static bool IsGzip(ReadOnlySpan<byte> packed) => packed is [0x1F, 0x8B, ..];

    /// <returns>What could be unpacked, and whether that is all of it, unharmed.</returns>
    public static (byte[] Bytes, bool Whole) Unpack(byte[] packed)
    {
        var unpacked = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            gzip.CopyTo(unpacked);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return (unpacked.ToArray(), false);
        }
        var bytes = unpacked.ToArray();
        return (bytes, packed.Length > Trailer && Agrees(packed.AsSpan(packed.Length - Trailer), bytes));
    }

    static bool Agrees(ReadOnlySpan<byte> trailer, byte[] bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(trailer) == Crc32(bytes)
        && BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == (uint)bytes.Length;

    static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = table[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }
}
