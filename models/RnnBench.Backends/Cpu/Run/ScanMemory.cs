namespace RnnBench.Backends.Cpu;

/// <summary>The memory of one run of a scan: where each storage of the plan begins, and the packed weights.</summary>
sealed class ScanMemory
{
    readonly ScanLayout layout;
    readonly int steps, batch, direction, size;
    readonly long[] starts, packed;

    /// <param name="layout">How it is laid out.</param>
    public ScanMemory(ScanLayout layout)
    {
        var plan = layout.Shape.Plan;
        (this.layout, steps, batch, direction, size) = (layout, layout.Shape.Steps, layout.Shape.Batch, layout.Direction, plan.Unit.Size);
        (starts, packed) = (new long[plan.Storages.Count], new long[plan.Products.Count + plan.BackwardProducts.Count]);
    }

    /// <summary>Says where a block lies.</summary>
    public void Lay(MemoryBlock block, long address)
    {
        foreach (var (index, offset) in block.Storages) starts[index] = address + offset;
        foreach (var (index, other, offset) in block.Over) starts[index] = starts[other] + offset;
        foreach (var (number, offset) in block.Products) packed[number] = address + offset;
    }

    /// <summary>Says where a storage lies that is a tensor of the caller's.</summary>
    public void Bind(Storage storage, long start) => starts[storage.Index] = start;

    /// <summary>Whether the rows of a storage lie close together, without room for whole registers behind each.</summary>
    public bool Close(Storage storage) => layout.Close(storage);

    public long Stride(Storage storage) => storage.Kind is BufferKind.Row or BufferKind.Sum ? 0 : layout.Stride(storage);

    /// <summary>The partial sums: where they begin, how many there may be and the bytes from one to the next.</summary>
    public (long Address, int Rows, long Stride) Sums(Storage sum) => (starts[sum.Index], checked((int)layout.Rows(sum)), layout.Stride(sum));

    public (long Address, PanelLayout Layout) Packed(ProductStage stage) => (packed[stage.Number], layout.Panels(stage.Number));

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
        return starts[i] + (long)place.Column * size + place.Storage.Kind switch
        {
            BufferKind.Sequence => (row - (long)direction * place.Lag * batch) * layout.Stride(place.Storage),
            BufferKind.Ring => ((long)Turn(step - place.Lag, place.Storage.Margin + 1) * batch + member) * layout.Stride(place.Storage),
            BufferKind.Sum => member * layout.Stride(place.Storage),
            _ => 0,
        };
    }

    static int Turn(int step, int count) => ((step % count) + count) % count;
}
