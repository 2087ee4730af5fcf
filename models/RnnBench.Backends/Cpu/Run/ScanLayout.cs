namespace RnnBench.Backends.Cpu;

/// <summary>What distinguishes one layout from another.</summary>
/// <param name="Plan">What is run.</param>
/// <param name="Steps">T.</param>
/// <param name="Batch">B.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Form">How they share the steps.</param>
sealed record RunShape(ScanPlan Plan, int Steps, int Batch, int Threads, LoopForm Form)
{
    /// <summary>The threads that deal the rows of a batch among them.</summary>
    public int LoopThreads => Math.Min(Threads, Batch);
}

/// <summary>What lies in one block of memory.</summary>
/// <param name="Bytes">How large it is.</param>
/// <param name="Storages">The storages' numbers, and where the first step of each lies from the block's beginning.</param>
/// <param name="Products">The same of the packed weights.</param>
/// <param name="Over">The numbers of storages that lie over others, the others', and where in these.</param>
sealed record MemoryBlock(long Bytes, IReadOnlyList<(int Index, long Offset)> Storages, IReadOnlyList<(int Number, long Offset)> Products,
    IReadOnlyList<(int Index, int Other, long Offset)> Over);

/// <summary>
/// All that runs of one shape have in common beyond their plan: where values and packed weights lie in their blocks of memory, and how their work is
/// cut. It is made once, so that the steps of a small model are not spent on it.
/// </summary>
sealed class ScanLayout
{
    /// <summary>What the values of some rows may take for stages to follow each other within a core's second cache.</summary>
    const int Cache = 1 << 20;

    readonly VectorUnit unit;
    readonly int sums;
    readonly long[] strides;
    readonly bool[] close;
    readonly PanelLayout[] panels;

    /// <param name="shape">What is run.</param>
    /// <param name="program">The scan.</param>
    public ScanLayout(RunShape shape, ScanProgram program)
    {
        var plan = shape.Plan;
        (Shape, unit, Direction) = (shape, plan.Unit, program.Reversed ? -1 : 1);
        Blocks = new StepBlocks(shape.Steps, shape.Batch, BlockRows(plan), shape.Threads);
        sums = Math.Max(Blocks.Count, shape.Batch);
        close = [.. plan.Storages.Select(IsClose)];
        strides = [.. plan.Storages.Select(s => close[s.Index] ? (long)Width(s) * unit.Size : (s.Over?.Storage ?? s).Stride(unit))];
        panels = [.. plan.Products.Concat(plan.BackwardProducts).Select(Choose)];
        (Forward, Backward) = (Block(late: false, plan.Products), Block(late: true, plan.BackwardProducts));
        (ForwardRows, BackwardRows) = (RowsAtOnce(plan.Forward.Step), RowsAtOnce(plan.Backward?.Step ?? []));
        Gradients = plan.Backward is null ? null : new GradientPieces(plan, program.Offsets, shape.Threads);
    }

    public RunShape Shape { get; }
    /// <summary>1, or -1 where the scan runs from the last step to the first.</summary>
    public int Direction { get; }
    /// <summary>The pieces in which work for all steps is dealt.</summary>
    public StepBlocks Blocks { get; }
    /// <summary>The block of the way forward, which lasts until the way back is done.</summary>
    public MemoryBlock Forward { get; }
    /// <summary>The block of the way back.</summary>
    public MemoryBlock Backward { get; }
    /// <summary>How many rows go through all stages of a step before the next ones.</summary>
    public int ForwardRows { get; }
    /// <summary>The same on the way back.</summary>
    public int BackwardRows { get; }
    /// <summary>How the gradients of the weights are dealt; null where there are none.</summary>
    public GradientPieces? Gradients { get; }

    /// <summary>Whether the rows of a storage lie close together, without room for whole registers behind each: it is a tensor of the caller's.</summary>
    public bool Close(Storage storage) => close[storage.Index];

    /// <summary>Bytes from one row to the next.</summary>
    public long Stride(Storage storage) => strides[storage.Index];

