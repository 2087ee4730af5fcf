using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>What a plan is made for.</summary>
/// <param name="Bits">The register width.</param>
/// <param name="Element"><c>float</c> or <c>double</c>.</param>
/// <param name="Training">Whether a backward pass may follow.</param>
/// <param name="Gates">Whether gate values are recorded.</param>
/// <param name="InputGradient">Whether the gradient of the input is wanted.</param>
/// <param name="LowMemory">Whether the backward pass computes functions anew rather than keeping their values.</param>
sealed record PlanKey(Type Element, int Bits, bool Training, bool Gates, bool InputGradient, bool LowMemory);

/// <summary>
/// How a scan is run: what is computed for all steps at once, what step by step, and where every value lies. Made from the graph of the
/// equations alone; the batch and the number of steps are not known yet.
/// </summary>
sealed class ScanPlan
{
    readonly List<Storage> storages = [];
    readonly Dictionary<Vector, Place> vectors = [];
    readonly Dictionary<ConstantVector, Place> constants = new(ReferenceEqualityComparer.Instance);

    /// <exception cref="NotSupportedException">The equations hold a node that this backend lacks; the message names it.</exception>
    public ScanPlan(Recurrence cell, PlanKey key)
    {
        (Cell, Key, Unit) = (cell, key, VectorUnit.Of(key.Element, key.Bits));
        Widths = new Widths(cell);
        X = New("x", BufferKind.Sequence, cell.Input.Size);
        X.Margin = cell.Nodes.OfType<InputAt>().Select(x => x.Lag).DefaultIfEmpty(0).Max();
        States = cell.States.ToDictionary(s => s.Name, s => New(s.Name, BufferKind.Sequence, cell.WidthOf(s).Size));
        foreach (var state in cell.States) States[state.Name].Margin = cell.DepthOf(state);
        var derivative = key.Training ? Derivative.Of(cell) : null;
        Forward = new ForwardPlan(this, derivative);
        Backward = derivative is null ? null : new BackwardPlan(this, derivative);
        Temporaries.Shrink(this);
        InPlace = InPlace.Of(this);
        Reuse.Mark(this);
        Columns = storages.Sum(s => s.Columns);
        Products = [.. Forward.Hoisted.Concat(Forward.Step).OfType<ProductStage>()];
        BackwardProducts = Backward is { } back ? [.. back.After.Concat(back.Step).OfType<ProductStage>()] : [];
        foreach (var (number, product) in Products.Concat(BackwardProducts).Index()) product.Number = number;
    }

    public Recurrence Cell { get; }
    public PlanKey Key { get; }
    public VectorUnit Unit { get; }
    public Widths Widths { get; }
    /// <summary>The input sequence.</summary>
    public Storage X { get; }
    /// <summary>The states, with the steps before the first.</summary>
    public IReadOnlyDictionary<string, Storage> States { get; }
    public ForwardPlan Forward { get; }
    public BackwardPlan? Backward { get; }
    public IReadOnlyList<Storage> Storages => storages;
    /// <summary>Elements of a row of all storages together.</summary>
    public int Columns { get; }
    /// <summary>Where the vector parameters lie that kernels read.</summary>
    public IReadOnlyDictionary<Vector, Place> Vectors => vectors;
    /// <summary>Where the numbers lie that are part of the equations.</summary>
    public IReadOnlyDictionary<ConstantVector, Place> Constants => constants;
    /// <summary>What the kernels read and write where the caller has it.</summary>
    public InPlace InPlace { get; }
    /// <summary>The products of the way forward; their numbers begin at 0.</summary>
    public IReadOnlyList<ProductStage> Products { get; }
    /// <summary>The products of the way back; their numbers go on.</summary>
    public IReadOnlyList<ProductStage> BackwardProducts { get; }

    /// <summary>A new block of memory.</summary>
    public Storage New(string name, BufferKind kind, int width)
    {
        var storage = new Storage(name, kind, storages.Count) { Columns = Unit.Pad(width), Late = Forward is not null && kind != BufferKind.Row };
        storages.Add(storage);
        return storage;
    }

    /// <summary>Where the values lie that no equation computes.</summary>
    public Place? Leaf(Expr e)
    {
        switch (e)
        {
            case InputAt x: return new Place(X, 0, x.Lag);
            case StateAt x: return new Place(States[x.State.Name], 0, x.Lag);
            case Slice x: return Leaf(Sums.Core(x.Operand)) is { } whole ? whole with { Column = whole.Column + x.Before } : null;
            case ParameterVector x:
                if (!vectors.TryGetValue(x.Vector, out var place))
                    vectors[x.Vector] = place = new Place(New(x.Vector.Name, BufferKind.Row, Cell.CountOf(x.Vector)));
                return place;
            case ConstantVector x:
                if (!constants.TryGetValue(x, out var numbers))
                    constants[x] = numbers = new Place(New(x.Letter, BufferKind.Row, x.Values.Count));
                return numbers;
            default: return null;
        }
    }

    /// <summary>The plan in readable form.</summary>
    public string Explain()
    {
        var text = new StringWriter();
        Write("once for all steps", Forward.Hoisted);
        Write("step by step", Forward.Step);
        if (Backward is { } backward)
        {
            Write("backward, step by step", backward.Step);
            Write("backward, once for all steps", backward.After);
            foreach (var s in storages) if (s.Over is { } over) text.WriteLine($"  {s.Name}[t] lies where {over} was");
            foreach (var o in backward.Outers) text.WriteLine($"  d{o.Matrix.Name} = sum over t of {o.Left} x {o.Right}");
        }
        return text.ToString();

        void Write(string title, IReadOnlyList<Stage> stages)
        {
            if (stages.Count == 0) return;
            text.WriteLine(title);
            foreach (var stage in stages) text.WriteLine(Text(stage));
        }

        static string Text(Stage stage) => stage switch
        {
            ProductStage p => $"  {p.Target} {(p.Overwrite ? "=" : "+=")} [{string.Join("; ", p.Factors.Select(f => f.Matrix.Name + (f.Transposed ? "ᵀ" : "")))}] {p.Operand}",
            OperatorStage o => $"  {o.Target} = {o.Operator} of {o.Source}",
            KernelStage k => "  " + RowKernels.Listing(k.Code, i => k.Operands[i].ToString()).TrimEnd().Replace("\n", "\n  "),
            _ => throw new NotSupportedException($"ScanPlan.Explain does not know {stage.GetType().Name}"),
        };
    }
}

/// <summary>The widths of the nodes of a cell and of its derivatives.</summary>
sealed class Widths(Recurrence cell)
{
    readonly Dictionary<Expr, int?> known = new(ReferenceEqualityComparer.Instance);

    /// <summary>The width of a node; null where it is a number.</summary>
    public int? Of(Expr e) => known.TryGetValue(e, out var width) ? width : known[e] = e switch
    {
        Constant => null,
        InputAt => cell.Input.Size,
        StateAt x => cell.WidthOf(x.State).Size,
        ParameterVector x => cell.CountOf(x.Vector),
        ConstantVector x => x.Values.Count,
        Given x => x.Width.Size,
        Product x => cell.Shapes[x.Matrix][x.Transposed ? 1 : 0].Size,
        Concat x => x.Width.Size,
        Slice x => x.Width.Size,
        Spread x => x.Width.Size,
        Fold x => x.Width.Size,
        Softmax x => x.Width.Size,
        Elementwise or Apply or Named or Mean => Graph.Operands(e).Select(Of).FirstOrDefault(w => w is not null),
        _ => throw new NotSupportedException($"the cpu backend lacks the node {e.GetType().Name}"),
    };
}
