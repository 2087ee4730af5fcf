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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(VectorUnit unit, Left a, Right b, long c, long cStride, int rows, int depth, int first, int last, int total, bool overwrite)
    {
        if (rows == 0 || last <= first) return;
        var (large, small) = (PanelKernels.Of(unit, rows, b.Vectors, a.Transposed, overwrite), default(PanelKernels));
        for (var column = first; column < last; column += b.Vectors)
        {
            var vectors = Math.Min(b.Vectors, total - column);
            var kernels = vectors == b.Vectors ? large : small ??= PanelKernels.Of(unit, rows, vectors, a.Transposed, overwrite);
            var panel = b.Address + (long)column * unit.Bytes * (b.Stride == 0 ? b.Depth : 1);
            var stride = b.Stride == 0 ? vectors * unit.Bytes : b.Stride;
            kernels.Run(a, panel, stride, c + column * unit.Bytes, cStride, depth);
        }
    }

    /// <summary>How many registers of columns a panel should have for a number of rows: few rows need many columns to keep the adders busy.</summary>
    public static int Vectors(VectorUnit unit, int rows) => rows switch
    {
        1 => unit.Registers == 32 ? 8 : 6,
        2 => unit.Registers == 32 ? 6 : 4,
        <= 4 => unit.Registers == 32 ? 4 : 2,
        _ => 2,
    };
}

/// <summary>The kernels of one column panel: the rows in tiles of at most two sizes that differ by one.</summary>
sealed class PanelKernels
{
    readonly TileKernel large, small;
    readonly int size, count, rows;                     // count tiles of size + 1 rows, the remaining ones of size rows
    readonly VectorUnit unit;

    [ThreadStatic] static Dictionary<(VectorUnit, int, int, bool, bool), PanelKernels>? known;

    PanelKernels(VectorUnit unit, int rows, int vectors, bool transposed, bool overwrite)
    {
        var most = Tile.MostRows(unit, vectors);
        var tiles = (rows + most - 1) / most;
        (this.unit, this.rows, size, count) = (unit, rows, rows / tiles, rows % tiles);
        small = Tile.Kernel(new Tile(unit, size, vectors, transposed, overwrite));
        large = count == 0 ? small : Tile.Kernel(new Tile(unit, size + 1, vectors, transposed, overwrite));
    }

    public static PanelKernels Of(VectorUnit unit, int rows, int vectors, bool transposed, bool overwrite)
    {
        known ??= [];
        return known.TryGetValue((unit, rows, vectors, transposed, overwrite), out var kernels) ? kernels
            : known[(unit, rows, vectors, transposed, overwrite)] = new PanelKernels(unit, rows, vectors, transposed, overwrite);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(Left a, long panel, long stride, long c, long cStride, int depth)
    {
        var (at, step) = (a.Address, a.Transposed ? unit.Size : a.Stride);
        for (int row = 0, tile = 0; row < rows; tile++)
        {
            var (kernel, height) = tile < count ? (large, size + 1) : (small, size);
            kernel(at, a.Stride, panel, stride, c, cStride, depth);
            (at, c, row) = (at + height * step, c + height * cStride, row + height);
        }
    }
}
