using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>A part of a matrix's gradient: the sum over steps and batch members of left ⊗ right.</summary>
/// <param name="Matrix">The matrix.</param>
/// <param name="Left">As wide as the matrix has rows.</param>
/// <param name="Right">As wide as the matrix has columns.</param>
sealed record OuterSum(Matrix Matrix, Place Left, Place Right);

/// <summary>
/// The backward part of a plan. Step by step, last step first, runs only what the derivatives of the states need; what is left, the products
/// that give the gradient of the input above all, runs once for all steps.
/// </summary>
sealed class BackwardPlan
{
    readonly ScanPlan plan;
    readonly Sums sums;
    readonly Dictionary<Expr, bool> ofGiven = new(ReferenceEqualityComparer.Instance), waits = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Expr, int> levels = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Expr, Place> places = new(ReferenceEqualityComparer.Instance), slots = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<Expr> carried = new(ReferenceEqualityComparer.Instance);
    readonly List<StoreOrder> inStep = [], after = [];
    readonly List<ProductOrder> stepProducts = [], afterProducts = [];
    readonly List<OperatorOrder> stepOperators = [], afterOperators = [];

    public BackwardPlan(ScanPlan plan, Derivative derivative)
    {
        this.plan = plan;
        var cell = plan.Cell;
        Incoming = plan.New("dy", BufferKind.Sequence, derivative.Output.Width.Size);
        States = cell.States.ToDictionary(s => s.Name, s => plan.New($"d{s.Name}", BufferKind.Ring, cell.WidthOf(s).Size));
        foreach (var (name, ring) in States) ring.Margin = plan.States[name].Margin;
        var given = derivative.NextStates.ToDictionary(s => (Expr)s.Value, s => new Place(States[s.Key]), (IEqualityComparer<Expr>)ReferenceEqualityComparer.Instance);
        given[derivative.Output] = new Place(Incoming);

        var carry = derivative.States.Select(s => (Value: Sums.Core(s.Value), Target: new Place(States[s.Key.State], 0, s.Key.Lag), Width: cell.WidthOf(cell.States.First(x => x.Name == s.Key.State)).Size)).Where(c => c.Value is not Constant).ToArray();
        var inputs = plan.Key.InputGradient ? derivative.Inputs.SelectMany(x => RowOperators.Apart(x.Value, cell.Input.Size)
            .Select(part => (Lag: x.Key, part.Value, part.Column, part.Width))).Where(x => x.Value is not Constant).ToArray() : [];
        var (outers, vectors) = (derivative.Matrices.Where(m => Sums.Core(m.Left) is not Constant && Sums.Core(m.Right) is not Constant).ToArray(), derivative.Vectors.Where(v => Sums.Core(v.Value) is not Constant).ToArray());
        sums = new Sums([.. carry.Select(c => c.Value), .. inputs.Select(x => x.Value), .. vectors.Select(v => Sums.Core(v.Value)),
            .. outers.SelectMany(m => new[] { Sums.Core(m.Left), Sums.Core(m.Right) }).Where(OfGiven)], e => !OfGiven(e));
        foreach (var (value, _, _) in carry) Carried(value);
        foreach (var e in sums.Order.Where(e => OfGiven(e) && RowOperators.Has(e))) Operate(e);

        var accumulating = new HashSet<Place>();
        foreach (var (value, target, width) in carry) Carry(value, target, width, accumulating);
        // A product over all steps reads a row for each, also of what is the same in all of them.
        Place Side(Expr e, int width) => !OfGiven(Sums.Core(e)) && plan.Forward.Place(Sums.Core(e)) is { Storage.Kind: not BufferKind.Row } place ? place : Materialised(Sums.Core(e), width);
        Outers = [.. outers.Select(m => new OuterSum(m.Matrix, Side(m.Left, cell.Shapes[m.Matrix][0].Size), Side(m.Right, cell.Shapes[m.Matrix][1].Size)))];
        Vectors = [.. vectors.Select(v => (v.Key, Summed(v.Key, Sums.Core(v.Value), cell.CountOf(v.Key))))];
        foreach (var product in sums.All.SelectMany(s => s.Products)) Materialised(Sums.Core(product.Operand), Width(product.Operand));
        foreach (var e in sums.Order.Where(e => OfGiven(e) && Waits(e) && e is not Product && !RowOperators.Has(e)))
            foreach (var operand in Graph.Operands(e).Select(Sums.Core).Where(o => OfGiven(o) && !Waits(o))) Materialised(operand, Width(operand));
        // Products write whole registers, kernels to the last element.
        var whole = inputs.Where(x => x.Lag == 0).All(x => x.Column % plan.Unit.Lanes == 0 && x.Width % plan.Unit.Lanes == 0 || !Accumulates(x.Value))
            && inputs.Where(x => x.Lag == 0).Sum(x => x.Width) == cell.Input.Size;
        Inputs = [.. inputs.Select(x => (x.Lag, InputGradient(x.Value, x.Lag, x.Column, x.Width, whole), x.Column, x.Width))];
        foreach (var sum in sums.All) Products(sum);

        var builder = new StageBuilder(plan.Unit, e => given.TryGetValue(e, out var at) ? at : Located(e), Sum, s => slots.TryGetValue(s.Node, out var own) ? own : plan.Forward.Slot(s));
        foreach (var target in carry.Select(c => c.Target).Where(t => t.Storage.Margin > 1)) builder.Written(target);
        Cleared = [.. States.Values.Where(ring => ring.Margin > 1 || carry.All(c => c.Target.Storage != ring))];
        Step = builder.Build(inStep, stepProducts, stepOperators, accumulating, Level);
        levels.Clear();
        After = builder.Build(after, afterProducts, afterOperators, new HashSet<Place>(), LevelAfter);
    }

