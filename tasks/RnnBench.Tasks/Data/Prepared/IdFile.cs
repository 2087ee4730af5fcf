using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Ids in a memory-mapped file of 32-bit numbers. It is mapped block by block; a block is checked when it is mapped, and the longest unused one is
/// given back when there are many, so that a file of any length takes little memory and no damaged block is believed: the file is made again.
/// </summary>
sealed unsafe class IdFile : TokenIds, IDisposable
{
    /// <summary>Bytes of a block, the unit of the checksums.</summary>
    public const int BlockBytes = 1 << 16;

    const int MostBlocks = 512, BlockIds = BlockBytes / sizeof(int);

    readonly string path;
    readonly IReadOnlyList<uint> checksums;
    readonly Action? makeAgain;
    readonly Dictionary<int, (MemoryMappedViewAccessor View, LinkedListNode<int> Place)> blocks = [];
    readonly LinkedList<int> byUse = new();
    readonly Lock gate = new();
    FileStream? file;
    MemoryMappedFile? map;

    /// <param name="path">The file.</param>
    /// <param name="count">How many ids it must hold.</param>
    /// <param name="checksums">Of each block.</param>
    /// <param name="makeAgain">Puts a file with the same ids at the same path, where a block is damaged; null where that is an error.</param>
    public IdFile(string path, int count, IReadOnlyList<uint> checksums, Action? makeAgain = null)
    {
        (this.path, Count, this.checksums, this.makeAgain) = (path, count, checksums, makeAgain);
        Map();
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
    public void Dispose() => Unmap();

    /// <summary>The ids of a block, valid until the next call; the gate is held.</summary>
    ReadOnlySpan<int> Ids(int block)
    {
        if (blocks.TryGetValue(block, out var known))
        {
            byUse.Remove(known.Place);
            byUse.AddLast(known.Place);
        }
        else
        {
            if (!Add(block) && !(MadeAgain() && Add(block))) throw new UserError(
                $"{path}, byte {(long)block * BlockBytes}: this prepared file is damaged from here on.\nDelete it: the same command then prepares it again.");
        }
        return Of(blocks[block].View, Bytes(block));
    }

    bool MadeAgain()
    {
        if (makeAgain is null) return false;
        Unmap();
        makeAgain();
        Map();
        return true;
    }

    /// <summary>Maps a block, if it is whole.</summary>
    bool Add(int block)
    {
        // A view that reaches beyond the file's end would end the process when it is read.
        if (RandomAccess.GetLength(file!.SafeFileHandle) < (long)block * BlockBytes + Bytes(block)) return false;
        var view = map!.CreateViewAccessor((long)block * BlockBytes, Bytes(block), MemoryMappedFileAccess.Read);
        if (Checksum.Of(MemoryMarshal.AsBytes(Of(view, Bytes(block)))) != checksums[block])
        {
            view.Dispose();
            return false;
        }
        if (blocks.Count == MostBlocks)
        {
            blocks.Remove(byUse.First!.Value, out var oldest);
            oldest.View.Dispose();
            byUse.RemoveFirst();
        }
        blocks[block] = (view, byUse.AddLast(block));
        return true;
    }

    int Bytes(int block) => (int)Math.Min(BlockBytes, (long)Count * sizeof(int) - (long)block * BlockBytes);

    void Map()
    {
        if (Count == 0) return;
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        if (file.Length > 0) map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
    }

    void Unmap()
    {
        foreach (var (view, _) in blocks.Values) view.Dispose();
        blocks.Clear();
        byUse.Clear();
        map?.Dispose();
        file?.Dispose();
        (map, file) = (null, null);
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
