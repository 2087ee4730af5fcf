using RnnBench.Language;

namespace RnnBench.Backends.Reversible;

/// <summary>One change of a part of a state within a step: it becomes itself times a factor plus what is added, neither of which reads it.</summary>
/// <param name="Node">The equation, whose value is the part after the change.</param>
/// <param name="State">The state.</param>
/// <param name="First">The part's first element.</param>
/// <param name="Width">How many they are.</param>
/// <param name="Factor">What it is multiplied with, from 0 to 1.</param>
/// <param name="Added">What is added.</param>
sealed record Change(Named Node, State State, int First, int Width, Expr Factor, Expr Added);

/// <summary>
/// A cell whose step is a sequence of changes that can be undone one by one, the last one first. Read off its equations: nothing is written
/// twice, and a rewritten cell that keeps the form is undone too.
/// </summary>
sealed class Undoable
{
    /// <param name="cell">The equations.</param>
    /// <exception cref="NotSupportedException">A state changes in another way; it is named.</exception>
    public Undoable(Recurrence cell)
    {
        if (!cell.Weights.SequenceEqual(cell.Parameters)) throw new NotSupportedException($"the step of {cell.Name} cannot be undone: some of its weights are computed");
        Cell = cell;
        Changes = [.. cell.Nodes.OfType<Named>().Select(Change).OfType<Change>()];
        foreach (var state in cell.States) Demand(Parts(state).Select(c => (Expr)c.Node).SequenceEqual(Whole(cell.Next[state.Name])), state);
        foreach (var (place, change) in Changes.Index())
        {
            // What is not yet undone when a change is must not be read by it: its own part, and those that changed before it.
            var gone = Changes.Take(place + 1).Select(c => (c.State, c.First));
            Demand(!ReadParts(Read(change.Factor, change.Added)).Intersect(gone).Any(), change.State);
        }
        Backward = Derivative.Of(cell);
        Products = [.. cell.Nodes.OfType<Product>().GroupBy(p => p.Operand is InputAt x ? (object)x.Lag : p.Operand).Select(group => group.ToArray())];
    }

    /// <summary>The equations.</summary>
    public Recurrence Cell { get; }
    /// <summary>The changes, in the order in which they are made.</summary>
    public IReadOnlyList<Change> Changes { get; }
    /// <summary>The derivative of a step.</summary>
    public Derivative Backward { get; }
    /// <summary>The products, those of one operand together.</summary>
    public IReadOnlyList<Product[]> Products { get; }

    /// <summary>The parts of a state, in their order.</summary>
    public IEnumerable<Change> Parts(State state) => Changes.Where(c => c.State == state).OrderBy(c => c.First);

    /// <summary>Why a model cannot be run so; null if it can.</summary>
    public static string? WhyNot(Stack model)
    {
        try
        {
            foreach (var scan in model.Scans) _ = new Undoable(scan.Cell);
            return null;
        }
        catch (NotSupportedException e)
        {
            return e.Message;
        }
    }

    Change? Change(Named node)
    {
        if (node.Body is not Elementwise { Operator: Operator.Add } sum) return null;
        foreach (var (product, added) in new[] { (sum.Left, sum.Right), (sum.Right, sum.Left) })
            if (product is Elementwise { Operator: Operator.Multiply } x)
                foreach (var (factor, own) in new[] { (x.Left, x.Right), (x.Right, x.Left) })
                    if (Part(own) is { } part) return new(node, part.State, part.First, Cell.WidthOf(node).Size, factor, added);
        foreach (var (whole, added) in new[] { (sum.Left, sum.Right), (sum.Right, sum.Left) })
            if (Part(whole) is { } part) return new(node, part.State, part.First, Cell.WidthOf(node).Size, new Constant(1), added);
        return null;
    }

    static (State State, int First)? Part(Expr e) => e switch
    {
        StateAt { Lag: 1 } x => (x.State, 0),
        Slice { Operand: StateAt { Lag: 1 } x } slice => (x.State, slice.Before),
        _ => null,
    };

    /// <summary>The nodes below some, down to the changes before them, whose values are there.</summary>
    HashSet<Expr> Read(params IEnumerable<Expr> roots)
    {
        var (nodes, made) = (new HashSet<Expr>(ReferenceEqualityComparer.Instance), Changes.Select(c => (Expr)c.Node).ToHashSet(ReferenceEqualityComparer.Instance));
        foreach (var root in roots) Visit(root);
        return nodes;

        void Visit(Expr e)
        {
            if (made.Contains(e) || !nodes.Add(e)) return;
            foreach (var operand in Graph.Operands(e)) Visit(operand);
        }
    }

    /// <summary>The parts that some nodes read of the states before the step; one that is read whole is all its parts.</summary>
    IEnumerable<(State State, int First)> ReadParts(IReadOnlyCollection<Expr> nodes)
    {
        var sliced = nodes.OfType<Slice>().Where(s => s.Operand is StateAt).ToArray();
        return sliced.Select(s => Part(s)!.Value).Concat(nodes.OfType<StateAt>().Where(s => !sliced.Any(slice => slice.Operand == s)).SelectMany(s => Parts(s.State).Select(c => (c.State, c.First))));
    }

    static IEnumerable<Expr> Whole(Expr next) => next switch
    {
        Named { Body: Concat x } => x.Parts.Select(part => part.Part),
        _ => [next],
    };

    void Demand(bool holds, State state)
    {
        if (!holds) throw new NotSupportedException($"the step of {Cell.Name} cannot be undone: {state.Name} is no longer itself times a factor plus something that does not read it");
    }
}
