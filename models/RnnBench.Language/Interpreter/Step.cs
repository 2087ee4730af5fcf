namespace RnnBench.Language;

/// <summary>
/// The meaning of every node, at one step and for a batch: [B,W] numbers, batch member by batch member. A value that is the same number for
/// every unit is kept as that one number and spread where it meets a width.
/// </summary>
/// <param name="cell">The equations.</param>
/// <param name="batch">B.</param>
/// <param name="weights">The parameters, matrices row by row.</param>
/// <param name="given">The nodes that come from outside: inputs, earlier states, incoming derivatives.</param>
sealed class Step(Recurrence cell, int batch, IReadOnlyDictionary<Parameter, double[]> weights, Func<Expr, double[]> given)
{
    readonly Dictionary<Expr, double[]> known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Where <see cref="Given"/> nodes get their values; set before derivatives are asked for.</summary>
    public Func<Given, double[]> Incoming { get; set; } = g => throw new InvalidOperationException($"nothing was given for {g.Name}");

    /// <summary>Puts a value in the place of what the equations say.</summary>
    public void Replace(Expr e, double[] value) => known[e] = value;

    /// <summary>The value, spread to a width: [B,width].</summary>
    public double[] Value(Expr e, int width)
    {
        var value = Value(e);
        return value.Length == batch * width ? value : [.. Enumerable.Repeat(value[0], batch * width)];
    }

    double[] Value(Expr e)
    {
        if (known.TryGetValue(e, out var value)) return value;
        return known[e] = e switch
        {
            Constant x => [x.Value],
            ConstantVector x => [.. Enumerable.Repeat(x.Values, batch).SelectMany(row => row)],
            InputAt or StateAt => given(e),
            Given x => Incoming(x),
            ParameterVector x => [.. Enumerable.Repeat(weights[x.Vector], batch).SelectMany(row => row)],
            Product x => Multiply(x),
            Elementwise x => Join(x.Operator, Value(x.Left), Value(x.Right)),
            Apply x => [.. Value(x.Operand).Select(Functions.Table[x.Function].Value)],
            Named x => Value(x.Body),
            Softmax x => [.. Value(x.Operand, x.Width.Size).Chunk(x.Width.Size).SelectMany(Shares)],
            Mean x => Average(Value(x.Operand)),
            Concat x => Side(x),
            Slice x => Cut(Value(x.Operand, x.Before + x.Width.Size + x.After), x),
            Spread x => Repeat(Value(x.Operand, x.Of.Size), x),
            Fold x => AddUp(Value(x.Operand, x.Of.Size), x),
            _ => throw new NotSupportedException($"the interpreter does not know the node {e.GetType().Name}"),
        };
    }

    static double[] Join(Operator op, double[] a, double[] b)
    {
        var joined = new double[Math.Max(a.Length, b.Length)];
        for (var k = 0; k < joined.Length; k++) joined[k] = Algebra.Evaluate(op, a[a.Length == 1 ? 0 : k], b[b.Length == 1 ? 0 : k]);
        return joined;
    }

    double[] Average(double[] value)
    {
        var width = value.Length / batch;
        return value.Length == 1 ? value : [.. value.Chunk(width).SelectMany(member => Enumerable.Repeat(member.Average(), width))];
    }

    static double[] Shares(double[] value)
    {
        double[] exponentials = [.. value.Select(a => Math.Exp(a - value.Max()))];
        return [.. exponentials.Select(a => a / exponentials.Sum())];
    }

    double[] Side(Concat x)
    {
        var members = x.Parts.Select(part => Value(part.Part, part.Width.Size).Chunk(part.Width.Size).ToArray()).ToArray();
        return [.. Enumerable.Range(0, batch).SelectMany(member => members.SelectMany(part => part[member]))];
    }

    static double[] Cut(double[] value, Slice x) =>
        [.. value.Chunk(x.Before + x.Width.Size + x.After).SelectMany(member => member[x.Before..(x.Before + x.Width.Size)])];

    static double[] Repeat(double[] value, Spread x) =>
        [.. value.Chunk(x.Of.Size / x.Blocks).SelectMany(block => Enumerable.Repeat(block, x.Count)).SelectMany(block => block)];

    static double[] AddUp(double[] value, Fold x)
    {
        var side = x.Width.Size / x.Blocks;
        var sum = new double[value.Length / x.Count];
        for (var k = 0; k < value.Length; k++) sum[k / (side * x.Count) * side + k % side] += value[k];
        return sum;
    }

    double[] Multiply(Product x)
    {
        var (rows, columns) = (cell.Shapes[x.Matrix][0].Size, cell.Shapes[x.Matrix][1].Size);
        var (matrix, wide, narrow) = (weights[x.Matrix], x.Transposed ? rows : columns, x.Transposed ? columns : rows);
        var operand = Value(x.Operand, wide);
        var product = new double[batch * narrow];
        for (var member = 0; member < batch; member++)
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++)
                    if (x.Transposed) product[member * narrow + c] += matrix[r * columns + c] * operand[member * wide + r];
                    else product[member * narrow + r] += matrix[r * columns + c] * operand[member * wide + c];
        return product;
    }
}
