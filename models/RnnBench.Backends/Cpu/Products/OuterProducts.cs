using System.Runtime.CompilerServices;

namespace RnnBench.Backends.Cpu;

/// <summary>A sequence of rows, one for each step and batch member.</summary>
/// <param name="Address">The first element of the first row.</param>
/// <param name="Stride">Bytes from one row to the next.</param>
/// <param name="Width">Elements of a row.</param>
/// <param name="Close">Whether there is no room for a whole register behind the last row.</param>
readonly record struct Series(long Address, long Stride, int Width, bool Close = false);

/// <summary>Where a sum of outer products of the current left series with a right one goes.</summary>
/// <param name="Right">The right series' number.</param>
/// <param name="Offset">Where among the results its first element lies, in bytes; [left width, right width], rows without gaps.</param>
/// <param name="Overwrite">Whether the first block replaces what is there.</param>
readonly record struct OuterTarget(int Right, long Offset, bool Overwrite);

/// <summary>
/// Sums of outer products over long series: C = Σ left ⊗ right. Blocks of the left series are packed, and of the right ones where rows are long, once for
/// all left ones, so that the kernels read side by side what lies a whole row apart. One thread; every sum is made in the order of the series, however rows are dealt.
/// </summary>
/// <param name="unit">The arithmetic unit.</param>
/// <param name="rights">The right series.</param>
/// <param name="rows">The most rows of a result.</param>
/// <param name="results">Where the results lie.</param>
/// <param name="scratch">Memory, as much as <see cref="Scratch"/> says.</param>
sealed unsafe class OuterProducts(VectorUnit unit, Series[] rights, int rows, long results, long scratch)
{
    /// <summary>Steps of the series in a block: their sums are long enough that C, which comes from afar, counts for little.</summary>
    public const int Depth = 768;
    /// <summary>Tiles of rows that are packed at once; they stay in the second cache.</summary>
    const int Tiles = 8;

    // Tall tiles read the right side, which may come from afar, fewer times; the left one is packed anyway.
    readonly int vectors = rows > 12 ? 2 : MatrixProduct.Vectors(unit, rows);
    readonly long left = At(unit, rights, rights.Length, scratch), edge = At(unit, rights, rights.Length, scratch) + Packed(unit, Tiles * unit.Registers);

    long packed = -1;                                                   // the first row of the block that is packed

    /// <summary>Bytes of memory that are needed for right series of these widths.</summary>
    public static long Scratch(VectorUnit unit, IEnumerable<int> widths) =>
        widths.Append(Tiles * unit.Registers).Sum(width => Packed(unit, width)) + unit.Registers * unit.Bytes;

    /// <summary>Bytes that a block of a series takes when it is packed in whole registers or less, each piece with a cache line behind it.</summary>
    static long Packed(VectorUnit unit, int width) => unit.Pad(width) * (Depth * (long)unit.Size + 2 * Fetching.Line);

    /// <summary>Where the packed block of a right series begins.</summary>
    static long At(VectorUnit unit, Series[] rights, int right, long scratch)
    {
        for (var i = 0; i < right; i++) scratch += Packed(unit, rights[i].Width);
        return scratch;
    }

    /// <summary>Bytes from one packed piece to the next: not a power of two apart, where they would crowd a few sets of the cache.</summary>
    static long Piece(int bytes, int depth) => ((long)bytes * depth / Fetching.Line + 2) * Fetching.Line;

    /// <summary>Whether a block's rows are spread over so many pages that packing them pays.</summary>
    static bool Far(Series right) => right.Stride > 1088;

    /// <summary>Whether the columns of a panel are packed.</summary>
    bool IsPacked(Series right, int columns) => Far(right) || right.Close && columns < vectors * unit.Lanes;

    /// <summary>Packs a block of the right series, or of what must not be read beyond its end the last columns, unless it was the last one packed.</summary>
    /// <param name="from">Its first row.</param>
    /// <param name="depth">Its rows, at most <see cref="Depth"/>.</param>
    public void Pack(long from, int depth)
    {
        if (packed == from) return;
        packed = from;
        var target = scratch;
        foreach (var right in rights)
        {
            var (whole, rest, width) = (right.Width / (vectors * unit.Lanes), right.Width % (vectors * unit.Lanes), vectors * unit.Bytes);
            var source = right.Address + from * right.Stride;
            if (Far(right)) Pieces(source, right.Stride, depth, width, whole, target, width);
            if (rest > 0 && IsPacked(right, rest)) Pieces(source + (long)whole * width, right.Stride, depth, rest * unit.Size, 1, target + whole * Piece(width, depth), unit.Pad(rest) * unit.Size);
            target += Packed(unit, right.Width);
        }
    }