    /// <summary>How the weights of a product are packed.</summary>
    public PanelLayout Panels(int product) => panels[product];

    /// <summary>Rows of a storage, those before the first step among them.</summary>
    public long Rows(Storage s) => s.Kind switch
    {
        BufferKind.Sequence => (long)(Shape.Steps + s.Margin) * Shape.Batch,
        BufferKind.Ring => (long)(s.Margin + 1) * Shape.Batch,
        BufferKind.Sum => sums,
        _ => 1,
    };

    bool IsClose(Storage s)
    {
        var plan = Shape.Plan;
        return s == plan.X && plan.InPlace.Input || s == plan.Forward.Output.Storage && plan.InPlace.Output
            || plan.Backward is { } back && (s == back.Incoming && plan.InPlace.Incoming || s == back.Input);
    }

    /// <summary>Elements of a row of a tensor of the caller's.</summary>
    int Width(Storage s) => s == Shape.Plan.X || s == Shape.Plan.Backward?.Input ? Shape.Plan.Cell.Input.Size : Shape.Plan.Cell.WidthOf(Shape.Plan.Cell.Output).Size;

    /// <summary>Panels for as many rows as a product is given at once: all of them, those of a step, or a thread's of a step.</summary>
    PanelLayout Choose(ProductStage product)
    {
        var (forward, back) = (Shape.Plan.Forward, Shape.Plan.Backward);
        var whole = forward.Hoisted.Concat(back?.After ?? []).Any(stage => ReferenceEquals(stage, product));
        var rows = whole ? Shape.Steps * Shape.Batch : Shape.Form == LoopForm.Rows ? (Shape.Batch + Shape.LoopThreads - 1) / Shape.LoopThreads : Shape.Batch;
        return new PanelLayout(product.Depth, product.Columns, MatrixProduct.Vectors(unit, rows) * unit.Lanes);
    }

    MemoryBlock Block(bool late, IReadOnlyList<ProductStage> products)
    {
        var bytes = 0L;
        long Take(long size)
        {
            var at = bytes;
            bytes += (size + 127) / 64 * 64;
            return at;
        }
        return new MemoryBlock(
            Storages: [.. Shape.Plan.Storages.Where(s => s.Late == late && s.Over is null && !close[s.Index]).Select(s => (s.Index, Take(Rows(s) * strides[s.Index]) + Before(s)))],
            Products: [.. products.Select(p => (p.Number, Take((long)p.Depth * p.Columns * unit.Size)))],
            Over: [.. from s in Shape.Plan.Storages where s.Late == late && s.Over is not null
                      select (s.Index, s.Over!.Value.Storage.Index, (long)s.Over.Value.Column * unit.Size)],
            Bytes: bytes);
    }

    /// <summary>Bytes of the steps before the first, which lie in front of it.</summary>
    long Before(Storage s) => s.Kind == BufferKind.Sequence && Direction > 0 ? s.Margin * Shape.Batch * strides[s.Index] : 0;

    /// <summary>
    /// Rows in a block of what is done for all steps: as few as keep a core busy, because what is computed for them is then soon at hand again; more
    /// where the weights come from afar each time.
    /// </summary>
    static int BlockRows(ScanPlan plan)
    {
        const int Few = 160, Many = 256;
        long Weights(IEnumerable<Stage> stages) => stages.OfType<ProductStage>().Sum(p => (long)p.Depth * p.Columns) * plan.Unit.Size;
        return Math.Max(Weights(plan.Forward.Hoisted), Weights(plan.Backward?.After ?? [])) > Cache ? Many : Few;
    }

    /// <summary>How many rows go through all stages before the next ones: few where rows are long. A product wants as many as there are.</summary>
    int RowsAtOnce(IReadOnlyList<Stage> stages) => stages.Any(s => s is ProductStage) ? int.MaxValue
        : Math.Max(1, Cache / (unit.Size * Math.Max(1, Temporaries.Touched(stages).Sum(s => s.Columns))));
}
