namespace RnnBench.Backends.Cpu;

/// <summary>The memory of one run of a scan: where each storage of the plan begins, and the packed weights.</summary>
sealed unsafe class ScanMemory
{
    readonly ScanPlan plan;
    readonly VectorUnit unit;
    readonly int steps, batch, sums, direction;
    readonly long[] starts, strides;
    readonly bool[] close;
    readonly Dictionary<ProductStage, (long Address, PanelLayout Layout)> packed = new(ReferenceEqualityComparer.Instance);

    /// <param name="plan">The plan.</param>
    /// <param name="steps">T.</param>
    /// <param name="batch">B.</param>
    /// <param name="sums">How many partial sums there may be: the batch at least, because a thread's goes by its first member.</param>
    /// <param name="reversed">Whether the scan runs from the last step to the first.</param>
    public ScanMemory(ScanPlan plan, int steps, int batch, int sums, bool reversed)
    {
        (this.plan, unit, this.steps, this.batch, this.sums, direction) = (plan, plan.Unit, steps, batch, Math.Max(sums, batch), reversed ? -1 : 1);
        (starts, strides, close) = (new long[plan.Storages.Count], new long[plan.Storages.Count], new bool[plan.Storages.Count]);
    }

    /// <summary>Bytes that the storages of the forward or of the backward pass take, those that are bound to tensors left out.</summary>
    public long Bytes(bool late, Func<Storage, bool> bound, IEnumerable<ProductStage> products) =>
        plan.Storages.Where(s => s.Late == late && !bound(s)).Sum(s => Rounded(Rows(s) * s.Stride(unit))) + products.Sum(p => Rounded((long)p.Depth * p.Columns * unit.Size));

    /// <summary>Lays the storages out in a block.</summary>
    public void Lay(long block, bool late, Func<Storage, bool> bound, IEnumerable<(ProductStage Stage, int Rows)> products)
    {
        foreach (var s in plan.Storages.Where(s => s.Late == late && !bound(s)))
        {
            Bind(s, block, s.Stride(unit), own: true);
            block += Rounded(Rows(s) * s.Stride(unit));
        }
        foreach (var (stage, rows) in products)
        {
            packed[stage] = (block, new PanelLayout(stage.Depth, stage.Columns, MatrixProduct.Vectors(unit, rows) * unit.Lanes));
            block += Rounded((long)stage.Depth * stage.Columns * unit.Size);
        }
    }

    /// <summary>Says where a storage lies.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="start">Its first byte.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="own">Whether the steps before the first have room there.</param>
    public void Bind(Storage storage, long start, long stride, bool own = false)
    {
        starts[storage.Index] = start + (own && storage.Kind == BufferKind.Sequence && direction > 0 ? storage.Margin * batch * stride : 0);
        strides[storage.Index] = stride;
        close[storage.Index] = !own;
    }

    /// <summary>Whether the rows of a storage lie close together, without room for whole registers behind each.</summary>
    public bool Close(Storage storage) => close[storage.Index];

    public long Stride(Storage storage) => storage.Kind is BufferKind.Row or BufferKind.Sum ? 0 : strides[storage.Index];

    /// <summary>The partial sums: where they begin, how many there may be and the bytes from one to the next.</summary>
    public (long Address, int Rows, long Stride) Sums(Storage sum) => (starts[sum.Index], checked((int)Rows(sum)), strides[sum.Index]);

    public (long Address, PanelLayout Layout) Packed(ProductStage stage) => packed[stage];

    /// <summary>The first row of a step, counted in scan order; steps before the first are negative.</summary>
    public long Row(int step) => (long)(direction > 0 ? step : steps - 1 - step) * batch;

    /// <summary>The rows of some steps: the first and how many.</summary>
    public (long Row, int Rows) Rows((int From, int To) steps) => (Math.Min(Row(steps.From), Row(steps.To - 1)), (steps.To - steps.From) * batch);

    /// <summary>Where a value lies.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="row">The row, counted over steps and batch members in the order of time.</param>
    /// <param name="step">The step in scan order, for rings.</param>
    /// <param name="member">The batch member, for rings; for sums the first of a thread's, or the block.</param>
    public long Address(Place place, long row, int step, int member)
    {
        var i = place.Storage.Index;
        return starts[i] + (long)place.Column * unit.Size + place.Storage.Kind switch
        {
            BufferKind.Sequence => (row - (long)direction * place.Lag * batch) * strides[i],
            BufferKind.Ring => ((long)Turn(step - place.Lag, place.Storage.Margin + 1) * batch + member) * strides[i],
            BufferKind.Sum => member * strides[i],
            _ => 0,
        };
    }

    static int Turn(int step, int count) => ((step % count) + count) % count;

    long Rows(Storage s) => s.Kind switch
    {
        BufferKind.Sequence => (long)(steps + s.Margin) * batch,
        BufferKind.Ring => (long)(s.Margin + 1) * batch,
        BufferKind.Sum => sums,
        _ => 1,
    };

    static long Rounded(long bytes) => (bytes + 127) / 64 * 64;
}