    /// <summary>Copies rows in pieces: each piece of all rows lies side by side. What a piece has beyond its bytes is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Pieces(long source, long stride, int depth, int bytes, int count, long target, int wide)
    {
        const int ahead = 8;                                            // rows that are fetched before they are read: each may be on a page of its own
        var next = Piece(wide, depth);
        for (var k = 0; k < depth; k++, source += stride, target += wide)
        {
            if (k + ahead < depth) Fetching.Bytes(source + ahead * stride, bytes * count);
            var (from, to) = (source, target);
            for (var piece = 0; piece < count; piece++, from += bytes, to += next) Packing.Copy((byte*)from, (byte*)to, bytes);
            if (wide > bytes) new Span<byte>((void*)(target + bytes), wide - bytes).Clear();
        }
    }

    /// <summary>Adds the products of a block to the results' rows.</summary>
    /// <param name="series">The left series.</param>
    /// <param name="first">The first row of the results.</param>
    /// <param name="last">One past the last.</param>
    /// <param name="targets">The results.</param>
    /// <param name="from">The block's first row.</param>
    /// <param name="depth">Its rows.</param>
    public void Add(Series series, int first, int last, IReadOnlyList<OuterTarget> targets, long from, int depth)
    {
        if (first == last) return;
        var most = Tiles * Tile.MostRows(unit, vectors);
        for (int row = first, part = 0, parts = (last - first + most - 1) / most; part < parts; part++)
        {
            var (begin, end) = Team.Share(last - first, part, parts);
            var tiles = RowTiles.Of(unit, end - begin, vectors, vectors);
            PackLeft(series.Address + from * series.Stride + (long)row * unit.Size, series.Stride, tiles, depth);
            for (var i = 0; i < targets.Count; i++) Add(tiles, targets[i], row, from, depth);
            row += end - begin;
        }
    }

    void PackLeft(long source, long stride, RowTiles tiles, int depth)
    {
        var (tall, low) = (tiles[0].Rows * unit.Size, tiles[tiles.Count - 1].Rows * unit.Size);
        var count = tall == low ? 0 : tiles.Rows % tiles.Count;
        if (count > 0) Pieces(source, stride, depth, tall, count, left, tall);
        Pieces(source + (long)count * tall, stride, depth, low, tiles.Count - count, left + count * Piece(tall, depth), low);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Add(RowTiles tiles, OuterTarget target, int row, long from, int depth)
    {
        var right = rights[target.Right];
        var (block, copies, next) = (right.Address + from * right.Stride, At(unit, rights, target.Right, scratch), Piece(vectors * unit.Bytes, depth));
        var (width, stride) = (vectors * unit.Lanes, (long)right.Width * unit.Size);
        for (var column = 0; column < right.Width; column += width, copies += next)
        {
            var count = Math.Min(width, right.Width - column);
            var kernels = RowTiles.Of(unit, tiles.Rows, unit.Pad(count) / unit.Lanes, vectors);
            var (panel, step) = IsPacked(right, count) ? (copies, unit.Pad(count) * unit.Size) : (block + (long)column * unit.Size, right.Stride);
            Panel(kernels, panel, step, results + target.Offset + row * stride + (long)column * unit.Size, stride, count, depth, target.Overwrite && from == 0);
        }
    }

    /// <summary>All tiles of a panel. While one is computed, the next one's part of C is on its way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Panel(RowTiles tiles, long right, long rightStep, long c, long stride, int columns, int depth, bool overwrite)
    {
        var (at, step, whole, bytes) = (left, unit.Pad(columns) * unit.Size, columns % unit.Lanes == 0, columns * unit.Size);
        for (var tile = 0; tile < tiles.Count; tile++)
        {
            var (kernel, rows) = tiles[tile];
            if (!overwrite && tile + 1 < tiles.Count) Fetching.Rows(c + rows * stride, stride, tiles[tile + 1].Rows, bytes);
            if (whole) kernel(at, unit.Size, rows * unit.Size, right, rightStep, c, stride, depth, overwrite ? 1 : 0);
            else
            {
                // The last register of a row would reach into the next row, which may be another thread's.
                if (!overwrite) Packing.Rows(c, stride, edge, step, rows, bytes);
                kernel(at, unit.Size, rows * unit.Size, right, rightStep, edge, step, depth, overwrite ? 1 : 0);
                Packing.Rows(edge, step, c, stride, rows, bytes);
            }
            (at, c) = (at + Piece(rows * unit.Size, depth), c + rows * stride);
        }
    }
}