    /// <summary>For each step, last first.</summary>
    public IReadOnlyList<Stage> Step { get; }
    /// <summary>Once for all steps.</summary>
    public IReadOnlyList<Stage> After { get; }
    /// <summary>The derivative of the output.</summary>
    public Storage Incoming { get; }
    /// <summary>The derivatives of the states, at the step being computed and the ones before it.</summary>
    public IReadOnlyDictionary<string, Storage> States { get; }
    /// <summary>The gradient of the input at t, where all its parts lie side by side and can be written there; else null.</summary>
    public Storage? Input { get; private set; }
    /// <summary>Rings whose oldest step is set to zero before each step.</summary>
    public IReadOnlyList<Storage> Cleared { get; }
    /// <summary>The gradients of the matrices.</summary>
    public IReadOnlyList<OuterSum> Outers { get; }
    /// <summary>Where the gradients of the vectors are summed over steps and batch members.</summary>
    public IReadOnlyList<(Vector Vector, Place Place)> Vectors { get; }
    /// <summary>The gradient of the input at t - lag, for each lag, by columns; the others get nothing.</summary>
    public IReadOnlyList<(int Lag, Place Place, int Column, int Width)> Inputs { get; }

    Place? Located(Expr e) => OfGiven(e) ? null : plan.Forward.Place(e);

    Sum? Sum(Expr e) => OfGiven(e) ? sums.Of(e) : plan.Forward.Sum(e);

    int Width(Expr e) => plan.Widths.Of(Sums.Core(e)) ?? throw new NotSupportedException($"{plan.Cell.Name}: a matrix acts on a number");

    /// <summary>Whether the backward pass computes a value: it depends on a derivative, or is an operator that the forward pass has no need of.</summary>
    bool OfGiven(Expr e) => ofGiven.TryGetValue(e, out var yes) ? yes
        : ofGiven[e] = e is Given || plan.Forward.Place(Sums.Core(e)) is null && (RowOperators.Has(e) || Graph.Operands(e).Any(OfGiven));

    /// <summary>Marks what the derivatives of the states need.</summary>
    void Carried(Expr e)
    {
        if (!OfGiven(e) || !carried.Add(e)) return;
        foreach (var operand in Graph.Operands(e)) Carried(Sums.Core(operand));
    }

    /// <summary>Whether a value waits for a product that is done after the time loop.</summary>
    bool Waits(Expr e) => waits.TryGetValue(e, out var yes) ? yes
        : waits[e] = OfGiven(e) && (e is Product && !carried.Contains(e) || Graph.Operands(e).Any(o => Waits(Sums.Core(o))));

