namespace RnnBench.Language;

/// <summary>A cell's equations as a graph: how one step turns the input and the states into the next states and the output.</summary>
public sealed class Recurrence
{
    readonly Dictionary<Expr, Width> widths;

    /// <param name="name">The architecture's id, with its ablations.</param>
    /// <param name="input">The input width I.</param>
    /// <param name="hidden">The hidden size H.</param>
    /// <param name="states">The states, in the order of declaration.</param>
    /// <param name="next">For each state's name the value at t.</param>
    /// <param name="output">What the layer above sees at t.</param>
    /// <param name="equations">Every named node that is still reachable, in the order of the paper.</param>
    /// <exception cref="UserError">Shapes do not fit, or a name is used twice.</exception>
    public Recurrence(string name, Width input, Width hidden, IReadOnlyList<State> states, IReadOnlyDictionary<string, Expr> next,
        Expr output, IReadOnlyList<Named> equations)
    {
        (Name, Input, Hidden, States, Next, Output, Equations) = (name, input, hidden, states, next, output, equations);
        Nodes = Graph.All([.. equations, .. states.Select(state => next[state.Name]), output]);
        Weights = [.. Graph.Parameters(Nodes)];
        Parameters = [.. Weights.SelectMany(w => w is Matrix { From: { } from } ? from.Stored : [w]).Concat(states.SelectMany(s => s.Start)).Distinct()];
        RefuseTwice("equations", equations.Select(e => e.Name));
        RefuseTwice("weights", Parameters.Select(q => q.Name));
        (widths, Shapes) = Shape.Infer(this);
    }

    /// <summary>The architecture's id, with its ablations.</summary>
    public string Name { get; }
    /// <summary>The input width I.</summary>
    public Width Input { get; }
    /// <summary>The hidden size H.</summary>
    public Width Hidden { get; }
    /// <summary>The states, in the order of declaration.</summary>
    public IReadOnlyList<State> States { get; }
    /// <summary>For each state's name the value at t.</summary>
    public IReadOnlyDictionary<string, Expr> Next { get; }
    /// <summary>What the layer above sees at t.</summary>
    public Expr Output { get; }
    /// <summary>The named nodes, in the order of the paper.</summary>
    public IReadOnlyList<Named> Equations { get; }
    /// <summary>The gates, in the order of the paper. A gate that an ablation fixed to a number is none any more.</summary>
    public IEnumerable<Named> Gates => Equations.Where(e => e.Role == Role.Gate);
    /// <summary>Every node once, operands before their users.</summary>
    public IReadOnlyList<Expr> Nodes { get; }
    /// <summary>What the equations multiply by and add, in the order of first use; some are computed from others (<see cref="Matrix.From"/>).</summary>
    public IReadOnlyList<Parameter> Weights { get; }
    /// <summary>What is stored: the weights, those that others are computed from, and those that states start from.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }
    /// <summary>The shape of each weight and parameter: [rows, columns] for a matrix, [width] for a vector.</summary>
    public IReadOnlyDictionary<Parameter, Width[]> Shapes { get; }
    /// <summary>The width of a node of this graph.</summary>
    public Width WidthOf(Expr node) => widths[node];
    /// <summary>The number of elements of a weight or parameter.</summary>
    public int CountOf(Parameter q) => Shapes[q].Aggregate(1, (product, side) => product * side.Size);
    /// <summary>The width of a state.</summary>
    public Width WidthOf(State state) => state.Width ?? Hidden;
    /// <summary>The least number of past steps of each state that are kept.</summary>
    public int Keeps { get; init; } = 1;
    /// <summary>How many past steps of a state are kept: the largest lag that the equations read, at least <see cref="Keeps"/>.</summary>
    public int DepthOf(State state) => Nodes.OfType<StateAt>().Where(read => read.State == state).Select(read => read.Lag).Append(Keeps).Max();

    /// <summary>1 for each element of a stored parameter that its weight reads, else 0; null where it reads all.</summary>
    public IReadOnlyList<double>? MaskOf(Parameter stored) => Weights.OfType<Matrix>().SelectMany(m => m.From?.Order() ?? [])
        .FirstOrDefault(m => m is Masked or Skew && m.Operands[0] is StoredMatrix of && of.Parameter == stored) switch
        {
            Masked m => m.Mask(),
            Skew m => [.. Enumerable.Range(0, m.Rows * m.Columns).Select(k => k % m.Columns > k / m.Columns ? 1.0 : 0)],
            _ => null,
        };

    /// <summary>The same equations with other lags: each state is read so many times as far back, and so many past steps are kept at least.</summary>
    public Recurrence Dilated(int steps, int keeps) => Rewrite.WithLags(this, lag => lag * steps, keeps);

    /// <summary>
    /// The same equations with a connection over so many steps beside each from the step before: wherever a matrix U acts on what the states were,
    /// a matrix V of its own acts on what they were then. Where no matrix acts, as on a memory cell, there is none.
    /// </summary>
    public Recurrence Skipping(int steps, int keeps) => Rewrite.WithSkips(this, steps, keeps);

    /// <summary>
    /// The same equations with every lag divided, which must come out even, and with the states, one after the other in their order, behind the
    /// output: what runs over every so manyth step alone.
    /// </summary>
    public Recurrence Compressed(int steps) => Rewrite.WithLags(this, lag => lag / steps, 1, (output, next) =>
        new Concat([(output, WidthOf(Output)), .. States.Select(s => (next[s.Name], WidthOf(s)))]));

    /// <summary>The same equations with another output.</summary>
    public Recurrence Showing(Expr output) => new(Name, Input, Hidden, States, Next, output, Equations) { Keeps = Keeps };

    void RefuseTwice(string what, IEnumerable<string> names)
    {
        if (names.GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { Key: var twice })
            throw new UserError($"{Name} has two {what} called {twice}; give each its own name.");
    }
}
