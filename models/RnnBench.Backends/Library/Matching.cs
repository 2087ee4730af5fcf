using System.Collections.Immutable;
using RnnBench.Language;

namespace RnnBench.Backends.Library;

/// <summary>
/// Whether two cells have the same equations, whatever their weights, states and gates are called. Sums and products may be in any
/// order; two weights of one cell never stand for one weight of the other.
/// </summary>
sealed class Matching
{
    readonly ImmutableDictionary<object, object> there, back;

    Matching(ImmutableDictionary<object, object> there, ImmutableDictionary<object, object> back) => (this.there, this.back) = (there, back);

    /// <summary>The cell's weight that stands for one of the pattern.</summary>
    public Parameter this[Parameter ofPattern] => (Parameter)there[ofPattern];
    /// <summary>The cell's state that stands for one of the pattern.</summary>
    public State this[State ofPattern] => (State)there[ofPattern];

    /// <summary>The correspondence, or null where the equations differ.</summary>
    public static Matching? Find(Recurrence pattern, Recurrence cell)
    {
        if (pattern.States.Count != cell.States.Count || pattern.Parameters.Count != cell.Parameters.Count) return null;
        var blank = ImmutableDictionary.Create<object, object>(ReferenceEqualityComparer.Instance, ReferenceEqualityComparer.Instance);
        return Orders(cell.States).Select(Named).FirstOrDefault(found => found is not null);

        Matching? Named(IReadOnlyList<State> states) => pattern.States.Zip(states)
            .Aggregate(new Matching(blank, blank), (matching, pair) => matching.Bind(pair.First, pair.Second)!)
            .Solve([(pattern.Output, cell.Output), .. pattern.States.Zip(states, (a, b) => (pattern.Next[a.Name], cell.Next[b.Name]))]);
    }

    /// <summary>Goes through pairs that must match; where several pairings are possible, tries each with all that follows.</summary>
    Matching? Solve(ImmutableStack<(Expr, Expr)> pairs)
    {
        if (pairs.IsEmpty) return this;
        var rest = pairs.Pop(out var pair);
        return (Bare(pair.Item1), Bare(pair.Item2)) switch
        {
            (Constant a, Constant b) => a.Value == b.Value ? Solve(rest) : null,
            (InputAt a, InputAt b) => a.Lag == b.Lag ? Solve(rest) : null,
            (StateAt a, StateAt b) => a.Lag == b.Lag ? Bind(a.State, b.State)?.Solve(rest) : null,
            (ParameterVector a, ParameterVector b) => Bind(a.Vector, b.Vector)?.Solve(rest),
            (Product a, Product b) when a.Transposed == b.Transposed => Bind(a.Matrix, b.Matrix)?.Solve(rest.Push((a.Operand, b.Operand))),
            (Apply a, Apply b) => a.Function == b.Function ? Solve(rest.Push((a.Operand, b.Operand))) : null,
            (Elementwise a, Elementwise b) when a.Operator != b.Operator => null,
            (Elementwise { Operator: Operator.Add or Operator.Multiply } a, Elementwise b) =>
                AnyOrder(Parts(a, a.Operator), Parts(b, b.Operator), rest),
            (Elementwise a, Elementwise b) => Solve(rest.Push((a.Left, b.Left)).Push((a.Right, b.Right))),
            _ => null,
        };
    }

    Matching? AnyOrder(IReadOnlyList<Expr> pattern, IReadOnlyList<Expr> cell, ImmutableStack<(Expr, Expr)> rest) => pattern.Count != cell.Count ? null
        : Orders(cell).Where(order => pattern.Zip(order).All(pair => Bare(pair.First).GetType() == Bare(pair.Second).GetType()))
            .Select(order => Solve(pattern.Zip(order).Aggregate(rest, (stack, pair) => stack.Push(pair))))
            .FirstOrDefault(found => found is not null);

    /// <summary>One to one: a weight that is used for two of the pattern's is no match.</summary>
    Matching? Bind(object a, object b)
    {
        if (there.TryGetValue(a, out var known)) return ReferenceEquals(known, b) ? this : null;
        return back.ContainsKey(b) ? null : new(there.Add(a, b), back.Add(b, a));
    }

    static Expr Bare(Expr e) => e switch
    {
        Named x => Bare(x.Body),
        Apply { Function: Function.Identity } x => Bare(x.Operand),
        _ => e,
    };

    static IReadOnlyList<Expr> Parts(Expr e, Operator op) =>
        Bare(e) is Elementwise x && x.Operator == op ? [.. Parts(x.Left, op), .. Parts(x.Right, op)] : [e];

    static IEnumerable<IReadOnlyList<T>> Orders<T>(IReadOnlyList<T> items) => items.Count <= 1 ? [items] : items.SelectMany((item, k) =>
        Orders<T>([.. items.Where((_, other) => other != k)]).Select(rest => (IReadOnlyList<T>)[item, .. rest]));
}
