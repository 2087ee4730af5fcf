namespace RnnBench.Language;

/// <summary>Walks over expression graphs.</summary>
public static class Graph
{
    /// <summary>The operands of a node, left to right.</summary>
    public static IReadOnlyList<Expr> Operands(Expr e) => e switch
    {
        Elementwise x => [x.Left, x.Right],
        Product x => [x.Operand],
        Apply x => [x.Operand],
        Named x => [x.Body],
        Mean x => [x.Operand],
        Softmax x => [x.Operand],
        Concat x => [.. x.Parts.Select(part => part.Part)],
        Slice x => [x.Operand],
        Spread x => [x.Operand],
        Fold x => [x.Operand],
        Constant or ConstantVector or InputAt or StateAt or ParameterVector or Given => [],
        _ => throw new NotSupportedException($"Operands does not know the node {e.GetType().Name}"),
    };

    /// <summary>Every node once, operands before their users.</summary>
    public static List<Expr> All(params IEnumerable<Expr> roots)
    {
        var order = new List<Expr>();
        var seen = new HashSet<Expr>(ReferenceEqualityComparer.Instance);
        foreach (var root in roots) Visit(root);
        return order;

        void Visit(Expr e)
        {
            if (!seen.Add(e)) return;
            foreach (var operand in Operands(e)) Visit(operand);
            order.Add(e);
        }
    }

    /// <summary>The weights below some nodes, each once, in the order of first use.</summary>
    public static IEnumerable<Parameter> Parameters(params IEnumerable<Expr> roots) => All(roots)
        .Select(e => e switch { Product x => x.Matrix, ParameterVector x => (Parameter)x.Vector, _ => null })
        .OfType<Parameter>().Distinct();

    /// <summary>The nodes that wait for a state of an earlier step; the others can be computed for all steps at once, before the time loop.</summary>
    public static IReadOnlySet<Expr> Sequential(Recurrence cell)
    {
        var waiting = new HashSet<Expr>(ReferenceEqualityComparer.Instance);
        foreach (var e in cell.Nodes)
            if (e is StateAt || Operands(e).Any(waiting.Contains)) waiting.Add(e);
        return waiting;
    }
}
