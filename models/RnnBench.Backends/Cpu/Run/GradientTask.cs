using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// The gradients of the weights, after the time loop: for each matrix one product over all steps and batch members. Threads share the rows
/// of each result, so the sums do not depend on how many threads there are.
/// </summary>
sealed unsafe class GradientTask(ScanPlan plan, ScanMemory memory, IReadOnlyDictionary<Parameter, int> offsets, int steps, int batch)
{
    readonly VectorUnit unit = plan.Unit;

    /// <summary>Bytes of scratch memory of a thread.</summary>
    public static long Scratch(ScanPlan plan)
    {
        var widest = plan.Cell.Weights.OfType<Vector>().Select(q => (long)plan.Unit.Pad(plan.Cell.CountOf(q)) * plan.Unit.Size).DefaultIfEmpty(0).Max();
        return (256 + Math.Max(widest, OuterProducts.Scratch(plan.Unit, Rights(plan).Select(right => right.Width)))) / 64 * 64;
    }

    /// <summary>One thread's share.</summary>
    /// <param name="gradients">All parameters' gradients, flat; all are written.</param>
    /// <param name="scratch">This thread's scratch memory.</param>
    /// <param name="part">The thread.</param>
    /// <param name="parts">The number of threads.</param>
    public void Run(long gradients, long scratch, int part, int parts)
    {
        var vectors = plan.Backward!.Vectors.ToDictionary(v => v.Vector, v => v.Place);
        foreach (var vector in plan.Cell.Weights.OfType<Vector>())
            Columns(vectors.TryGetValue(vector, out var place) ? place : null, Target(gradients, vector), scratch, plan.Cell.CountOf(vector), part, parts);
        foreach (var idle in plan.Cell.Weights.OfType<Matrix>().Except(plan.Backward.Outers.Select(o => o.Matrix)))
        {
            var (from, to) = Team.Share(plan.Cell.CountOf(idle), part, parts);
            new Span<byte>((void*)(Target(gradients, idle) + (long)from * unit.Size), checked((to - from) * unit.Size)).Clear();
        }
        if (plan.Backward.Outers.Count > 0) Outer(gradients, scratch, part, parts);
    }

    long Target(long gradients, Parameter parameter) => gradients + (long)offsets[parameter] * unit.Size;

    static (Place Place, int Width)[] Rights(ScanPlan plan) => [.. plan.Backward!.Outers.Select(o => (o.Right, plan.Cell.Shapes[o.Matrix][1].Size)).Distinct()];

    /// <summary>The gradients of the matrices: what stands on the left of several of them is read once for all, and so is what stands on the right.</summary>
    void Outer(long gradients, long scratch, int part, int parts)
    {
        var rights = Rights(plan);
        Series Of(Place place, int width) => new(memory.Address(place, 0, 0, 0), memory.Stride(place.Storage), width);
        var begun = new HashSet<Matrix>();
        var lefts = plan.Backward!.Outers.GroupBy(o => (o.Left, Rows: plan.Cell.Shapes[o.Matrix][0].Size)).Select(group => (Series: Of(group.Key.Left, group.Key.Rows),
            Targets: group.Select(o => new OuterTarget(Array.IndexOf(rights, (o.Right, plan.Cell.Shapes[o.Matrix][1].Size)), Target(gradients, o.Matrix), begun.Add(o.Matrix))).ToArray())).ToArray();
        var products = new OuterProducts(unit, [.. rights.Select(right => Of(right.Place, right.Width))], (lefts.Max(l => l.Series.Width) + parts - 1) / parts, scratch);
        var (depth, blocks) = (steps * batch, (steps * batch + OuterProducts.Depth - 1) / OuterProducts.Depth);
        for (var block = 0; block < blocks; block++)
        {
            var (from, to) = Team.Share(depth, block, blocks);
            products.Pack(from, to - from);
            foreach (var (series, targets) in lefts)
            {
                var (first, last) = Team.Share(series.Width, part, parts);
                products.Add(series, first, last, block == 0 ? targets : [.. targets.Select(t => t with { Overwrite = false })], from, to - from);
            }
        }
    }

    /// <summary>The sum over the threads' rows, as a product with a row of ones.</summary>
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
