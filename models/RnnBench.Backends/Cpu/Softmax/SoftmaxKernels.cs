using System.Collections.Concurrent;
using System.Linq.Expressions;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// A sweep over a block [rows, columns], row by row, beside vectors along its columns. Columns are whole registers.
/// </summary>
/// <param name="block">The block's first element.</param>
/// <param name="stride">Bytes from one row to the next.</param>
/// <param name="rows">How many rows.</param>
/// <param name="bytes">Bytes of a row that are swept, whole registers.</param>
/// <param name="a">The first vector.</param>
/// <param name="b">The second vector.</param>
/// <param name="first">Where the number of the block's first row stands, as an element.</param>
delegate void Sweep(long block, long stride, long rows, long bytes, long a, long b, long first);

/// <summary>What a softmax does to a block of logits whose rows are classes, so that every reduction runs down the rows and none across a register.</summary>
sealed class SoftmaxKernels
{
    static readonly ConcurrentDictionary<VectorUnit, SoftmaxKernels> known = new();

    SoftmaxKernels(VectorUnit unit)
    {
        // The first of equal logits stays: a later one has to be greater.
        Largest = Build(unit, "largest", (to, x, a, b, number) =>
        {
            var (value, largest) = (to.Let(unit.Load(x)), to.Let(unit.Load(a)));
            to.Do(unit.Store(unit.WhereGreater(value, largest, number, unit.Load(b)), b));
            to.Do(unit.Store(unit.WhereGreater(value, largest, value, largest), a));
        });
        Exponentials = Build(unit, "exponentials", (to, x, a, b, number) =>
        {
            var power = VectorMath.ExponentialOfNegative(to, to.Let(Expression.Subtract(unit.Load(x), unit.Load(a))));
            to.Do(unit.Store(Expression.Add(unit.Load(b), power), b));
        });
        Gradient = Build(unit, "gradient", (to, x, a, b, number) =>
        {
            var power = VectorMath.ExponentialOfNegative(to, to.Let(Expression.Subtract(unit.Load(x), unit.Load(a))));
            to.Do(unit.Store(Expression.Multiply(power, unit.Load(b)), x));
        });
    }

    /// <summary>The kernels of a unit.</summary>
    public static SoftmaxKernels Of(VectorUnit unit) => known.GetOrAdd(unit, static u => new SoftmaxKernels(u));

    /// <summary>a = max(a, x); b = the number of the row that a is from.</summary>
    public Sweep Largest { get; }

    /// <summary>b += e^(x - a), for a not below x.</summary>
    public Sweep Exponentials { get; }

    /// <summary>x = e^(x - a) b, for a not below x.</summary>
    public Sweep Gradient { get; }

    static Sweep Build(VectorUnit unit, string name, Action<Emitter, Expression, Expression, Expression, Expression> body)
    {
        ParameterExpression block = Whole("block"), stride = Whole("stride"), rows = Whole("rows"), bytes = Whole("bytes"), a = Whole("a"), b = Whole("b"),
            first = Whole("first"), row = Whole("row"), at = Whole("at"), number = Expression.Variable(unit.Register, "number");
        var emitter = new Emitter(unit);
        body(emitter, Expression.Add(block, at), Expression.Add(a, at), Expression.Add(b, at), number);
        return Expression.Lambda<Sweep>(Expression.Block([row, at, number],
            Expression.Assign(number, unit.Broadcast(first)),
            Emitter.For(row, rows, Expression.Constant(1L), Expression.Block(
                Emitter.For(at, bytes, Expression.Constant((long)unit.Bytes), emitter.Body()),
                Expression.AddAssign(block, stride),
                Expression.Assign(number, Expression.Add(number, unit.Number(1)))))), name, [block, stride, rows, bytes, a, b, first]).Compile();
    }

    static ParameterExpression Whole(string name) => Expression.Variable(typeof(long), name);
}
