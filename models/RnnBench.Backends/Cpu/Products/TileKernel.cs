using System.Collections.Concurrent;
using System.Linq.Expressions;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// C += A B (or C = A B) for a tile of C that stays in the registers over the whole depth. Strides are in bytes; B's columns lie side by side.
/// </summary>
/// <param name="a">A's first element.</param>
/// <param name="aStride">From one row of A to the next; from one step of depth to the next where A is transposed.</param>
/// <param name="b">B's first element.</param>
/// <param name="bStride">From one step of depth to the next in B.</param>
/// <param name="c">C's first element.</param>
/// <param name="cStride">From one row of C to the next.</param>
/// <param name="depth">How many products each element sums.</param>
delegate void TileKernel(long a, long aStride, long b, long bStride, long c, long cStride, long depth);

/// <summary>What distinguishes one tile kernel from another.</summary>
/// <param name="Unit">The arithmetic unit.</param>
/// <param name="Rows">Rows of C.</param>
/// <param name="Vectors">Columns of C, in registers.</param>
/// <param name="Transposed">Whether A's rows, not its depth, lie side by side.</param>
/// <param name="Overwrite">C = A B rather than C += A B.</param>
sealed record Tile(VectorUnit Unit, int Rows, int Vectors, bool Transposed, bool Overwrite)
{
    static readonly ConcurrentDictionary<Tile, TileKernel> kernels = new();

    /// <summary>The kernel, built when first asked for.</summary>
    public static TileKernel Kernel(Tile tile) => kernels.GetOrAdd(tile, static t => t.Build());

    /// <summary>
    /// The most rows of a tile: accumulators, one row of B and one element of A fill the registers. Two accumulators of 32 registers are
    /// left free, because the compiler then never spills.
    /// </summary>
    public static int MostRows(VectorUnit unit, int vectors) => Math.Max(1, (unit.Registers - 2 - vectors) / vectors);

    TileKernel Build()
    {
        ParameterExpression a = Whole("a"), aStride = Whole("aStride"), b = Whole("b"), bStride = Whole("bStride"), c = Whole("c"), cStride = Whole("cStride"),
            depth = Whole("depth"), k = Whole("k");
        var sums = Grid((r, v) => Expression.Variable(Unit.Register, $"c{r}_{v}"));
        var columns = Enumerable.Range(0, Vectors).Select(v => Expression.Variable(Unit.Register, $"b{v}")).ToArray();
        var element = Expression.Variable(Unit.Register, "x");
        // Every third row has a pointer of its own; the two between are one and two strides on, which is an addressing mode.
        var rows = Enumerable.Range(0, Transposed ? 1 : (Rows + 2) / 3).Select(i => Whole($"a{3 * i}")).ToArray();
        Expression Row(int r) => Transposed ? At(rows[0], r * Unit.Size) : (r % 3) switch
        {
            0 => rows[r / 3],
            1 => Expression.Add(rows[r / 3], aStride),
            _ => Expression.Add(rows[r / 3], Expression.Multiply(aStride, Expression.Constant(2L))),
        };

        var step = new List<Expression>();
        for (var v = 0; v < Vectors; v++) step.Add(Expression.Assign(columns[v], Unit.Load(At(b, v * Unit.Bytes))));
        for (var r = 0; r < Rows; r++)
        {
            step.Add(Expression.Assign(element, Unit.Broadcast(Row(r))));
            for (var v = 0; v < Vectors; v++) step.Add(Expression.Assign(sums[r][v], Unit.MultiplyAdd(element, columns[v], sums[r][v])));
        }
        step.Add(Expression.AddAssign(b, bStride));
        step.AddRange(rows.Select(row => Expression.AddAssign(row, Transposed ? aStride : Expression.Constant((long)Unit.Size))));

        var body = new List<Expression>();
        for (var i = 0; i < rows.Length; i++) body.Add(Expression.Assign(rows[i], Expression.Add(a, Expression.Multiply(aStride, Expression.Constant(3L * i)))));
        Expression Place(int r, int v) => At(Expression.Add(c, Expression.Multiply(cStride, Expression.Constant((long)r))), v * Unit.Bytes);
        foreach (var (r, v) in Cells) body.Add(Expression.Assign(sums[r][v], Overwrite ? Unit.Number(0) : Unit.Load(Place(r, v))));
        body.Add(Emitter.For(k, depth, Expression.Constant(1L), Expression.Block(step)));
        foreach (var (r, v) in Cells) body.Add(Unit.Store(sums[r][v], Place(r, v)));
        return Expression.Lambda<TileKernel>(Expression.Block([k, element, .. rows, .. columns, .. sums.SelectMany(row => row)], body),
            $"tile{Rows}x{Vectors}", [a, aStride, b, bStride, c, cStride, depth]).Compile();
    }

    IEnumerable<(int Row, int Vector)> Cells => Enumerable.Range(0, Rows).SelectMany(r => Enumerable.Range(0, Vectors).Select(v => (r, v)));

    ParameterExpression[][] Grid(Func<int, int, ParameterExpression> make) =>
        [.. Enumerable.Range(0, Rows).Select(r => Enumerable.Range(0, Vectors).Select(v => make(r, v)).ToArray())];

    static ParameterExpression Whole(string name) => Expression.Variable(typeof(long), name);

    static Expression At(Expression address, long bytes) => bytes == 0 ? address : Expression.Add(address, Expression.Constant(bytes));
}
