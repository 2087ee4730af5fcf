namespace RnnBench.Language;

/// <summary>A part of a matrix's gradient at one step: left ⊗ right, summed over steps and batch members.</summary>
/// <param name="Matrix">The matrix, [rows, columns].</param>
/// <param name="Left">As wide as the matrix has rows.</param>
/// <param name="Right">As wide as the matrix has columns.</param>
public sealed record Outer(Matrix Matrix, Expr Left, Expr Right);

/// <summary>
/// One step of a cell, differentiated: equations that turn the derivatives of the loss with respect to the states and the output at t into
/// those with respect to what the step read. They share the nodes of the cell, whose values are those of the forward pass.
/// </summary>
/// <param name="NextStates">For each state's name the incoming derivative: all that reaches the state at t from later steps.</param>
/// <param name="Output">The incoming derivative of the output at t.</param>
/// <param name="States">What goes to a state at t - lag, lag at least 1; states that are not read are missing.</param>
/// <param name="Inputs">What goes to x at t - lag.</param>
/// <param name="Vectors">What goes to each vector parameter, to be summed over steps and batch members.</param>
/// <param name="Matrices">What goes to the matrices; one may occur several times.</param>
/// <param name="Totals">For each state's name all that reaches it at t, from later steps, the output and the rest of step t.</param>
public sealed record Derivative(IReadOnlyDictionary<string, Given> NextStates, Given Output, IReadOnlyDictionary<(string State, int Lag), Expr> States,
    IReadOnlyDictionary<int, Expr> Inputs, IReadOnlyDictionary<Vector, Expr> Vectors, IReadOnlyList<Outer> Matrices,
    IReadOnlyDictionary<string, Expr> Totals)
{
    /// <summary>Differentiates a cell: reverse mode over its graph, users before operands.</summary>
    public static Derivative Of(Recurrence cell)
    {
        var adjoint = new Dictionary<Expr, Expr>(ReferenceEqualityComparer.Instance);
        var states = cell.States.ToDictionary(s => s.Name, s => new Given($"d{s.Name}", cell.WidthOf(s)));
        var output = new Given("dy", cell.WidthOf(cell.Output));
        foreach (var (name, seed) in states) Add(cell.Next[name], seed);
        Add(cell.Output, output);

        var matrices = new List<Outer>();
        foreach (var e in cell.Nodes.Reverse())
        {
            if (!adjoint.TryGetValue(e, out var d)) continue;
            foreach (var (operand, contribution) in Contributions(e, d)) Add(operand, contribution);
            if (e is Product p) matrices.Add(p.Transposed ? new(p.Matrix, p.Operand, d) : new(p.Matrix, d, p.Operand));
        }
        matrices.Reverse();
        return new Derivative(states, output, Sums<StateAt, (string, int)>(s => (s.State.Name, s.Lag)), Sums<InputAt, int>(x => x.Lag),
            Sums<ParameterVector, Vector>(v => v.Vector), matrices, cell.States.ToDictionary(s => s.Name, s => adjoint[cell.Next[s.Name]]));

        void Add(Expr e, Expr d)
        {
            if (e is Constant || d is Constant { Value: 0 }) return;
            adjoint[e] = adjoint.TryGetValue(e, out var sum) ? Algebra.Elementwise(Operator.Add, sum, d) : d;
        }

        Dictionary<TKey, Expr> Sums<TNode, TKey>(Func<TNode, TKey> key) where TNode : Expr where TKey : notnull => cell.Nodes.OfType<TNode>()
            .Where(adjoint.ContainsKey).GroupBy(key).ToDictionary(g => g.Key, g => g.Select(e => adjoint[e]).Aggregate((a, b) => Algebra.Elementwise(Operator.Add, a, b)));
    }

    /// <summary>What each operand of a node gets of the node's own derivative d.</summary>
    static IEnumerable<(Expr Operand, Expr Contribution)> Contributions(Expr e, Expr d) => e switch
    {
        Elementwise { Operator: Operator.Add } x => [(x.Left, d), (x.Right, d)],
        Elementwise { Operator: Operator.Subtract } x => [(x.Left, d), (x.Right, Algebra.Apply(Function.Negate, d))],
        Elementwise { Operator: Operator.Multiply } x => [(x.Left, Times(d, x.Right)), (x.Right, Times(d, x.Left))],
        Elementwise { Operator: Operator.Divide } x => [(x.Left, Over(d, x.Right)), (x.Right, Algebra.Apply(Function.Negate, Over(Times(d, x), x.Right)))],
        Elementwise { Operator: Operator.Maximum } x => Chosen(x, d),
        Product x => [(x.Operand, Algebra.Product(x.Matrix, d, !x.Transposed))],
        Apply { Function: Function.Negate } x => [(x.Operand, Algebra.Apply(Function.Negate, d))],
        Apply x => [(x.Operand, Times(d, Functions.Table[x.Function].Slope(x.Operand, x)))],
        Named x => [(x.Body, d)],
        Mean x => [(x.Operand, Algebra.Mean(d))],
        Softmax x => [(x.Operand, Times(x, Algebra.Elementwise(Operator.Subtract, d, Times(x.Width.Size, Algebra.Mean(Times(d, x))))))],
        Concat x => x.Parts.Index().Select(part => (part.Item.Part, Algebra.Slice(d, Sum(x.Parts.Take(part.Index)), part.Item.Width, Sum(x.Parts.Skip(part.Index + 1))))),
        Slice x => [(x.Operand, new Concat(Zeros(x.Before).Append((d, x.Width)).Concat(Zeros(x.After)).ToArray()))],
        Spread x => [(x.Operand, Algebra.Fold(d, x.Of, x.Blocks, x.Count))],
        Fold x => [(x.Operand, Algebra.Spread(d, x.Width, x.Blocks, x.Count))],
        Constant or ConstantVector or InputAt or StateAt or ParameterVector or Given => [],
        _ => throw new NotSupportedException($"Derivative does not know the node {e.GetType().Name}"),
    };

    /// <summary>All of it goes to the larger operand.</summary>
    static (Expr, Expr)[] Chosen(Elementwise x, Expr d)
    {
        var left = Algebra.Apply(Function.Step, Algebra.Elementwise(Operator.Subtract, x.Left, x.Right));
        return [(x.Left, Times(d, left)), (x.Right, Times(d, Algebra.Elementwise(Operator.Subtract, 1, left)))];
    }

    static int Sum(IEnumerable<(Expr Part, Width Width)> parts) => parts.Sum(part => part.Width.Size);
    static (Expr, Width)[] Zeros(int count) => count == 0 ? [] : [(0, new Width(count, "0"))];
    static Expr Times(Expr a, Expr b) => Algebra.Elementwise(Operator.Multiply, a, b);
    static Expr Over(Expr a, Expr b) => Algebra.Elementwise(Operator.Divide, a, b);
}
