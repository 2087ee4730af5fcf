using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>One piece of a plan's work, done for some rows.</summary>
abstract record Stage;

/// <summary>An elementwise kernel.</summary>
/// <param name="Code">Its instructions.</param>
/// <param name="Operands">Where its operands lie.</param>
/// <param name="Columns">Elements of a row, whole registers.</param>
/// <param name="Width">Elements of a row that mean something: behind them there is nothing but the rest of a register.</param>
sealed record KernelStage(IReadOnlyList<Instruction> Code, IReadOnlyList<Place> Operands, int Columns, int Width) : Stage
{
    readonly Lazy<RowKernel>? built;

    /// <summary>For each operand whether it is read, and whether it is written.</summary>
    public IReadOnlyList<(bool Read, bool Written)> Access { get; } = [.. Operands.Select((_, i) =>
        (Code.Any(c => c is Instruction.Load x && x.Operand == i), Code.Any(c => c is Instruction.Store x && x.Operand == i)))];

    /// <summary>The operands' places, for the time loop.</summary>
    public Place[] Places { get; } = [.. Operands];

    /// <summary>Whether it changes anything in place, sums left out.</summary>
    public bool Changes { get; set; } = Operands.Index().Any(o => o.Item.Storage.Kind != BufferKind.Sum
        && Code.Any(c => c is Instruction.Load x && x.Operand == o.Index) && Code.Any(c => c is Instruction.Store x && x.Operand == o.Index));

    /// <summary>The arithmetic unit that it is for.</summary>
    public required VectorUnit Unit { init => built = new(() => RowKernels.Of(value, Code, Operands.Count)); }

    /// <summary>The compiled kernel, built when first run: a plan alone, which only asks whether a cell can be compiled, costs little.</summary>
    public RowKernel Kernel => built!.Value;
}

/// <summary>One matrix of a product stage.</summary>
/// <param name="Matrix">The weight, [rows, columns].</param>
/// <param name="Transposed">Whether its transpose is applied.</param>
/// <param name="Column">Where its result begins among the columns of the stage.</param>
/// <param name="Width">How many elements it gives.</param>
sealed record Factor(Matrix Matrix, bool Transposed, int Column, int Width);

/// <summary>Products of several matrices with one operand, whose results lie side by side.</summary>
/// <param name="Operand">The operand.</param>
/// <param name="Depth">Its width.</param>
/// <param name="Target">Where the results begin.</param>
/// <param name="Factors">The matrices.</param>
/// <param name="Columns">Elements of a row of results, whole registers.</param>
/// <param name="Overwrite">Whether the results replace what is there, rather than being added.</param>
sealed record ProductStage(Place Operand, int Depth, Place Target, IReadOnlyList<Factor> Factors, int Columns, bool Overwrite) : Stage
{
    /// <summary>Its number among the products of the plan.</summary>
    public int Number { get; set; }
}

/// <summary>An operator on whole rows.</summary>
/// <param name="Operator">What is done.</param>
/// <param name="Source">What is read; the target where nothing is.</param>
/// <param name="Target">Where the row that it belongs to begins.</param>
sealed record OperatorStage(RowOperator Operator, Place Source, Place Target) : Stage;

/// <summary>A node that row operators do.</summary>
/// <param name="Node">The node.</param>
/// <param name="Parts">What is done for it; nothing where it is a view of its operand.</param>
/// <param name="Target">Where its value begins.</param>
sealed record OperatorOrder(Expr Node, IReadOnlyList<OperatorPart> Parts, Place Target);

/// <summary>A value that is to be stored.</summary>
/// <param name="Value">What.</param>
/// <param name="Target">Where.</param>
/// <param name="Width">Its width.</param>
/// <param name="Terms">Where given, the value is the sum of these terms instead.</param>
/// <param name="Summed">Whether it is added to what is there.</param>
sealed record StoreOrder(Expr Value, Place Target, int Width, IReadOnlyList<(Expr Term, bool Negative)>? Terms = null, bool Summed = false);

/// <summary>A product that is to be accumulated.</summary>
/// <param name="Product">The product.</param>
/// <param name="Target">Where.</param>
/// <param name="Width">Its width.</param>
/// <param name="Depth">The width of its operand.</param>
sealed record ProductOrder(Product Product, Place Target, int Width, int Depth);

