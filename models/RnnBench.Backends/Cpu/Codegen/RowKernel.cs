using System.Collections.Concurrent;
using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using RnnBench.Language;
using Expression = System.Linq.Expressions.Expression;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// An elementwise kernel over rows. The table holds for each operand two numbers: the address of its first row, and the bytes from one row to
/// the next. All operands have <paramref name="bytes"/> bytes in a row, whole registers.
/// </summary>
delegate void RowKernel(long table, long rows, long bytes);

/// <summary>One instruction of an elementwise kernel. Its result is known by its position in the list.</summary>
abstract record Instruction
{
    Instruction() { }
    public sealed record Load(int Operand) : Instruction;
    public sealed record Number(double Value) : Instruction;
    public sealed record Binary(Operator Operator, int Left, int Right) : Instruction;
    public sealed record Unary(Function Function, int Of) : Instruction;
    /// <summary>a b + c.</summary>
    public sealed record MultiplyAdd(int A, int B, int C) : Instruction;
    public sealed record Store(int Operand, int Value) : Instruction;

    /// <summary>The instruction in readable form.</summary>
    public string Text(Func<int, string> operand) => this switch
    {
        Load x => operand(x.Operand),
        Number x => x.Value.ToString("R", CultureInfo.InvariantCulture),
        Binary { Operator: Operator.Maximum } x => $"max(v{x.Left}, v{x.Right})",
        Binary x => $"v{x.Left} {x.Operator switch { Operator.Add => "+", Operator.Subtract => "-", Operator.Multiply => "*", _ => "/" }} v{x.Right}",
        Unary x => $"{x.Function.ToString().ToLowerInvariant()}(v{x.Of})",
        MultiplyAdd x => $"v{x.A} * v{x.B} + v{x.C}",
        Store x => $"{operand(x.Operand)} = v{x.Value}",
        _ => throw new NotSupportedException($"Instruction.Text does not know {GetType().Name}"),
    };
}

/// <summary>Turns lists of instructions into kernels. Equal lists share one kernel, whatever shapes they are used for.</summary>
static class RowKernels
{
    static readonly ConcurrentDictionary<(VectorUnit, string), RowKernel> kernels = new();

    /// <summary>The kernel of some instructions.</summary>
    /// <param name="unit">The arithmetic unit.</param>
    /// <param name="code">The instructions.</param>
    /// <param name="operands">How many operands they name.</param>
    public static RowKernel Of(VectorUnit unit, IReadOnlyList<Instruction> code, int operands) =>
        kernels.GetOrAdd((unit, Listing(code, i => $"#{i}")), _ => Build(unit, code, operands));

    /// <summary>Refuses instructions that no kernel can be built of.</summary>
    /// <exception cref="NotSupportedException">A function that the kernels lack; the message names it.</exception>
    public static void Demand(IEnumerable<Instruction> code)
    {
        if (code.OfType<Instruction.Unary>().FirstOrDefault(x => !VectorMath.Table.ContainsKey(x.Function)) is { } lacking)
            throw new NotSupportedException($"the cpu backend's kernels lack the function {lacking.Function}");
    }

    /// <summary>The instructions, one a line.</summary>
    public static string Listing(IReadOnlyList<Instruction> code, Func<int, string> operand)
    {
        var text = new StringBuilder();
        for (var i = 0; i < code.Count; i++)
            text.Append(code[i] is Instruction.Store ? "" : $"v{i} = ").Append(code[i].Text(operand)).Append('\n');
        return text.ToString();
    }

    static RowKernel Build(VectorUnit unit, IReadOnlyList<Instruction> code, int operands)
    {
        ParameterExpression table = Whole("table"), rows = Whole("rows"), bytes = Whole("bytes"), row = Whole("row"), at = Whole("at");
        var starts = Enumerable.Range(0, operands).Select(i => Whole($"p{i}")).ToArray();
        var read = typeof(Registers0).GetMethod(nameof(Registers0.Load))!.MakeGenericMethod(typeof(long));
        Expression Entry(int i, int part) => Expression.Call(read, Expression.Add(table, Expression.Constant((2L * i + part) * sizeof(long))));

        var emitter = new Emitter(unit);
        var values = new Expression[code.Count];
        for (var i = 0; i < code.Count; i++)
        {
            if (code[i] is Instruction.Store store) emitter.Do(unit.Store(values[store.Value], Expression.Add(starts[store.Operand], at)));
            else values[i] = code[i] is Instruction.Number number ? unit.Number(number.Value) : emitter.Let(Value(code[i]), $"v{i}");
        }
        var body = new List<Expression>();
        for (var i = 0; i < operands; i++) body.Add(Expression.Assign(starts[i], Entry(i, 0)));
        body.Add(Emitter.For(row, rows, Expression.Constant(1L), Expression.Block(
            [Emitter.For(at, bytes, Expression.Constant((long)unit.Bytes), emitter.Body()),
             .. Enumerable.Range(0, operands).Select(i => Expression.AddAssign(starts[i], Entry(i, 1)))])));
        return Expression.Lambda<RowKernel>(Expression.Block([row, at, .. starts], body), "rows", [table, rows, bytes]).Compile();

        Expression Value(Instruction instruction) => instruction switch
        {
            Instruction.Load x => unit.Load(Expression.Add(starts[x.Operand], at)),
            Instruction.Binary { Operator: Operator.Add } x => Expression.Add(values[x.Left], values[x.Right]),
            Instruction.Binary { Operator: Operator.Subtract } x => Expression.Subtract(values[x.Left], values[x.Right]),
            Instruction.Binary { Operator: Operator.Multiply } x => Expression.Multiply(values[x.Left], values[x.Right]),
            Instruction.Binary { Operator: Operator.Divide } x => Expression.Divide(values[x.Left], values[x.Right]),
            Instruction.Binary { Operator: Operator.Maximum } x => unit.WhereGreater(values[x.Left], values[x.Right], values[x.Left], values[x.Right]),
            Instruction.MultiplyAdd x => unit.MultiplyAdd(values[x.A], values[x.B], values[x.C]),
            Instruction.Unary x when VectorMath.Table.TryGetValue(x.Function, out var function) => function(emitter, values[x.Of]),
            _ => throw new NotSupportedException($"the cpu backend's kernels lack {instruction.Text(i => $"#{i}")}"),
        };
    }

    static ParameterExpression Whole(string name) => Expression.Variable(typeof(long), name);
}
