namespace RnnBench.Language;

/// <summary>Makes nodes in their simplest form: 0·x, 1·x, x+0, M·0 and whatever is a number do not stay in the graph.</summary>
static class Algebra
{
    public static Expr Elementwise(Operator op, Expr a, Expr b) => (op, a, b) switch
    {
        (_, Constant x, Constant y) => Evaluate(op, x.Value, y.Value),
        (Operator.Add, Constant { Value: 0 }, _) => b,
        (Operator.Add or Operator.Subtract, _, Constant { Value: 0 }) => a,
        (Operator.Add, _, Apply { Function: Function.Negate } y) => Elementwise(Operator.Subtract, a, y.Operand),
        (Operator.Subtract, _, Apply { Function: Function.Negate } y) => Elementwise(Operator.Add, a, y.Operand),
        (Operator.Subtract, Constant { Value: 0 }, _) => Apply(Function.Negate, b),
        (Operator.Multiply, Constant { Value: 0 }, _) or (Operator.Multiply, _, Constant { Value: 0 }) => 0,
        (Operator.Multiply, Constant { Value: 1 }, _) => b,
        (Operator.Multiply or Operator.Divide, _, Constant { Value: 1 }) => a,
        (Operator.Divide, Constant { Value: 0 }, _) => 0,
        _ => new Elementwise(op, a, b),
    };

    public static Expr Apply(Function function, Expr a) => (function, a) switch
    {
        (_, Constant x) => Functions.Table[function].Value(x.Value),
        (Function.Negate, Apply { Function: Function.Negate } x) => x.Operand,
        _ => new Apply(function, a),
    };

    public static Expr Product(Matrix matrix, Expr a, bool transposed) => a is Constant { Value: 0 } ? 0 : new Product(matrix, a, transposed);

    public static Expr Mean(Expr a) => a is Constant ? a : new Mean(a);

    /// <summary>Equal shares, where every element is the same number.</summary>
    public static Expr Softmax(Expr a, Width width) => a is Constant ? 1.0 / width.Size : new Softmax(a, width);

    public static Expr Slice(Expr a, int before, Width width, int after) => a is Constant x ? x.Value : new Slice(a, before, width, after);

    public static Expr Spread(Expr a, Width width, int blocks, int count) => a is Constant x ? x.Value : new Spread(a, width, blocks, count);

    public static Expr Fold(Expr a, Width width, int blocks, int count) => a is Constant x ? x.Value * count : new Fold(a, width, blocks, count);

    public static double Evaluate(Operator op, double a, double b) => op switch
    {
        Operator.Add => a + b,
        Operator.Subtract => a - b,
        Operator.Multiply => a * b,
        Operator.Divide => a / b,
        Operator.Maximum => Math.Max(a, b),
        _ => throw new NotSupportedException($"Algebra does not know the operator {op}"),
    };
}