/// <summary>Turns orders into stages: for each level the elementwise kernels, then the products of what is known by then.</summary>
/// <param name="unit">The arithmetic unit.</param>
/// <param name="locate">Where a value can be loaded from, if it has been stored.</param>
/// <param name="sums">The sums of products.</param>
/// <param name="slot">Where the products of a sum accumulate.</param>
sealed class StageBuilder(VectorUnit unit, Func<Expr, Place?> locate, Func<Expr, Sum?> sums, Func<Sum, Place> slot)
{
    readonly HashSet<Place> written = [];
    readonly Dictionary<Expr, Place> stored = new(ReferenceEqualityComparer.Instance);

    /// <summary>Says that a place holds something already, so that products and stores add to it.</summary>
    public void Written(Place place) => written.Add(place);

    /// <summary>Where a value lies, if it can be loaded.</summary>
    public Place? Locate(Expr e) => stored.TryGetValue(e, out var place) ? place : locate(e);

    /// <summary>The stages of some orders.</summary>
    /// <param name="stores">What is stored.</param>
    /// <param name="products">What is multiplied; operands must be in a place by their level.</param>
    /// <param name="operators">What is done to whole rows; their operands likewise.</param>
    /// <param name="accumulating">Places to which several orders contribute.</param>
    /// <param name="level">How many products and operators in a row a value waits for.</param>
    public List<Stage> Build(IReadOnlyList<StoreOrder> stores, IReadOnlyList<ProductOrder> products, IReadOnlyList<OperatorOrder> operators,
        IReadOnlySet<Place> accumulating, Func<Expr, int> level)
    {
        var stages = new List<Stage>();
        int Level(StoreOrder order) => order.Terms?.Max(t => level(Sums.Core(t.Term))) ?? level(order.Value);
        int Before(ProductOrder order) => level(Sums.Core(order.Product.Operand));
        var last = stores.Select(Level).Concat(products.Select(Before)).Concat(operators.Select(o => level(o.Node) - 1)).DefaultIfEmpty(-1).Max();
        for (var at = 0; at <= last; at++)
        {
            foreach (var group in stores.Where(s => Level(s) == at).GroupBy(s => s.Width)) stages.Add(Kernel([.. group], group.Key, accumulating));
            foreach (var group in products.Where(p => Before(p) == at).GroupBy(p => (Locate(Sums.Core(p.Product.Operand)), p.Depth, p.Product.Transposed)))
                stages.AddRange(Products(group.Key.Item1, [.. group]));
            foreach (var order in operators.Where(o => level(o.Node) - 1 == at))
            {
                stages.AddRange(order.Parts.Select(part => new OperatorStage(part.Operator, part.Operand is { } operand ? Locate(operand)!.Value : order.Target, order.Target)));
                stored.TryAdd(order.Node, order.Target);
            }
        }
        return stages;
    }

    KernelStage Kernel(IReadOnlyList<StoreOrder> stores, int width, IReadOnlySet<Place> accumulating)
    {
        var writer = new KernelWriter(Locate, sums, slot);
        foreach (var order in stores)
        {
            if (order.Summed)
            {
                writer.Store(order.Target, writer.Added(order.Target, order.Value));
                continue;
            }
            var value = order.Terms is { } terms ? writer.Total(terms) : writer.Value(order.Value);
            writer.Store(order.Target, accumulating.Contains(order.Target) && !written.Add(order.Target) ? writer.Added(order.Target, value) : value);
        }
        foreach (var order in stores.Where(s => s.Terms is null && !s.Summed && !accumulating.Contains(s.Target))) stored.TryAdd(order.Value, order.Target);
        RowKernels.Demand(writer.Code);
        return new KernelStage(writer.Code, writer.Operands, unit.Pad(width), width) { Unit = unit };
    }

    /// <summary>Joins neighbours: products with one operand whose results lie side by side.</summary>
    IEnumerable<ProductStage> Products(Place? operand, List<ProductOrder> orders)
    {
        var place = operand ?? throw new InvalidOperationException($"the operand of {orders[0].Product.Matrix.Name} is in no place");
        orders = [.. orders.OrderBy(o => o.Target.Storage.Index).ThenBy(o => o.Target.Lag).ThenBy(o => o.Target.Column)];
        for (var i = 0; i < orders.Count;)
        {
            var (target, overwrite, columns, depth) = (orders[i].Target, written.Add(orders[i].Target), 0, orders[i].Depth);
            var factors = new List<Factor>();
            do
            {
                var order = orders[i++];
                factors.Add(new Factor(order.Product.Matrix, order.Product.Transposed, columns, order.Width));
                columns += unit.Pad(order.Width);
            }
            while (i < orders.Count && orders[i].Target == target with { Column = target.Column + columns } && written.Contains(orders[i].Target) != overwrite && (!overwrite || written.Add(orders[i].Target)));
            yield return new ProductStage(place, depth, target, factors, columns, overwrite);
        }
    }
}
