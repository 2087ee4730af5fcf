using System.Collections.Concurrent;
using System.Linq.Expressions;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// C += A B (or C = A B) for a tile of C that stays in the registers over the whole depth. Strides are in bytes; B's columns lie side by side.
/// </summary>
/// <param name="a">A's first element.</param>
/// <param name="aStride">From one row of A to the next.</param>
/// <param name="aStep">From one step of depth to the next in A.</param>
/// <param name="b">B's first element.</param>
/// <param name="bStep">From one step of depth to the next in B.</param>
/// <param name="c">C's first element.</param>
/// <param name="cStride">From one row of C to the next.</param>
/// <param name="depth">How many products each element sums.</param>
/// <param name="overwrite">Not 0 where C = A B rather than C += A B.</param>
delegate void TileKernel(long a, long aStride, long aStep, long b, long bStep, long c, long cStride, long depth, long overwrite);

/// <summary>What distinguishes one tile kernel from another: all else is told when it runs, so that few have to be built.</summary>
/// <param name="Unit">The arithmetic unit.</param>
/// <param name="Rows">Rows of C.</param>
/// <param name="Vectors">Columns of C, in registers.</param>
sealed record Tile(VectorUnit Unit, int Rows, int Vectors)
{
    /// <summary>Steps of depth that B is fetched ahead: its panel rarely fits the first cache, and the second answers in that time.</summary>
    const int Ahead = 16;
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
        ParameterExpression a = Whole("a"), aStride = Whole("aStride"), aStep = Whole("aStep"), b = Whole("b"), bStep = Whole("bStep"), c = Whole("c"),
            cStride = Whole("cStride"), depth = Whole("depth"), overwrite = Whole("overwrite"), k = Whole("k"), ahead = Whole("ahead");
        var sums = Grid((r, v) => Expression.Variable(Unit.Register, $"c{r}_{v}"));
        var columns = Enumerable.Range(0, Vectors).Select(v => Expression.Variable(Unit.Register, $"b{v}")).ToArray();
        var element = Expression.Variable(Unit.Register, "x");
        var rows = Enumerable.Range(0, (Rows + 2) / 3).Select(i => Whole($"a{3 * i}")).ToArray();
        Expression Place(int r, int v) => At(Expression.Add(c, Expression.Multiply(cStride, Expression.Constant((long)r))), v * Unit.Bytes);
        Expression All(Func<int, int, Expression> one) => Expression.Block(Cells.Select(at => one(at.Row, at.Vector)));

        var body = new List<Expression>();
        for (var i = 0; i < rows.Length; i++) body.Add(Expression.Assign(rows[i], Expression.Add(a, Expression.Multiply(aStride, Expression.Constant(3L * i)))));
        body.Add(Expression.Assign(ahead, Expression.Multiply(bStep, Expression.Constant((long)Ahead))));
        body.Add(Expression.IfThenElse(Expression.Equal(overwrite, Expression.Constant(0L)),
            All((r, v) => Expression.Assign(sums[r][v], Unit.Load(Place(r, v)))), All((r, v) => Expression.Assign(sums[r][v], Unit.Number(0)))));
        body.Add(Emitter.For(k, depth, Expression.Constant(1L), Expression.Block(Step(sums, columns, element, rows, b, ahead, aStride)
            .Append(Expression.AddAssign(b, bStep)).Concat(rows.Select(row => Expression.AddAssign(row, aStep))))));
        body.Add(All((r, v) => Unit.Store(sums[r][v], Place(r, v))));
        return Expression.Lambda<TileKernel>(Expression.Block([k, ahead, element, .. rows, .. columns, .. sums.SelectMany(row => row)], body),
            $"tile{Rows}x{Vectors}", [a, aStride, aStep, b, bStep, c, cStride, depth, overwrite]).Compile();
    }

    /// <summary>One step of depth. Every third row of A has a pointer of its own; the two between are one and two strides on, which is an addressing mode.</summary>
    IEnumerable<Expression> Step(ParameterExpression[][] sums, ParameterExpression[] columns, ParameterExpression element, ParameterExpression[] rows, Expression b, Expression ahead, Expression aStride)
    {
        for (var v = 0; v < Vectors; v++) yield return Expression.Assign(columns[v], Unit.Load(At(b, v * Unit.Bytes)));
        for (var line = 0; line < Vectors * Unit.Bytes; line += Fetching.Line) yield return Fetching.Ahead(At(Expression.Add(b, ahead), line));
        for (var r = 0; r < Rows; r++)
        {
            yield return Expression.Assign(element, Unit.Broadcast((r % 3) switch
            {
                0 => rows[r / 3],
                1 => Expression.Add(rows[r / 3], aStride),
                _ => Expression.Add(rows[r / 3], Expression.Multiply(aStride, Expression.Constant(2L))),
            }));
            for (var v = 0; v < Vectors; v++) yield return Expression.Assign(sums[r][v], Unit.MultiplyAdd(element, columns[v], sums[r][v]));
        }
    }

    IEnumerable<(int Row, int Vector)> Cells => Enumerable.Range(0, Rows).SelectMany(r => Enumerable.Range(0, Vectors).Select(v => (r, v)));

    ParameterExpression[][] Grid(Func<int, int, ParameterExpression> make) =>
        [.. Enumerable.Range(0, Rows).Select(r => Enumerable.Range(0, Vectors).Select(v => make(r, v)).ToArray())];

    static ParameterExpression Whole(string name) => Expression.Variable(typeof(long), name);

    static Expression At(Expression address, long bytes) => bytes == 0 ? address : Expression.Add(address, Expression.Constant(bytes));
}
