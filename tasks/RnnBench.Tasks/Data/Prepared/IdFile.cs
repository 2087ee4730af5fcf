using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Ids in a memory-mapped file of 32-bit numbers. It is mapped block by block; a block is checked when it is mapped, and the longest unused one is given
/// back when there are many, so that a file of any length takes little memory and no damaged block is believed.
/// </summary>
sealed unsafe class IdFile : TokenIds, IDisposable
{
    /// <summary>Bytes of a block, the unit of the checksums.</summary>
    public const int BlockBytes = 1 << 18;

    const int MostBlocks = 512, BlockIds = BlockBytes / sizeof(int);

    readonly string path;
    readonly IReadOnlyList<uint> checksums;
    readonly MemoryMappedFile? map;
    readonly Dictionary<int, (MemoryMappedViewAccessor View, LinkedListNode<int> Place)> blocks = [];
    readonly LinkedList<int> byUse = new();
    readonly Lock gate = new();

    /// <param name="path">The file.</param>
    /// <param name="count">How many ids it must hold.</param>
    /// <param name="checksums">Of each block.</param>
    public IdFile(string path, int count, IReadOnlyList<uint> checksums)
    {
        (this.path, Count, this.checksums) = (path, count, checksums);
        if (count > 0) map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    /// <exception cref="UserError">A block is damaged.</exception>
    public override void Read(int at, Span<int> into)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at + (long)into.Length, Count);
        lock (gate)
            while (into.Length > 0)
            {
                var (block, place) = Math.DivRem(at, BlockIds);
                var count = Math.Min(into.Length, BlockIds - place);
                Ids(block).Slice(place, count).CopyTo(into);
                at += count;
                into = into[count..];
            }
    }

    /// <summary>Checks every block.</summary>
    /// <exception cref="UserError">One is damaged.</exception>
    public void CheckAll()
    {
        lock (gate)
            for (var block = 0; block < checksums.Count; block++) Ids(block);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (view, _) in blocks.Values) view.Dispose();
        map?.Dispose();
    }

    ReadOnlySpan<int> Ids(int block)
    {
        var bytes = (int)Math.Min(BlockBytes, (long)Count * sizeof(int) - (long)block * BlockBytes);
        if (blocks.TryGetValue(block, out var known))
        {
            byUse.Remove(known.Place);
            byUse.AddLast(known.Place);
            return Of(known.View, bytes);
        }
        var view = map!.CreateViewAccessor((long)block * BlockBytes, bytes, MemoryMappedFileAccess.Read);
        var ids = Of(view, bytes);
        if (Checksum.Of(MemoryMarshal.AsBytes(ids)) != checksums[block])
        {
            view.Dispose();
            throw new UserError($"{path}, byte {(long)block * BlockBytes}: this prepared file is damaged from here on.\nDelete it: the same command then prepares it again.");
        }
        if (blocks.Count == MostBlocks)
        {
            blocks.Remove(byUse.First!.Value, out var oldest);
            oldest.View.Dispose();
            byUse.RemoveFirst();
        }
        blocks[block] = (view, byUse.AddLast(block));
        return ids;
    }

    static ReadOnlySpan<int> Of(MemoryMappedViewAccessor view, int bytes)
    {
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return new ReadOnlySpan<int>(start + view.PointerOffset, bytes / sizeof(int));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();              // the view stays mapped until it is disposed of, under the same lock
        }
    }
}
