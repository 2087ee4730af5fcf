namespace RnnBench.Language;

/// <summary>How some states follow from their own last step, so that all steps can be had at once by a prefix scan (Blelloch 1990).</summary>
/// <param name="States">The states, which follow from each other; one alone for most cells.</param>
/// <param name="Factors">What state k is multiplied with in the equation of state i, [i][k]; null where it does not occur.</param>
/// <param name="Rest">What is added in the equation of each; null for nothing.</param>
/// <param name="IsMaximum">Whether sums stand for products and maxima for sums: <c>m[t] = max(a + m[t-1], b)</c>, with no factor but the a.</param>
/// <param name="Held">Whether the states are held constant in the backward pass.</param>
public sealed record LinearStates(IReadOnlyList<State> States, IReadOnlyList<IReadOnlyList<Expr?>> Factors, IReadOnlyList<Expr?> Rest, bool IsMaximum = false, bool Held = false);

/// <summary>
/// Finds the states whose next step is linear in their last one, element by element, with factors that depend on the input and on other states
/// only: <c>c[t] = f * c[t-1] + i * g</c> where f, i, g read x. The factors are read off the equations.
/// </summary>
public sealed class Linear
{
    readonly Recurrence cell;
    readonly Dictionary<State, HashSet<State>> reads;

    Linear(Recurrence cell)
    {
        this.cell = cell;
        reads = cell.States.ToDictionary(s => s, s => Reads(cell.Next[s.Name]).ToHashSet());
        foreach (var via in cell.States)                                     // what is read by what is read (Warshall 1962)
            foreach (var from in cell.States.Where(s => reads[s].Contains(via))) reads[from].UnionWith(reads[via]);
    }

    /// <summary>The groups of states that read their own past; null where the states cannot be had for all steps at once.</summary>
    public static IReadOnlyList<LinearStates>? Of(Recurrence cell)
    {
        var pass = new Linear(cell);
        var groups = cell.States.Where(s => pass.reads[s].Contains(s))
            .GroupBy(s => cell.States.First(other => pass.reads[s].Contains(other) && pass.reads[other].Contains(s))).Select(g => pass.Group([.. g])).ToArray();
        return groups.Contains(null) ? null : [.. groups.OfType<LinearStates>()];
    }

    static IEnumerable<State> Reads(Expr e) => Graph.All(e).OfType<StateAt>().Select(read => read.State);

    LinearStates? Group(State[] states)
    {
        if (states is [var only] && Maximum(only) is { } maximum) return maximum;
        var rows = states.Select(s => new Row(states).Of(cell.Next[s.Name])).ToArray();
        return rows.Contains(null) ? null : new(states, [.. rows.Select(row => states.Select(s => row!.Factors.GetValueOrDefault(s)).ToArray())], [.. rows.Select(row => row!.Rest)]);
    }

    /// <summary><c>m[t] = max(a + m[t-1], b)</c>, in either order.</summary>
    LinearStates? Maximum(State m)
    {
        var (e, held) = (Bare(cell.Next[m.Name]), false);
        if (e is Apply { Function: Function.Hold } hold) (e, held) = (Bare(hold.Operand), true);
        if (e is not Elementwise { Operator: Operator.Maximum } max) return null;
        foreach (var (own, other) in new[] { (max.Left, max.Right), (max.Right, max.Left) })
            if (!Reads(other).Contains(m) && new Row([m]).Of(own) is { } row && row.Factors.GetValueOrDefault(m) is Constant { Value: 1 })
                return new([m], [[row.Rest ?? 0]], [other], IsMaximum: true, held);
        return null;
    }

    static Expr Bare(Expr e) => e is Named x ? Bare(x.Body) : e;

    /// <summary>A sum of states, each times a factor, and of what is not from them.</summary>
    sealed record Terms(IReadOnlyDictionary<State, Expr> Factors, Expr? Rest);

    /// <summary>Reads an expression as such a sum.</summary>
    sealed class Row(State[] states)
    {
        readonly Dictionary<Expr, bool> free = new(ReferenceEqualityComparer.Instance);

        public Terms? Of(Expr e) => IsFree(e) ? new(new Dictionary<State, Expr>(), e) : e switch
        {
            Named x => Of(x.Body),
            StateAt { Lag: 1 } x => new(new Dictionary<State, Expr> { [x.State] = 1 }, null),
            Apply { Function: Function.Identity } x => Of(x.Operand),
            Apply { Function: Function.Negate } x => Times(-1, Of(x.Operand)),
            Elementwise { Operator: Operator.Add } x => Plus(Of(x.Left), Of(x.Right)),
            Elementwise { Operator: Operator.Subtract } x => Plus(Of(x.Left), Times(-1, Of(x.Right))),
            Elementwise { Operator: Operator.Multiply } x when IsFree(x.Left) => Times(x.Left, Of(x.Right)),
            Elementwise { Operator: Operator.Multiply } x when IsFree(x.Right) => Times(x.Right, Of(x.Left)),
            Elementwise { Operator: Operator.Divide } x when IsFree(x.Right) => Times(1 / x.Right, Of(x.Left)),
            _ => null,
        };

        bool IsFree(Expr e) => free.TryGetValue(e, out var known) ? known
            : free[e] = e is StateAt x ? !states.Contains(x.State) : Graph.Operands(e).All(IsFree);

        static Terms? Times(Expr by, Terms? terms) => terms is null ? null
            : new(terms.Factors.ToDictionary(f => f.Key, f => Product(by, f.Value)), terms.Rest is null ? null : Product(by, terms.Rest));

        static Terms? Plus(Terms? a, Terms? b) => a is null || b is null ? null : new(
            a.Factors.Concat(b.Factors).GroupBy(f => f.Key).ToDictionary(f => f.Key, f => f.Select(term => term.Value).Aggregate((p, q) => p + q)),
            a.Rest is null ? b.Rest : b.Rest is null ? a.Rest : a.Rest + b.Rest);

        static Expr Product(Expr a, Expr b) => b is Constant { Value: 1 } ? a : a * b;
    }
}
