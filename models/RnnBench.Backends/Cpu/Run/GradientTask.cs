using System.Runtime.CompilerServices;
using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// The gradients of the weights, after the time loop: for each matrix one product over all steps and batch members. Threads share the rows
/// of each result, so the sums do not depend on how many threads there are.
/// </summary>
sealed unsafe class GradientTask(ScanPlan plan, ScanMemory memory, IReadOnlyDictionary<Parameter, int> offsets, int steps, int batch)
{
    /// <summary>Steps of depth that are summed before the next rows are read: what stays in the second cache.</summary>
    const int Block = 512;
    readonly VectorUnit unit = plan.Unit;

    /// <summary>Bytes of scratch memory of a thread: the largest result with rows of whole registers.</summary>
    public static long Scratch(ScanPlan plan) => (256 + plan.Cell.Weights
        .Select(q => (q is Matrix ? (long)plan.Cell.Shapes[q][0].Size : 1) * plan.Unit.Pad(q is Matrix ? plan.Cell.Shapes[q][1].Size : plan.Cell.CountOf(q)) * plan.Unit.Size).DefaultIfEmpty(0).Max()) / 64 * 64;

    /// <summary>One thread's share.</summary>
    /// <param name="gradients">All parameters' gradients, flat; all are written.</param>
    /// <param name="scratch">This thread's scratch memory.</param>
    /// <param name="part">The thread.</param>
    /// <param name="parts">The number of threads.</param>
    public void Run(long gradients, long scratch, int part, int parts)
    {
        var back = plan.Backward!;
        var (outers, vectors) = (back.Outers.ToLookup(o => o.Matrix), back.Vectors.ToDictionary(v => v.Vector, v => v.Place));
        foreach (var parameter in plan.Cell.Weights)
        {
            var target = gradients + (long)offsets[parameter] * unit.Size;
            if (parameter is Matrix matrix) Outer([.. outers[matrix]], target, scratch, plan.Cell.Shapes[matrix][0].Size, plan.Cell.Shapes[matrix][1].Size, part, parts);
            else Columns(vectors.TryGetValue((Vector)parameter, out var place) ? place : null, target, scratch, plan.Cell.CountOf(parameter), part, parts);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Outer(OuterSum[] sums, long target, long scratch, int rows, int columns, int part, int parts)
    {
        var (from, to) = Team.Share(rows, part, parts);
        if (from == to) return;
        var (count, bytes) = (to - from, (long)columns * unit.Size);
        target += from * bytes;
        if (sums.Length == 0)
        {
            new Span<byte>((void*)target, checked((int)(count * bytes))).Clear();
            return;
        }
        var whole = columns % unit.Lanes == 0;
        var (c, stride) = whole ? (target, bytes) : (scratch, (long)unit.Pad(columns) * unit.Size);
        var (depth, vectors, first) = (steps * batch, unit.Pad(columns) / unit.Lanes, true);
        foreach (var sum in sums)
            for (var k = 0; k < depth; k += Block, first = false)
                MatrixProduct.Run(unit,
                    new Left(memory.Address(sum.Left, k, 0, 0) + (long)from * unit.Size, memory.Stride(sum.Left.Storage), Transposed: true),
                    new Right(memory.Address(sum.Right, k, 0, 0), MatrixProduct.Vectors(unit, count), memory.Stride(sum.Right.Storage)),
                    c, stride, count, Math.Min(Block, depth - k), 0, vectors, vectors, first);
        if (!whole) Packing.Rows(c, stride, target, bytes, count, bytes);
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
