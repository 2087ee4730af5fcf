using RnnBench.Language;

namespace RnnBench.Backends.Eager;

/// <summary>
/// Brings a cell's equations into the form that is run. Equal subexpressions become one node, arithmetic on constants is done, and each
/// sum is sorted by stage: (parameters + over the sequence) + step by step, so that what can be hoisted out of the time loop stands apart.
/// </summary>
sealed class Lowering
{
    readonly record struct Key(Type Kind, object? A = null, object? B = null, object? C = null);

    readonly Recurrence cell;
    readonly Dictionary<Key, Value> shared = [];
    readonly Dictionary<Expr, Value> values = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Value, int> uses = [];
    readonly Dictionary<Value, Value> sorted = [];

    Lowering(Recurrence cell) => this.cell = cell;

    /// <summary>The states, the output and the gates asked for, in the form that is run.</summary>
    public sealed record Result(IReadOnlyDictionary<State, Present> States, Value Output, IReadOnlyDictionary<string, Value> Gates)
    {
        /// <summary>All of them.</summary>
        public IEnumerable<Value> Roots => [.. States.Values, Output, .. Gates.Values];
    }

    /// <param name="cell">The equations.</param>
    /// <param name="gates">Whether the gates are wanted as values.</param>
    /// <exception cref="NotSupportedException">A node that this backend does not know; it is named.</exception>
    public static Result Lower(Recurrence cell, bool gates)
    {
        var pass = new Lowering(cell);
        foreach (var e in cell.Nodes) pass.values[e] = pass.Lower(e);
        var states = cell.States.ToDictionary(s => s, s => pass.values[cell.Next[s.Name]]);
        var named = gates ? cell.Gates.ToDictionary(g => g.Name, g => pass.values[g]) : [];
        var output = pass.values[cell.Output];
        pass.CountUses([.. states.Values, output, .. named.Values]);
        return new(states.ToDictionary(s => s.Key, s => pass.Next(s.Key, pass.Sort(s.Value))),
            pass.Sort(output), named.ToDictionary(g => g.Key, g => pass.Sort(g.Value)));
    }

    Present Next(State state, Value value) =>
        value is Present present && present.State == state ? present : new(state, value, cell.WidthOf(state).Size);

    Value Lower(Expr e) => e switch
    {
        Constant x => Share(new(typeof(Number), x.Value), () => new Number(x.Value)),
        ConstantVector x => Share(new(typeof(Numbers), x), () => new Numbers(x.Values)),
        InputAt x => Share(new(typeof(Incoming), x.Lag), () => new Incoming(x.Lag, cell.Input.Size)),
        StateAt x => Share(new(typeof(Past), x.State, x.Lag), () => new Past(x.State, x.Lag, cell.WidthOf(x.State).Size)),
        ParameterVector x => Share(new(typeof(Weight), x.Vector), () => new Weight(x.Vector, cell.WidthOf(x).Size)),
        Product x => Share(new(typeof(MatVec), x.Matrix, x.Transposed, values[x.Operand]),
            () => new MatVec(x.Matrix, x.Transposed, values[x.Operand], cell.WidthOf(x).Size)),
        Elementwise x => Join(x.Operator, values[x.Left], values[x.Right]),
        Apply x => Map(x.Function, values[x.Operand]),
        Mean x => values[x.Operand] is Number same ? same : Share(new(typeof(Average), values[x.Operand]), () => new Average(values[x.Operand])),
        Softmax x => Share(new(typeof(Shares), values[x.Operand]), () => new Shares(values[x.Operand], x.Width.Size)),
        Concat x => new Chain([.. x.Parts.Select(part => values[part.Part])], [.. x.Parts.Select(part => part.Width.Size)]),
        Language.Slice x => values[x.Operand] is Number each ? each : Share(new(typeof(Cut), values[x.Operand], x.Before, x.Width.Size), () => new Cut(values[x.Operand], x.Before, x.Width.Size)),
        Spread x => values[x.Operand] is Number each ? each : Share(new(typeof(Repeated), values[x.Operand], x.Blocks, x.Count), () => new Repeated(values[x.Operand], x.Of.Size, x.Blocks, x.Count)),
        Fold x => values[x.Operand] is Number each ? new Number(each.Of * x.Count) : Share(new(typeof(Folded), values[x.Operand], x.Blocks, x.Count), () => new Folded(values[x.Operand], x.Width.Size, x.Blocks, x.Count)),
        Named x when cell.States.FirstOrDefault(s => ReferenceEquals(cell.Next[s.Name], x)) is { } state =>
            new Present(state, values[x.Body], cell.WidthOf(state).Size),
        Named x => values[x.Body],
        _ => throw new NotSupportedException($"the eager backend does not know the node {e.GetType().Name} of {cell.Name}"),
    };

    Value Share(Key key, Func<Value> make) => shared.TryGetValue(key, out var known) ? known : shared[key] = make();

    Value Map(Function function, Value operand) => (function, operand) switch
    {
        (Function.Identity, _) => operand,
        (_, Number x) => new Number(Functions.Table[function].Value(x.Of)),
        _ => Share(new(typeof(Map), function, operand), () => new Map(function, operand)),
    };

    Value Join(Operator op, Value left, Value right) => (op, left, right) switch
    {
        (_, Number a, Number b) => new Number(Arithmetic.Of(op, a.Of, b.Of)),
        _ => Share(new(typeof(Join), op, left, right), () => new Join(op, left, right)),
    };

    void CountUses(IReadOnlyList<Value> roots)
    {
        foreach (var value in roots) Count(value);

        void Count(Value value)
        {
            uses[value] = uses.GetValueOrDefault(value) + 1;
            if (uses[value] == 1)
                foreach (var operand in value.Operands) Count(operand);
        }
    }

    /// <summary>The same value with its sums sorted by stage.</summary>
    Value Sort(Value value)
    {
        if (sorted.TryGetValue(value, out var done)) return done;
        return sorted[value] = value switch
        {
            Join { Operator: Operator.Add } => Sum(Terms(value).Select(Sort).ToArray()),
            Join x => new Join(x.Operator, Sort(x.Left), Sort(x.Right)),
            Map x => new Map(x.Function, Sort(x.Operand)),
            MatVec x => new MatVec(x.Matrix, x.Transposed, Sort(x.Operand), x.Width),
            Average x => new Average(Sort(x.Operand)),
            Shares x => new Shares(Sort(x.Operand), x.Width),
            Chain x => new Chain([.. x.Operands.Select(Sort)], x.Widths),
            Cut x => new Cut(Sort(x.Operand), x.From, x.Width),
            Repeated x => new Repeated(Sort(x.Operand), x.Operand.Width, x.Blocks, x.Count),
            Folded x => new Folded(Sort(x.Operand), x.Width, x.Blocks, x.Count),
            Present x => new Present(x.State, Sort(x.Body), x.Width),
            Number or Numbers or Weight or Incoming or Past => value,
            _ => throw new NotSupportedException($"the eager backend does not know the value {value.GetType().Name}"),
        };
    }

    /// <summary>The terms of a sum, through sums that nothing else uses.</summary>
    IEnumerable<Value> Terms(Value sum) => sum.Operands.SelectMany(term =>
        term is Join { Operator: Operator.Add } && uses[term] == 1 ? Terms(term) : [term]);

    static Value Sum(IReadOnlyCollection<Value> terms) => terms
        .GroupBy(term => term.Stage).OrderBy(stage => stage.Key)
        .Aggregate((Value?)null, (start, stage) => start is null && stage.Count() == 1 ? stage.Single() : new Total(start, [.. stage]))!;
}
