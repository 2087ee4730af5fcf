using System.Runtime.CompilerServices;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// The left side of a product, [rows, depth]: element (r, k) lies at <paramref name="Address"/> + r·stride + k·size, or, transposed, at
/// address + r·size + k·stride.
/// </summary>
/// <param name="Address">The first element.</param>
/// <param name="Stride">In bytes.</param>
/// <param name="Transposed">Whether rows, not depth, lie side by side.</param>
readonly record struct Left(long Address, long Stride, bool Transposed = false);

/// <summary>
/// The right side of a product, [depth, columns], in panels of <paramref name="Vectors"/> registers of columns: packed, each panel [depth, its columns]
/// for itself, or a plain matrix.
/// </summary>
/// <param name="Address">The first element.</param>
/// <param name="Vectors">Registers in a panel.</param>
/// <param name="Stride">In bytes from one step of depth to the next; 0 where packed.</param>
/// <param name="Depth">Where packed: the depth of the whole packed matrix.</param>
readonly record struct Right(long Address, int Vectors, long Stride, int Depth = 0);

/// <summary>Products of matrices whose rows of C and depth are arbitrary and whose columns are whole registers. One thread.</summary>
static class MatrixProduct
{
    /// <summary>Bytes of A that are multiplied with one panel of B after the other: they stay in the second cache.</summary>
    const int Block = 1 << 19;

    /// <summary>C += A B, or C = A B.</summary>
    /// <param name="unit">The arithmetic unit.</param>
    /// <param name="a">A, [rows, depth].</param>
    /// <param name="b">B, [depth, columns].</param>
    /// <param name="c">C's first element.</param>
    /// <param name="cStride">Bytes from one row of C to the next.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="first">The first register of columns.</param>
    /// <param name="last">One past the last register of columns; <paramref name="first"/> begins a panel.</param>
    /// <param name="total">Registers of columns in all of B.</param>
    /// <param name="overwrite">C = A B rather than C += A B.</param>
    /// <param name="descending">
    /// Whether the last panel is the first. A product that is taken again and again with panels that do not all fit into a cache finds those there
    /// that it used last, if it turns back each time; the result is the same.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(VectorUnit unit, Left a, Right b, long c, long cStride, int rows, int depth, int first, int last, int total, bool overwrite, bool descending = false)
    {
        var most = Math.Max(4 * Tile.MostRows(unit, b.Vectors), Block / Math.Max(1, depth * unit.Size));
        for (int row = 0, parts = (rows + most - 1) / most, part = 0; part < parts; part++)
        {
            var count = Team.Share(rows, part, parts) is var (from, to) ? to - from : 0;
            Rows(unit, a with { Address = a.Address + row * (a.Transposed ? unit.Size : a.Stride) }, b, c + row * cStride, cStride, count, depth, first, last, total, overwrite, descending);
            row += count;
        }
    }

    /// <summary>As many rows of A as the second cache holds beside a panel of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Rows(VectorUnit unit, Left a, Right b, long c, long cStride, int rows, int depth, int first, int last, int total, bool overwrite, bool descending)
    {
        if (rows == 0 || last <= first) return;
        var (large, small) = (RowTiles.Of(unit, rows, b.Vectors, b.Vectors), default(RowTiles));
        for (int panels = (last - first + b.Vectors - 1) / b.Vectors, i = 0; i < panels; i++)
        {
            var column = first + (descending ? panels - 1 - i : i) * b.Vectors;
            var vectors = Math.Min(b.Vectors, total - column);
            var tiles = vectors == b.Vectors ? large : small ??= RowTiles.Of(unit, rows, vectors, vectors);
            var panel = b.Address + (long)column * unit.Bytes * (b.Stride == 0 ? b.Depth : 1);
            var stride = b.Stride == 0 ? vectors * unit.Bytes : b.Stride;
            tiles.Run(a, panel, stride, c + column * unit.Bytes, cStride, depth, overwrite);
        }
    }

    /// <summary>
    /// How many registers of columns a panel should have for a number of rows: few rows need many columns to keep the adders busy; up to two tall
    /// tiles read B, which may come from afar, the fewest times; of more, tiles that are nearly square need the fewest loads for each multiplication,
    /// which counts where cores share their front end.
    /// </summary>
    public static int Vectors(VectorUnit unit, int rows) => (unit.Registers, rows) switch
    {
        (32, 1)        => 8,
        (32, 2)        => 6,
        (32, <= 6)     => 4,
        (32, <= 9)     => 3,
        (32, <= 14)    => 2,
        (32, <= 18)    => 3,
        (32, <= 28)    => 2,
        (32, _)        => 3,
        (_, 1)         => 6,
        (_, 2)         => 4,
        _              => 2,
    };
}

/// <summary>Rows in tiles of at most two sizes that differ by one, and the kernels for a panel of columns.</summary>
sealed class RowTiles
{
    readonly TileKernel large, small;
    readonly int size, count;                           // count tiles of size + 1 rows, the remaining ones of size rows
    readonly int bytes;                                 // of a row of a tile
    readonly VectorUnit unit;

    [ThreadStatic] static Dictionary<(VectorUnit, int, int, int), RowTiles>? known;

    RowTiles(VectorUnit unit, int rows, int vectors, int tall)
    {
        var most = Tile.MostRows(unit, tall);
        Count = (rows + most - 1) / most;
        bytes = vectors * unit.Bytes;
        (this.unit, Rows, size, count) = (unit, rows, rows / Count, rows % Count);
        small = Tile.Kernel(new Tile(unit, size, vectors));
        large = count == 0 ? small : Tile.Kernel(new Tile(unit, size + 1, vectors));
    }

    /// <summary>The rows.</summary>
    public int Rows { get; }
    /// <summary>How many tiles.</summary>
    public int Count { get; }

    /// <summary>The tiles of some rows.</summary>
    /// <param name="unit">The arithmetic unit.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="vectors">Registers of columns.</param>
    /// <param name="tall">Registers of columns that the height of the tiles is for: where a narrow panel reads rows that were packed for wider ones.</param>
    public static RowTiles Of(VectorUnit unit, int rows, int vectors, int tall)
    {
        known ??= [];
        return known.TryGetValue((unit, rows, vectors, tall), out var kernels) ? kernels : known[(unit, rows, vectors, tall)] = new RowTiles(unit, rows, vectors, tall);
    }

    /// <summary>The kernel of a tile and its rows.</summary>
    public (TileKernel Kernel, int Rows) this[int tile] => tile < count ? (large, size + 1) : (small, size);

    /// <summary>All tiles of a panel. While one is computed, what the next one is added to is on its way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(Left a, long panel, long stride, long c, long cStride, int depth, bool overwrite)
    {
        var (at, down, along) = a.Transposed ? (a.Address, (long)unit.Size, a.Stride) : (a.Address, a.Stride, unit.Size);
        for (var tile = 0; tile < Count; tile++)
        {
            var (kernel, height) = this[tile];
            if (!overwrite && tile + 1 < Count) Fetching.Rows(c + height * cStride, cStride, this[tile + 1].Rows, bytes);
            kernel(at, down, along, panel, stride, c, cStride, depth, overwrite ? 1 : 0);
            (at, c) = (at + height * down, c + height * cStride);
        }
    }
}
