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
        Parameters = [.. Graph.Parameters(Nodes)];
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
    /// <summary>The weights, in the order of their first use.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }
    /// <summary>The shape of each weight: [rows, columns] for a matrix, [width] for a vector.</summary>
    public IReadOnlyDictionary<Parameter, Width[]> Shapes { get; }
    /// <summary>The width of a node of this graph.</summary>
    public Width WidthOf(Expr node) => widths[node];
    /// <summary>The width of a state.</summary>
    public Width WidthOf(State state) => state.Width ?? Hidden;
    /// <summary>How many past steps of a state the equations read: the largest lag, at least 1.</summary>
    public int DepthOf(State state) => Nodes.OfType<StateAt>().Where(read => read.State == state).Select(read => read.Lag).DefaultIfEmpty(1).Max();

    void RefuseTwice(string what, IEnumerable<string> names)
    {
        if (names.GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { Key: var twice })
            throw new UserError($"{Name} has two {what} called {twice}; give each its own name.");
    }
}
