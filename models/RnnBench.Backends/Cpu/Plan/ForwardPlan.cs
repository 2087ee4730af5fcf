using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// The forward part of a plan. Products without a state beneath them are done once for all steps; every sum of products has a column of one
/// buffer in which its products accumulate, hoisted ones first. What the backward pass needs and what is dear to compute is kept, in the
/// place of the sum that it is a function of where nothing else reads that sum.
/// </summary>
sealed class ForwardPlan
{
    readonly ScanPlan plan;
    readonly Sums sums;
    readonly Dictionary<Expr, bool> onState = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Expr, int> levels = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Expr, Place> slots = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Expr, Place> places = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<Expr> kept = new(ReferenceEqualityComparer.Instance), readRaw = new(ReferenceEqualityComparer.Instance), demanded = new(ReferenceEqualityComparer.Instance);

    public ForwardPlan(ScanPlan plan, Derivative? derivative)
    {
        this.plan = plan;
        var cell = plan.Cell;
        var gates = plan.Key.Gates ? cell.Gates.ToArray() : [];
        var next = cell.States.Select(s => (State: s, Value: Sums.Core(cell.Next[s.Name]))).ToArray();
        var output = Sums.Core(cell.Output);
        sums = new Sums([.. next.Select(n => n.Value), output, .. gates.Select(Sums.Core)], _ => false);
        Slots = plan.New("a", BufferKind.Sequence, 0);
        Allot();

        var stores = next.Select(n => new StoreOrder(n.Value, new Place(plan.States[n.State.Name]), cell.WidthOf(n.State).Size)).ToList();
        foreach (var order in stores) if (plan.Leaf(order.Value) is null) places.TryAdd(order.Value, order.Target);
        Output = Stored(output, "y", cell.WidthOf(cell.Output).Size, stores);
        var products = sums.All.SelectMany(s => s.Products.Select(p => new ProductOrder(p, slots[s.Node], Width(s.Node), Width(p.Operand)))).ToList();
        var early = new List<StoreOrder>();
        var operators = sums.Order.Where(e => RowOperators.Has(e) && plan.Leaf(e) is null).Select(e => Order(e, operand => OnState(operand) ? stores : early)).ToArray();
        foreach (var p in products) Stored(Sums.Core(p.Product.Operand), "v", Width(p.Product.Operand), OnState(p.Product.Operand) ? stores : early);
        if (derivative is not null) foreach (var root in Roots(derivative)) Visit(Sums.Core(root));
        foreach (var gate in gates) kept.Add(Sums.Core(gate));
        foreach (var e in sums.Order.Where(kept.Contains)) Keep(e, stores);
        Gates = [.. gates.Select(g => (g.Name, Place(Sums.Core(g)) ?? throw new NotSupportedException($"{cell.Name}: the gate {g.Name} is a number"), cell.WidthOf(g).Size))];

        var builder = new StageBuilder(plan.Unit, Locate, sums.Of, s => slots[s.Node]);
        var none = new HashSet<Place>();
        Hoisted = builder.Build(early, [.. products.Where(p => !OnState(p.Product.Operand))], [.. operators.Where(o => !OnState(o.Node))], none, Level);
        Step = builder.Build(stores, [.. products.Where(p => OnState(p.Product.Operand))], [.. operators.Where(o => OnState(o.Node))], none, Level);
        // What stands there several times over is spread out again on the way back.
        foreach (var spread in sums.Order.OfType<Spread>()) places.Remove(spread);
    }

    /// <summary>Once for all steps.</summary>
    public IReadOnlyList<Stage> Hoisted { get; }
    /// <summary>For each step.</summary>
    public IReadOnlyList<Stage> Step { get; }
    /// <summary>Where the sums of products accumulate.</summary>
    public Storage Slots { get; }
    /// <summary>Where the output lies.</summary>
    public Place Output { get; }
    /// <summary>Where the recorded gates lie.</summary>
    public IReadOnlyList<(string Name, Place Place, int Width)> Gates { get; }

    /// <summary>Where a value can be loaded from after the step.</summary>
    public Place? Place(Expr e) => places.TryGetValue(e, out var place) ? place : plan.Leaf(e);
    /// <summary>The sum of products that a node is.</summary>
    public Sum? Sum(Expr e) => sums.Of(e);
    /// <summary>Where the products of a sum lie.</summary>
    public Place Slot(Sum sum) => slots[sum.Node];

    /// <summary>During the step only what is a leaf is there from the start; the rest becomes loadable as it is stored.</summary>
    Place? Locate(Expr e) => plan.Leaf(e);

    int Width(Expr e) => plan.Widths.Of(Sums.Core(e)) ?? throw new NotSupportedException($"{plan.Cell.Name}: a matrix acts on a number");

    /// <summary>Whether a value is computed step by step: it depends on a state, or stands there several times over, and is too large to keep for all steps.</summary>
    bool OnState(Expr e) => onState.TryGetValue(e, out var yes) ? yes : onState[e] = e is StateAt or Spread || Graph.Operands(e).Any(OnState);

