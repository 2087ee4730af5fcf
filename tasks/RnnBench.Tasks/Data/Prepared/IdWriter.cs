using System.Runtime.InteropServices;

namespace RnnBench.Tasks.Data;

/// <summary>Writes ids for an <see cref="IdFile"/>, with the checksum of each block.</summary>
/// <param name="stream">Where they go; not disposed of here.</param>
sealed class IdWriter(Stream stream)
{
    readonly int[] block = new int[IdFile.BlockBytes / sizeof(int)];
    readonly List<uint> checksums = [];
    int filled;

    /// <summary>How many were written.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(int id)
    {
        block[filled++] = id;
        Count++;
        if (filled == block.Length) Flush();
    }

    /// <summary>Writes what is left; gives the checksums.</summary>
    public IReadOnlyList<uint> End()
    {
        if (filled > 0) Flush();
        return checksums;
    }

    void Flush()
    {
        var bytes = MemoryMarshal.AsBytes(block.AsSpan(0, filled));
        checksums.Add(Checksum.Of(bytes));
        stream.Write(bytes);
        filled = 0;
    }
}
