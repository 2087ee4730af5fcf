using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// The gradients of the weights, after the time loop: for each matrix one product over all steps and batch members, in blocks of these. Rows of a result
/// go to whoever is free; each sum is made in the order of the steps, so it does not depend on the threads.
/// </summary>
sealed unsafe class GradientTask
{
    /// <summary>Into how many pieces a block is cut for each thread, at least about.</summary>
    const int Pieces = 3;
    /// <summary>Rows of a piece; of fewer, packing them costs too much.</summary>
    const int LeastRows = 36, MostRows = 144;

    readonly ScanPlan plan;
    readonly ScanMemory memory;
    readonly IReadOnlyDictionary<Parameter, int> offsets;
    readonly VectorUnit unit;
    readonly long gradients, scratch, room;
    readonly int depth, blocks, threads;
    readonly (Place Place, int Width)[] rights;
    readonly (Outer[] Outers, int First, int Last)[] pieces;
    readonly WorkQueue queue;
    readonly OuterProducts[] products;

    /// <summary>A series, and the matrices on whose left it stands.</summary>
    readonly record struct Outer(Series Left, OuterTarget[] Targets);

    /// <param name="plan">The plan.</param>
    /// <param name="memory">Where its values lie.</param>
    /// <param name="offsets">Where each weight begins among all, in elements.</param>
    /// <param name="gradients">All parameters' gradients, flat; all are written.</param>
    /// <param name="rows">Rows of the sequence: steps times batch.</param>
    /// <param name="threads">The number of threads.</param>
    /// <param name="scratch">Scratch memory.</param>
    /// <param name="room">Bytes of it for each thread, <see cref="Scratch"/>.</param>
    public GradientTask(ScanPlan plan, ScanMemory memory, IReadOnlyDictionary<Parameter, int> offsets, long gradients, int rows, int threads, long scratch, long room)
    {
        (this.plan, this.memory, this.offsets, this.gradients, depth, this.threads, this.scratch, this.room) = (plan, memory, offsets, gradients, rows, threads, scratch, room);
        (unit, blocks, rights) = (plan.Unit, (rows + OuterProducts.Depth - 1) / OuterProducts.Depth, Rights(plan));
        pieces = Cut();
        queue = new WorkQueue(blocks * pieces.Length, Add);
        products = new OuterProducts[threads];
    }

    /// <summary>Bytes of scratch memory of a thread.</summary>
    public static long Scratch(ScanPlan plan)
    {
        var widest = plan.Cell.Weights.OfType<Vector>().Select(q => (long)plan.Unit.Pad(plan.Cell.CountOf(q)) * plan.Unit.Size).DefaultIfEmpty(0).Max();
        return (256 + Math.Max(widest, OuterProducts.Scratch(plan.Unit, Rights(plan).Select(right => right.Width)))) / 64 * 64;
    }

    /// <summary>One thread's share, which is what the others leave to it.</summary>
    public void Run(int part)
    {
        var vectors = plan.Backward!.Vectors.ToDictionary(v => v.Vector, v => v.Place);
        foreach (var vector in plan.Cell.Weights.OfType<Vector>())
            Columns(vectors.TryGetValue(vector, out var place) ? place : null, Target(vector), scratch + part * room, plan.Cell.CountOf(vector), part, threads);
        foreach (var idle in plan.Cell.Weights.OfType<Matrix>().Except(plan.Backward.Outers.Select(o => o.Matrix)))
        {
            var (from, to) = Team.Share(plan.Cell.CountOf(idle), part, threads);
            new Span<byte>((void*)(Target(idle) + (long)from * unit.Size), checked((to - from) * unit.Size)).Clear();
        }
        if (pieces.Length == 0) return;
        products[part] = new OuterProducts(unit, [.. rights.Select(right => Of(right.Place, right.Width))], pieces.Max(piece => piece.Last - piece.First), scratch + part * room);
        queue.Run(part);
    }

    long Target(Parameter parameter) => gradients + (long)offsets[parameter] * unit.Size;

    static (Place Place, int Width)[] Rights(ScanPlan plan) => [.. plan.Backward!.Outers.Select(o => (o.Right, plan.Cell.Shapes[o.Matrix][1].Size)).Distinct()];

    Series Of(Place place, int width) => new(memory.Address(place, 0, 0, 0), memory.Stride(place.Storage), width);

    /// <summary>
    /// The gradients of the matrices in pieces of rows. What stands on the left of several of them is read once for all, and what is added to the same
    /// one stays in one piece.
    /// </summary>
    (Outer[], int, int)[] Cut()
    {
        var begun = new HashSet<Matrix>();
        var joined = new List<Outer[]>();
        foreach (var group in plan.Backward!.Outers.GroupBy(o => (o.Left, Rows: plan.Cell.Shapes[o.Matrix][0].Size)))
        {
            var outer = new Outer(Of(group.Key.Left, group.Key.Rows),
                [.. group.Select(o => new OuterTarget(Array.IndexOf(rights, (o.Right, plan.Cell.Shapes[o.Matrix][1].Size)), Target(o.Matrix), begun.Add(o.Matrix)))]);
            var same = joined.Where(others => others.Any(other => other.Targets.Any(t => outer.Targets.Any(own => own.Address == t.Address)))).ToArray();
            joined.RemoveAll(same.Contains);
            joined.Add([.. same.SelectMany(others => others), outer]);
        }
        var rows = Math.Clamp(joined.Sum(outers => outers.Length * outers[0].Left.Width) / (Pieces * threads), LeastRows, MostRows);
        return [.. from outers in joined
                   let count = (outers[0].Left.Width + rows - 1) / rows
                   from i in Enumerable.Range(0, count)
                   let share = Team.Share(outers[0].Left.Width, i, count)
                   select (outers, share.From, share.To)];
    }

    /// <summary>Adds a block's products to a piece, once those of the block before it are there.</summary>
    void Add(int part, int item)
    {
        var (block, piece) = (item / pieces.Length, item % pieces.Length);
        var (from, to) = Team.Share(depth, block, blocks);
        products[part].Pack(from, to - from);
        if (block > 0) queue.Await(item - pieces.Length);
        var (outers, first, last) = pieces[piece];
        foreach (var (left, targets) in outers)
            products[part].Add(left, first, last, block == 0 ? targets : [.. targets.Select(t => t with { Overwrite = false })], from, to - from);
    }

    /// <summary>The sum over the partial sums' rows, as a product with a row of ones.</summary>
    void Columns(Place? place, long target, long scratch, int columns, int part, int parts)
    {
        var (panel, vectors) = (MatrixProduct.Vectors(unit, 1), unit.Pad(columns) / unit.Lanes);
        var (from, to) = Team.Share((vectors + panel - 1) / panel, part, parts);
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