    int Level(Expr e)
    {
        e = Sums.Core(e);
        if (levels.TryGetValue(e, out var level)) return level;
        return levels[e] = !OfGiven(e) ? 0 : sums.Of(e) is { } sum
            ? Math.Max(sum.Products.Max(p => Level(p.Operand)) + 1, sum.Others.Select(o => Level(o.Term)).DefaultIfEmpty(0).Max())
            : Graph.Operands(e).Select(Level).DefaultIfEmpty(0).Max() + (RowOperators.Has(e) ? 1 : 0);
    }

    int LevelAfter(Expr e)
    {
        e = Sums.Core(e);
        if (levels.TryGetValue(e, out var level)) return level;
        return levels[e] = !Waits(e) ? 0 : sums.Of(e) is { } sum
            ? Math.Max(sum.Products.Max(p => LevelAfter(p.Operand)) + 1, sum.Others.Select(o => LevelAfter(o.Term)).DefaultIfEmpty(0).Max())
            : Graph.Operands(e).Select(LevelAfter).DefaultIfEmpty(0).Max() + (RowOperators.Has(e) ? 1 : 0);
    }

    /// <summary>A derivative that goes to an earlier step. A sum that serves nothing else accumulates right there.</summary>
    void Carry(Expr value, Place target, int width, HashSet<Place> accumulating)
    {
        accumulating.Add(target);
        if (sums.Of(value) is { } sum && sums.Uses(value) == 1)
        {
            slots[value] = target;
            if (sum.Others.Count > 0) inStep.Add(new StoreOrder(value, target, width, sum.Others));
        }
        else inStep.Add(new StoreOrder(value, target, width));
    }

    /// <summary>Says where an operator's value lies, and has its operands stored. A part of a value that lies somewhere is a view.</summary>
    void Operate(Expr e)
    {
        var parts = RowOperators.Parts(e, Width);
        var sources = parts.Select(part => part.Operand is { } operand ? (OfGiven(operand) ? null : plan.Forward.Place(operand)) ?? Materialised(operand, part.Width) : default).ToArray();
        var order = RowOperators.View(e) is { } column ? new OperatorOrder(e, [], sources[0] with { Column = sources[0].Column + column })
            : new OperatorOrder(e, parts, new Place(plan.New($"r{places.Count}", BufferKind.Sequence, Width(e))));
        places[e] = order.Target;
        (Waits(e) ? afterOperators : stepOperators).Add(order);
    }

    /// <summary>Has a value added up as the steps are made.</summary>
    Place Summed(Vector vector, Expr e, int width)
    {
        var place = new Place(plan.New($"d{vector.Name}", BufferKind.Sum, width));
        (Waits(e) ? after : inStep).Add(new StoreOrder(e, place, width, Summed: true));
        return place;
    }

    Place Materialised(Expr e, int width)
    {
        if (places.TryGetValue(e, out var place)) return place;
        places[e] = place = new Place(plan.New($"d{places.Count}", BufferKind.Sequence, width));
        (Waits(e) ? after : inStep).Add(new StoreOrder(e, place, width));
        return place;
    }

    /// <summary>Whether products, done after the time loop, make a value where it is wanted.</summary>
    bool Accumulates(Expr value) => Waits(value) && sums.Of(value) is not null && sums.Uses(value) == 1;

    /// <summary>Where a part of the gradient of x lies: where all parts can be written there, in its place among them, and that may be the tensor's own memory.</summary>
    Place InputGradient(Expr value, int lag, int column, int width, bool whole)
    {
        if (places.TryGetValue(value, out var place)) return place;
        place = whole && lag == 0 ? new Place(Input ??= plan.New("dx", BufferKind.Sequence, plan.Cell.Input.Size), column) : new Place(plan.New("dx", BufferKind.Sequence, width));
        if (Accumulates(value) && sums.Of(value) is { } sum)
        {
            slots[value] = place;
            if (sum.Others.Count > 0) after.Add(new StoreOrder(value, place, width));
        }
        else (Waits(value) ? after : inStep).Add(new StoreOrder(value, place, width));
        return place;
    }

    void Products(Sum sum)
    {
        var late = Waits(sum.Node);
        var width = Width(sum.Node);
        if (!slots.TryGetValue(sum.Node, out var slot)) slots[sum.Node] = slot = new Place(plan.New($"s{slots.Count}", late ? BufferKind.Sequence : BufferKind.Ring, width));
        (late ? afterProducts : stepProducts).AddRange(sum.Products.Select(p => new ProductOrder(p, slot, width, Width(p.Operand))));
    }
}
