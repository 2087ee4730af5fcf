using System.Runtime.CompilerServices;

namespace RnnBench.Backends.Cpu;

/// <summary>A sequence of rows, one for each step and batch member.</summary>
/// <param name="Address">The first element of the first row.</param>
/// <param name="Stride">Bytes from one row to the next.</param>
/// <param name="Width">Elements of a row.</param>
readonly record struct Series(long Address, long Stride, int Width);

/// <summary>Where a sum of outer products of the current left series with a right one goes.</summary>
/// <param name="Right">The right series' number.</param>
/// <param name="Address">The result's first element, [left width, right width], rows without gaps.</param>
/// <param name="Overwrite">Whether the first block replaces what is there.</param>
readonly record struct OuterTarget(int Right, long Address, bool Overwrite);

/// <summary>
/// Sums of outer products over long series: C = Σ left ⊗ right. Blocks of both series are packed, the right ones once for all left ones, so that the
/// kernels read side by side what lies a whole row apart. One thread; every sum is made in the order of the series, however rows are dealt.
/// </summary>
/// <param name="unit">The arithmetic unit.</param>
/// <param name="rights">The right series.</param>
/// <param name="rows">The most rows of a result.</param>
/// <param name="scratch">Memory, as much as <see cref="Scratch"/> says.</param>
sealed unsafe class OuterProducts(VectorUnit unit, IReadOnlyList<Series> rights, int rows, long scratch)
{
    /// <summary>Steps of the series in a block: their sums are long enough that C, which comes from afar, counts for little.</summary>
    public const int Depth = 512;
    /// <summary>Tiles of rows that are packed at once; they stay in the second cache.</summary>
    const int Tiles = 8;

    readonly int vectors = MatrixProduct.Vectors(unit, rows);
    readonly long left = scratch + Packed(unit, rights.Sum(r => (long)unit.Pad(r.Width))), edge = scratch + Packed(unit, rights.Sum(r => (long)unit.Pad(r.Width)) + Tiles * unit.Registers);

    /// <summary>Bytes of memory that are needed for right series of these widths.</summary>
    public static long Scratch(VectorUnit unit, IEnumerable<int> widths) =>
        Packed(unit, widths.Sum(width => (long)unit.Pad(width)) + Tiles * unit.Registers) + unit.Registers * unit.Bytes + Fetching.Line;

    static long Packed(VectorUnit unit, long columns) => (columns * Depth * unit.Size + Fetching.Line) / Fetching.Line * Fetching.Line;

    /// <summary>Packs a block of the right series.</summary>
    /// <param name="from">Its first row.</param>
    /// <param name="depth">Its rows, at most <see cref="Depth"/>.</param>
    public void Pack(long from, int depth)
    {
        var target = scratch;
        foreach (var right in rights)
        {
            var wide = unit.Pad(right.Width);
            if (wide != right.Width) Clear(target, wide, depth);
            Packing.Pack(unit, right.Address + from * right.Stride, right.Stride / unit.Size, 1, depth, right.Width, target, new PanelLayout(depth, wide, vectors * unit.Lanes), 0, 0);
            target += (long)wide * Depth * unit.Size;
        }
    }

    /// <summary>Zeroes the last panel, which columns do not fill.</summary>
    void Clear(long packed, int wide, int depth)
    {
        var panel = (wide - 1) / (vectors * unit.Lanes) * vectors * unit.Lanes;
        new Span<byte>((void*)(packed + (long)panel * depth * unit.Size), (wide - panel) * depth * unit.Size).Clear();
    }

    /// <summary>Adds the products of a block to the results' rows.</summary>
    /// <param name="series">The left series.</param>
    /// <param name="first">The first row of the results.</param>
    /// <param name="last">One past the last.</param>
    /// <param name="targets">The results.</param>
    /// <param name="from">The block's first row.</param>
    /// <param name="depth">Its rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(Series series, int first, int last, IReadOnlyList<OuterTarget> targets, long from, int depth)
    {
        if (first == last) return;
        var most = Tiles * Tile.MostRows(unit, vectors);
        for (int row = first, part = 0, parts = (last - first + most - 1) / most; part < parts; part++)
        {
            var (begin, end) = Team.Share(last - first, part, parts);
            var tiles = RowTiles.Of(unit, end - begin, vectors, vectors);
            PackLeft(series.Address + from * series.Stride + (long)row * unit.Size, series.Stride, tiles, depth);
            for (var i = 0; i < targets.Count; i++) Add(tiles, targets[i], row, depth);
            row += end - begin;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void PackLeft(long source, long stride, RowTiles tiles, int depth)
    {
        var target = left;
        for (var tile = 0; tile < tiles.Count; tile++)
        {
            var bytes = tiles[tile].Rows * unit.Size;
            var at = source;
            for (var k = 0; k < depth; k++, at += stride, target += bytes) new ReadOnlySpan<byte>((void*)at, bytes).CopyTo(new Span<byte>((void*)target, bytes));
            source += bytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Add(RowTiles tiles, OuterTarget target, int row, int depth)
    {
        var packed = scratch;
        for (var i = 0; i < target.Right; i++) packed += (long)unit.Pad(rights[i].Width) * Depth * unit.Size;
        var (columns, width) = (rights[target.Right].Width, vectors * unit.Lanes);
        var stride = (long)columns * unit.Size;
        for (var column = 0; column < columns; column += width, packed += (long)width * depth * unit.Size)
        {
            var count = Math.Min(width, columns - column);
            var kernels = RowTiles.Of(unit, tiles.Rows, unit.Pad(count) / unit.Lanes, vectors);
            Panel(kernels, packed, target.Address + row * stride + (long)column * unit.Size, stride, count, depth, target.Overwrite);
        }
    }

    /// <summary>All tiles of a panel. While one is computed, the next one's part of C is on its way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Panel(RowTiles tiles, long packed, long c, long stride, int columns, int depth, bool overwrite)
    {
        var (at, step, whole, bytes) = (left, unit.Pad(columns) * unit.Size, columns % unit.Lanes == 0, columns * unit.Size);
        for (var tile = 0; tile < tiles.Count; tile++)
        {
            var (kernel, rows) = tiles[tile];
            if (!overwrite && tile + 1 < tiles.Count) Fetching.Rows(c + rows * stride, stride, tiles[tile + 1].Rows, bytes);
            if (whole) kernel(at, unit.Size, rows * unit.Size, packed, step, c, stride, depth, overwrite ? 1 : 0);
            else
            {
                // The last register of a row would reach into the next row, which may be another thread's.
                if (!overwrite) Packing.Rows(c, stride, edge, step, rows, bytes);
                kernel(at, unit.Size, rows * unit.Size, packed, step, edge, step, depth, overwrite ? 1 : 0);
                Packing.Rows(edge, step, c, stride, rows, bytes);
            }
            (at, c) = (at + (long)rows * depth * unit.Size, c + rows * stride);
        }
    }
}