    /// <summary>How many products a value waits for, one after the other, within its phase.</summary>
    int Level(Expr e)
    {
        e = Sums.Core(e);
        if (levels.TryGetValue(e, out var level)) return level;
        return levels[e] = sums.Of(e) is { } sum
            ? Math.Max(sum.Products.Max(Wait), sum.Others.Select(o => After(o.Term)).DefaultIfEmpty(0).Max())
            : plan.Leaf(e) is not null ? 0 : Graph.Operands(e).Select(After).DefaultIfEmpty(0).Max() + (RowOperators.Has(e) ? 1 : 0);

        // A hoisted product of another hoisted value counts only while hoisting; before the first step everything hoisted is there.
        int Wait(Product p) => OnState(p.Operand) || !OnState(e) ? Level(p.Operand) + 1 : 0;

        int After(Expr operand) => OnState(e) && !OnState(Sums.Core(operand)) ? 0 : Level(operand);
    }

    /// <summary>Says where an operator's value lies, and has its operands stored. A part of a value that lies somewhere is a view.</summary>
    OperatorOrder Order(Expr e, Func<Expr, List<StoreOrder>> stores)
    {
        var parts = RowOperators.Parts(e, Width);
        var sources = parts.Select(part => part.Operand is { } operand ? Stored(operand, "v", part.Width, stores(operand)) : default).ToArray();
        if (RowOperators.View(e) is { } column) return Placed(new OperatorOrder(e, [], sources[0] with { Column = sources[0].Column + column }));
        return Placed(new OperatorOrder(e, parts, new Place(plan.New("r", BufferKind.Sequence, Width(e)))));

        OperatorOrder Placed(OperatorOrder order)
        {
            places.TryAdd(e, order.Target);
            return order;
        }
    }

    /// <summary>Gives each sum its columns; sums of the same operands side by side, so that their products become one.</summary>
    void Allot()
    {
        var order = sums.Order.Index().ToDictionary(e => e.Item, e => e.Index, (IEqualityComparer<Expr>)ReferenceEqualityComparer.Instance);
        string Operand(Expr e) => (OnState(e) ? "0" : "1") + (plan.Leaf(e)?.ToString() ?? $"v{order[e]}");
        string Operands(Sum sum) => string.Join(",", sum.Products.Select(p => Operand(Sums.Core(p.Operand))).Order(StringComparer.Ordinal));
        foreach (var sum in sums.All.OrderBy(Operands, StringComparer.Ordinal))
        {
            slots[sum.Node] = new Place(Slots, Slots.Columns);
            Slots.Columns += plan.Unit.Pad(Width(sum.Node));
        }
    }

    Place Stored(Expr e, string name, int width, List<StoreOrder> stores)
    {
        if (Place(e) is { } place) return place;
        places[e] = place = new Place(plan.New(name, BufferKind.Sequence, width));
        stores.Add(new StoreOrder(e, place, width));
        return place;
    }

    void Keep(Expr e, List<StoreOrder> stores)
    {
        if (Place(e) is not null || e is Constant) return;
        var alone = e is Apply f && sums.Of(Sums.Core(f.Operand)) is { } sum && !readRaw.Contains(sum.Node) && sums.Uses(sum.Node) == 1 ? slots[sum.Node] : (Place?)null;
        if (alone is not { } place) Stored(e, "k", Width(e), stores);
        else
        {
            places[e] = place;
            stores.Add(new StoreOrder(e, place, Width(e)));
        }
    }

    /// <summary>
    /// Whether a value waits for a product or an operator. A function of anything else costs less to compute anew than to keep: it is read anyway, what it
    /// is a function of, and writing and reading a value takes as long as a function where the sequence is larger than the caches.
    /// </summary>
    bool OnProduct(Expr e) => plan.Leaf(e) is null && (e is Product || RowOperators.Has(e) || Graph.Operands(e).Any(o => OnProduct(Sums.Core(o))));

    static IEnumerable<Expr> Roots(Derivative d) => [.. d.States.Values, .. d.Inputs.Values, .. d.Vectors.Values, .. d.Matrices.SelectMany(m => new[] { m.Left, m.Right })];

    /// <summary>Finds what the backward pass reads of the forward one.</summary>
    void Visit(Expr e)
    {
        if (!demanded.Add(e) || Place(e) is not null) return;
        if (sums.Of(e) is { } sum)
        {
            readRaw.Add(e);
            foreach (var (term, _) in sum.Others) Visit(Sums.Core(term));
        }
        else if (e is Apply { Function: Function.Sigmoid or Function.Tanh } f && sums.Uses(e) > 0 && !plan.Key.LowMemory && OnProduct(Sums.Core(f.Operand))) kept.Add(e);
        else foreach (var operand in Graph.Operands(e)) Visit(Sums.Core(operand));
    }
}
