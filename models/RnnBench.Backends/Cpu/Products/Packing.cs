using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RnnBench.Backends.Cpu;

/// <summary>Copies of matrices into the layout that the kernels read. Elements are moved as bits: 4 bytes or 8.</summary>
static unsafe class Packing
{
    /// <summary>Rows that are fetched before they are copied.</summary>
    const int Ahead = 16;
    /// <summary>Steps of depth that are transposed together.</summary>
    const int Chunk = 64;

    /// <summary>
    /// Copies a matrix [depth, columns] into panels. Element (k, n) of the source lies at source + (k·depthStride + n·columnStride) elements.
    /// </summary>
    /// <param name="unit">The arithmetic unit.</param>
    /// <param name="source">The first element.</param>
    /// <param name="depthStride">In elements.</param>
    /// <param name="columnStride">In elements.</param>
    /// <param name="depth">How many steps of depth are copied.</param>
    /// <param name="columns">How many columns are copied.</param>
    /// <param name="target">The packed matrix.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="atDepth">The step of depth in the packed matrix at which the copy begins.</param>
    /// <param name="atColumn">The column at which it begins.</param>
    public static void Pack(VectorUnit unit, long source, long depthStride, long columnStride, int depth, int columns, long target, PanelLayout layout, int atDepth, int atColumn)
    {
        if (unit.Size == sizeof(uint)) Pack((uint*)source, depthStride, columnStride, depth, columns, (uint*)target, layout, atDepth, atColumn);
        else Pack((ulong*)source, depthStride, columnStride, depth, columns, (ulong*)target, layout, atDepth, atColumn);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Pack<T>(T* source, long depthStride, long columnStride, int depth, int columns, T* target, PanelLayout layout, int atDepth, int atColumn) where T : unmanaged
    {
        for (var n = 0; n < columns;)
        {
            var (offset, width, room) = layout.At(atColumn + n);
            var count = Math.Min(columns - n, room);
            var to = target + offset + (long)atDepth * width;
            var from = source + n * columnStride;
            if (columnStride == 1)
                for (var k = 0; k < depth; k++, to += width, from += depthStride)
                {
                    // A row is on a page of its own where the matrix is large; the next ones are on their way while this one is copied.
                    Fetching.Bytes((long)(from + Ahead * depthStride), count * sizeof(T));
                    Copy((byte*)from, (byte*)to, count * sizeof(T));
                }
            else if (depthStride == 1) Transpose(from, columnStride, depth, count, to, width);
            else
                for (var k = 0; k < depth; k++, to += width, from += depthStride)
                    for (var i = 0; i < count; i++) to[i] = from[i * columnStride];
            n += count;
        }
    }

    /// <summary>Sets some columns of a packed matrix to zero.</summary>
    public static void Clear(VectorUnit unit, long target, PanelLayout layout, int first, int last)
    {
        for (var column = first; column < last;)
        {
            var (offset, width, room) = layout.At(column);
            var count = Math.Min(last - column, room);
            for (var k = 0; k < layout.Depth; k++) new Span<byte>((void*)(target + (offset + (long)k * width) * unit.Size), count * unit.Size).Clear();
            column += count;
        }
    }

    /// <summary>
    /// Writes the rows of one matrix as the columns of another, in squares that fit the smallest registers where the machine can; some steps of depth of
    /// all columns at a time, so that what is written is in the first cache until its lines are full.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Transpose<T>(T* source, long sourceStride, int depth, int columns, T* target, int targetStride) where T : unmanaged
    {
        var side = !Sse2.IsSupported ? 1 : sizeof(T) == sizeof(uint) ? 4 : 2;
        var (wholeDepth, wholeColumns) = side == 1 ? (0, 0) : (depth / side * side, columns / side * side);
        for (var start = 0; start < wholeDepth; start += Chunk)
            for (var n = 0; n < wholeColumns; n += side)
            {
                T* from = source + n * sourceStride, to = target + (long)start * targetStride + n;
                for (var k = start; k < Math.Min(start + Chunk, wholeDepth); k += side, to += (long)side * targetStride)
                {
                    if (sizeof(T) == sizeof(uint)) Square((uint*)(from + k), sourceStride, (uint*)to, targetStride);
                    else Square((ulong*)(from + k), sourceStride, (ulong*)to, targetStride);
                }
            }
        for (var k = 0; k < depth; k++)
            for (var n = k < wholeDepth ? wholeColumns : 0; n < columns; n++) target[(long)k * targetStride + n] = source[n * sourceStride + k];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Square(uint* from, long fromStride, uint* to, long toStride)
    {
        var (a, b, c, d) = (Vector128.Load(from), Vector128.Load(from + fromStride), Vector128.Load(from + 2 * fromStride), Vector128.Load(from + 3 * fromStride));
        var (ab, cd) = (Sse2.UnpackLow(a, b).AsUInt64(), Sse2.UnpackLow(c, d).AsUInt64());
        Sse2.UnpackLow(ab, cd).AsUInt32().Store(to);
        Sse2.UnpackHigh(ab, cd).AsUInt32().Store(to + toStride);
        (ab, cd) = (Sse2.UnpackHigh(a, b).AsUInt64(), Sse2.UnpackHigh(c, d).AsUInt64());
        Sse2.UnpackLow(ab, cd).AsUInt32().Store(to + 2 * toStride);
        Sse2.UnpackHigh(ab, cd).AsUInt32().Store(to + 3 * toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Square(ulong* from, long fromStride, ulong* to, long toStride)
    {
        var (a, b) = (Vector128.Load(from), Vector128.Load(from + fromStride));
        Sse2.UnpackLow(a, b).Store(to);
        Sse2.UnpackHigh(a, b).Store(to + toStride);
    }

    /// <summary>Copies a few bytes, those at the end maybe twice: no call and no loop over single elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* from, byte* to, int bytes)
    {
        var at = 0;
        for (; at <= bytes - 64; at += 64) Vector512.Load(from + at).Store(to + at);
        for (; at <= bytes - 16; at += 16) Vector128.Load(from + at).Store(to + at);
        if (at == bytes) return;
        if (bytes >= 16) Vector128.Load(from + bytes - 16).Store(to + bytes - 16);
        else for (; at < bytes; at += 4) *(uint*)(to + at) = *(uint*)(from + at);
    }

    /// <summary>Adds rows of elements to others; strides in bytes.</summary>
    public static void Add(VectorUnit unit, long source, long sourceStride, long target, long targetStride, int rows, int columns)
    {
        for (var row = 0; row < rows; row++, source += sourceStride, target += targetStride)
        {
            if (unit.Size == sizeof(float)) Add((float*)source, (float*)target, columns);
            else Add((double*)source, (double*)target, columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Add<T>(T* source, T* target, int count) where T : unmanaged, IAdditionOperators<T, T, T>
    {
        var i = 0;
        for (; i + Vector<T>.Count <= count; i += Vector<T>.Count) (Vector.Load(target + i) + Vector.Load(source + i)).Store(target + i);
        for (; i < count; i++) target[i] += source[i];
    }

    /// <summary>Copies rows between matrices of different strides (in bytes), zeroing what the target's rows have beyond the source's where asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(long source, long sourceStride, long target, long targetStride, int rows, long bytes, long zero = 0)
    {
        for (var row = 0; row < rows; row++, source += sourceStride, target += targetStride)
        {
            Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);
            if (zero > 0) new Span<byte>((void*)(target + bytes), (int)zero).Clear();
        }
    }
}

/// <summary>A packed matrix: panels of <paramref name="Width"/> columns, the last maybe narrower, each [depth, its columns].</summary>
/// <param name="Depth">The depth.</param>
/// <param name="Columns">All columns, whole registers.</param>
/// <param name="Width">Columns of a panel.</param>
readonly record struct PanelLayout(int Depth, int Columns, int Width)
{
    /// <summary>Where a column begins, in elements; the columns of its panel; and how many of them, from this one on, lie side by side.</summary>
    public (long Offset, int Width, int Room) At(int column)
    {
        var panel = column / Width * Width;
        var width = Math.Min(Width, Columns - panel);
        return ((long)panel * Depth + column - panel, width, panel + width - column);
    }
}
