namespace RnnBench.Backends.Cpu;

/// <summary>
/// The gradients of the weights, after the time loop: for each matrix one product over all steps and batch members, in blocks of these. Rows of a result
/// go to whoever is free; each sum is made in the order of the steps, so it does not depend on the threads.
/// </summary>
sealed unsafe class GradientTask
{
    readonly GradientPieces pieces;
    readonly ScanMemory memory;
    readonly VectorUnit unit;
    readonly long gradients, scratch;
    readonly int depth, blocks, threads;
    readonly WorkQueue queue;
    readonly OuterProducts[] products;

    /// <param name="layout">How the work is cut.</param>
    /// <param name="memory">Where the values lie.</param>
    /// <param name="gradients">All parameters' gradients, flat; all are written.</param>
    /// <param name="scratch">Scratch memory, as much as the pieces say for each thread.</param>
    public GradientTask(ScanLayout layout, ScanMemory memory, long gradients, long scratch)
    {
        var shape = layout.Shape;
        (pieces, this.memory, unit, this.gradients, this.scratch) = (layout.Gradients!, memory, shape.Plan.Unit, gradients, scratch);
        (depth, threads) = (shape.Steps * shape.Batch, shape.Threads);
        blocks = (depth + OuterProducts.Depth - 1) / OuterProducts.Depth;
        queue = new WorkQueue(blocks * pieces.All.Length, Add);
        products = new OuterProducts[threads];
    }

    /// <summary>One thread's share, which is what the others leave to it.</summary>
    public void Run(int part)
    {
        var room = scratch + part * pieces.Scratch;
        foreach (var (sums, offset, count) in pieces.Vectors) Columns(sums, gradients + offset, room, count, part);
        foreach (var (offset, count) in pieces.Idle)
        {
            var (from, to) = Team.Share(count, part, threads);
            new Span<byte>((void*)(gradients + offset + (long)from * unit.Size), checked((to - from) * unit.Size)).Clear();
        }
        if (pieces.All.Length == 0) return;
        products[part] = new OuterProducts(unit, [.. pieces.Rights.Select(right => Of(right.Place, right.Width))], pieces.LargestRows, gradients, room);
        queue.Run(part);
    }

    Series Of(Place place, int width) => new(memory.Address(place, 0, 0, 0), memory.Stride(place.Storage), width, memory.Close(place.Storage));

    /// <summary>Adds a block's products to a piece, once those of the block before it are there.</summary>
    void Add(int part, int item)
    {
        var (block, number) = (item / pieces.All.Length, item % pieces.All.Length);
        var (from, to) = Team.Share(depth, block, blocks);
        products[part].Pack(from, to - from);
        if (block > 0) queue.Await(item - pieces.All.Length);
        var piece = pieces.All[number];
        foreach (var group in piece.Groups) products[part].Add(Of(group.Left, group.Rows), piece.First, piece.Last, group.Targets, from, to - from);
    }

    /// <summary>The sum over the partial sums' rows, as a product with a row of ones.</summary>
    void Columns(Place? place, long target, long scratch, int columns, int part)
    {
        var (panel, vectors) = (MatrixProduct.Vectors(unit, 1), unit.Pad(columns) / unit.Lanes);
        var (from, to) = Team.Share((vectors + panel - 1) / panel, part, threads);
        var (begin, end) = (from * panel * unit.Lanes, Math.Min(to * panel * unit.Lanes, columns));
        if (begin >= end) return;
        if (place is not { } rows) new Span<byte>((void*)(target + (long)begin * unit.Size), (end - begin) * unit.Size).Clear();
        else
        {
            var one = scratch;                                           // behind it, on its own cache line, the sums
            if (unit.Size == sizeof(float)) *(float*)one = 1;
            else *(double*)one = 1;
            var (sums, count, stride) = memory.Sums(rows.Storage);
            MatrixProduct.Run(unit, new Left(one, 0, Transposed: true), new Right(sums, panel, stride), scratch + 64, 0, 1, count, from * panel, Math.Min(to * panel, vectors), vectors, overwrite: true);
            Packing.Rows(scratch + 64 + (long)begin * unit.Size, 0, target + (long)begin * unit.Size, 0, 1, (long)(end - begin) * unit.Size);
        }
    }
}
