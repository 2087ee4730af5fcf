namespace RnnBench.Language;

/// <summary>What one step of a cell costs, for one batch member. A multiply-add is 2 FLOPs; an elementwise operation or function counts 1.</summary>
/// <param name="Parameters">The number of parameters that are trained and read.</param>
/// <param name="Hoisted">The matrix products that wait for no state: one large product over all steps, before the time loop.</param>
/// <param name="Sequential">The matrix products that wait for a state.</param>
/// <param name="HoistedFlops">FLOPs of the hoisted products.</param>
/// <param name="SequentialFlops">FLOPs of the sequential products.</param>
/// <param name="ElementwiseFlops">Elementwise operations and functions.</param>
/// <param name="Stages">State-dependent matrix products in a row: what a step has to wait for, one after the other.</param>
/// <param name="StateSize">Numbers carried from step to step.</param>
public sealed record Cost(long Parameters, IReadOnlyList<Product> Hoisted, IReadOnlyList<Product> Sequential,
    long HoistedFlops, long SequentialFlops, long ElementwiseFlops, int Stages, int StateSize)
{
    /// <summary>Whether no matrix meets a state: each unit runs alone.</summary>
    public bool IsElementwise => Sequential.Count == 0;

    /// <summary>Counts over the graph.</summary>
    public static Cost Of(Recurrence cell)
    {
        var waiting = Graph.Sequential(cell);
        var products = cell.Nodes.OfType<Product>().ToLookup(waiting.Contains);
        return new Cost(cell.Parameters.Where(q => q.Trained).Sum(q => cell.MaskOf(q)?.Count(read => read != 0) ?? Count(cell.Shapes[q])), [.. products[false]], [.. products[true]],
            products[false].Sum(p => 2 * Count(cell.Shapes[p.Matrix])), products[true].Sum(p => 2 * Count(cell.Shapes[p.Matrix])),
            cell.Nodes.Sum(e => e is Fold sum ? sum.Of.Size : e is Elementwise or Mean or Softmax or Apply { Function: not (Function.Identity or Function.Hold) } ? (long)cell.WidthOf(e).Size : 0),
            Depth(cell, waiting), cell.States.Sum(s => cell.WidthOf(s).Size * cell.DepthOf(s)));
    }

    static long Count(Width[] shape) => shape.Aggregate(1L, (product, side) => product * side.Size);

    static int Depth(Recurrence cell, IReadOnlySet<Expr> waiting)
    {
        var depth = new Dictionary<Expr, int>(ReferenceEqualityComparer.Instance);
        foreach (var e in cell.Nodes)
            depth[e] = Graph.Operands(e).Select(operand => depth[operand]).DefaultIfEmpty(0).Max() + (e is Product && waiting.Contains(e) ? 1 : 0);
        return depth.Values.DefaultIfEmpty(0).Max();
    }
}
