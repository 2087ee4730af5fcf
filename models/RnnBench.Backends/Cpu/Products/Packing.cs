using System.Numerics;
using System.Runtime.CompilerServices;

namespace RnnBench.Backends.Cpu;

/// <summary>Copies of matrices into the layout that the kernels read. Elements are moved as bits: 4 bytes or 8.</summary>
static unsafe class Packing
{
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
            var column = atColumn + n;
            var panel = column / layout.Width * layout.Width;
            var width = Math.Min(layout.Width, layout.Columns - panel);
            var count = Math.Min(columns - n, panel + width - column);
            var to = target + (long)panel * layout.Depth + (long)atDepth * width + (column - panel);
            var from = source + n * columnStride;
            if (columnStride == 1)
                for (var k = 0; k < depth; k++, to += width, from += depthStride) new ReadOnlySpan<T>(from, count).CopyTo(new Span<T>(to, count));
            else
                for (var k = 0; k < depth; k++, to += width, from += depthStride)
                    for (var i = 0; i < count; i++) to[i] = from[i * columnStride];
            n += count;
        }
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
readonly record struct PanelLayout(int Depth, int Columns, int Width);
