using System.Numerics;
using System.Runtime.InteropServices;

namespace RnnBench.Tasks.Data;

/// <summary>CRC-32C (Castagnoli), which processors have an instruction for: it finds damage, not malice.</summary>
static class Checksum
{
    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(bytes.Length / sizeof(ulong) * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
