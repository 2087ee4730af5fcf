using System.Runtime.CompilerServices;
using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>Runs the stages of a plan for some rows.</summary>
sealed unsafe class StageRunner(ScanLayout layout, ScanMemory memory)
{
    readonly ScanPlan plan = layout.Shape.Plan;
    readonly VectorUnit unit = layout.Shape.Plan.Unit;

    /// <summary>Runs stages one after the other.</summary>
    /// <param name="stages">The stages.</param>
    /// <param name="row">The first row, counted over steps and batch members.</param>
    /// <param name="rows">How many.</param>
    /// <param name="step">The step in scan order, for rings.</param>
    /// <param name="member">The first batch member, for rings.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(IReadOnlyList<Stage> stages, long row, int rows, int step, int member)
    {
        var most = Math.Min(rows, stages == plan.Forward.Step ? layout.ForwardRows : stages == plan.Backward?.Step ? layout.BackwardRows : rows);
        for (var first = 0; first < rows; first += most) RunBlock(stages, row + first, Math.Min(most, rows - first), step, member + first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunBlock(IReadOnlyList<Stage> stages, long row, int rows, int step, int member)
    {
        for (var i = 0; i < stages.Count; i++)
        {
            if (stages[i] is KernelStage kernel) Run(kernel, row, rows, step, member);
            else if (stages[i] is ProductStage product) Run(product, row, rows, step, member);
            else Run((OperatorStage)stages[i], row, rows, step, member);
        }
    }

    /// <summary>
    /// Runs stages for all rows of a step, of each only one thread's share of the columns; the threads meet after each stage, but for products that add
    /// to the same place.
    /// </summary>
    /// <param name="stages">The stages.</param>
    /// <param name="row">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="step">The step in scan order.</param>
    /// <param name="groups">Into how many groups the rows are dealt for sums, as if each were a thread's: so the sums are the same.</param>
    /// <param name="part">The thread.</param>
    /// <param name="parts">The number of threads.</param>
    /// <param name="meeting">Where they meet.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunShare(IReadOnlyList<Stage> stages, long row, int rows, int step, int groups, int part, int parts, Meeting meeting)
    {
        for (var i = 0; i < stages.Count;)
        {
            var first = i++;
            if (stages[first] is KernelStage kernel)
            {
                var (from, to) = Team.Share(kernel.Columns / unit.Lanes, part, parts);
                for (var group = 0; group < groups && from < to; group++)
                {
                    var (begin, end) = Team.Share(rows, group, groups);
                    Run(kernel, row + begin, end - begin, step, begin, from * unit.Bytes, (to - from) * unit.Bytes);
                }
            }
            else if (stages[first] is ProductStage product)
            {
                while (i < stages.Count && Joins(product, stages[i])) i++;
                RunProducts(stages, first, i, row, rows, step, part, parts);
            }
            else if (part == 0) Run((OperatorStage)stages[first], row, rows, step, 0);
            meeting.Wait();
        }
    }

    /// <summary>Whether a stage is a product that adds to the same place as another and need not wait for it.</summary>
    static bool Joins(ProductStage product, Stage other) =>
        other is ProductStage next && next.Target == product.Target && next.Columns == product.Columns && next.Operand.Storage != product.Target.Storage;

    /// <summary>
    /// Runs one thread's share of products that add to the same place, panel by panel: the next step comes back the other way and finds in the cache
    /// what this one used last (<see cref="MatrixProduct.Run"/>).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunProducts(IReadOnlyList<Stage> stages, int first, int last, long row, int rows, int step, int part, int parts)
    {
        var product = (ProductStage)stages[first];
        var (vectors, panel) = (product.Columns / unit.Lanes, memory.Packed(product).Layout.Width / unit.Lanes);
        var (from, to) = Team.Share((vectors + panel - 1) / panel, part, parts);
        var width = last == first + 1 ? Math.Max(1, to - from) : 1;     // panels at a time
        for (var count = to - from; count > 0; count -= width)
        {
            var at = step % 2 == 1 ? from + count - width : to - count;
            for (var i = first; i < last; i++) Run((ProductStage)stages[i], row, rows, step, 0, at * panel, Math.Min((at + width) * panel, vectors));
        }
    }

    void Run(KernelStage stage, long row, int rows, int step, int member) => Run(stage, row, rows, step, member, 0, stage.Columns * unit.Size);

    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    void Run(KernelStage stage, long row, int rows, int step, int member, int at, int bytes)
    {
        var operands = stage.Places;
        var table = stackalloc long[2 * operands.Length];
        var close = false;
        for (var i = 0; i < operands.Length; i++)
        {
            (table[2 * i], table[2 * i + 1]) = (memory.Address(operands[i], row, step, member) + at, memory.Stride(operands[i].Storage));
            close |= memory.Close(operands[i].Storage);
        }
        var whole = close ? Math.Clamp(stage.Width / unit.Lanes * unit.Bytes - at, 0, bytes) : bytes;
        if (whole > 0) stage.Kernel((long)table, rows, whole);
        if (whole == bytes) return;
        var end = stage.Width * unit.Size - at;
        if (end >= unit.Bytes && !stage.Changes) Ends(stage, table, rows, end - unit.Bytes, end - whole);
        else CopiedEnds(stage, table, rows, whole, end - whole);
    }

    /// <summary>
    /// The ends of rows that lie close together, once more with some elements before them, so that they fill a register. Those are computed twice, which
    /// changes nothing but sums: what is summed goes to a register of its own, of which only the end counts.
    /// </summary>
    /// <param name="stage">The kernel; it changes nothing in place but sums.</param>
    /// <param name="table">Where its operands lie, and the bytes from row to row; is changed.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="at">Where in a row the last whole register begins, in bytes.</param>
    /// <param name="bytes">Of an end.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    void Ends(KernelStage stage, long* table, int rows, int at, int bytes)
    {
        var operands = stage.Places;
        var starts = stackalloc long[operands.Length];
        var sums = stackalloc byte[operands.Length * unit.Bytes];
        for (var i = 0; i < operands.Length; i++)
        {
            table[2 * i] += at;
            if (operands[i].Storage.Kind != BufferKind.Sum) continue;
            starts[i] = table[2 * i];
            new Span<byte>(sums + i * unit.Bytes, unit.Bytes).Clear();
            table[2 * i] = (long)(sums + i * unit.Bytes);
        }
        stage.Kernel((long)table, rows, unit.Bytes);
        for (var i = 0; i < operands.Length; i++)
            if (operands[i].Storage.Kind == BufferKind.Sum)
                Packing.Add(unit, table[2 * i] + unit.Bytes - bytes, 0, starts[i] + unit.Bytes - bytes, 0, 1, bytes / unit.Size);
    }

    /// <summary>The ends of rows that lie close together: each is copied to a register of its own, and back.</summary>
    /// <param name="stage">The kernel.</param>
    /// <param name="table">Where its operands lie, and the bytes from row to row.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="at">Where in a row its end begins, in bytes.</param>
    /// <param name="bytes">Of an end.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    void CopiedEnds(KernelStage stage, long* table, int rows, int at, int bytes)
    {
        const int Most = 16;
        var operands = stage.Places;
        var (count, room) = (operands.Length, Most * unit.Bytes);
        var ends = stackalloc long[2 * count];
        var scratch = stackalloc byte[count * room];
        for (var first = 0; first < rows; first += Most)
        {
            var some = Math.Min(Most, rows - first);
            for (var i = 0; i < count; i++)
            {
                var source = table[2 * i] + at + first * table[2 * i + 1];
                var close = memory.Close(operands[i].Storage);
                (ends[2 * i], ends[2 * i + 1]) = close ? ((long)scratch + i * room, unit.Bytes) : (source, table[2 * i + 1]);
                if (close && stage.Access[i].Read) Packing.Rows(source, table[2 * i + 1], ends[2 * i], unit.Bytes, some, bytes, unit.Bytes - bytes);
            }
            stage.Kernel((long)ends, some, unit.Bytes);
            for (var i = 0; i < count; i++)
                if (stage.Access[i].Written && memory.Close(operands[i].Storage))
                    Packing.Rows(ends[2 * i], unit.Bytes, table[2 * i] + at + first * table[2 * i + 1], table[2 * i + 1], some, bytes);
        }
    }

    void Run(ProductStage stage, long row, int rows, int step, int member) => Run(stage, row, rows, step, member, 0, stage.Columns / unit.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Run(ProductStage stage, long row, int rows, int step, int member, int first, int last)
    {
        var (address, layout) = memory.Packed(stage);
        var vectors = stage.Columns / unit.Lanes;
        MatrixProduct.Run(unit, new Left(memory.Address(stage.Operand, row, step, member), memory.Stride(stage.Operand.Storage)),
            new Right(address, layout.Width / unit.Lanes, 0, stage.Depth), memory.Address(stage.Target, row, step, member), memory.Stride(stage.Target.Storage),
            rows, stage.Depth, first, last, vectors, stage.Overwrite, descending: step % 2 == 1);
    }

    void Run(OperatorStage stage, long row, int rows, int step, int member) =>
        stage.Operator.Run(unit, memory.Address(stage.Source, row, step, member), memory.Stride(stage.Source.Storage),
            memory.Address(stage.Target, row, step, member), memory.Stride(stage.Target.Storage), rows);

    /// <summary>Packs one thread's share of a stage's weights.</summary>
    public void Pack(ProductStage stage, long weights, IReadOnlyDictionary<Parameter, int> offsets, int part, int parts)
    {
        var (target, layout) = memory.Packed(stage);
        var panels = (layout.Columns + layout.Width - 1) / layout.Width;
        var (first, last) = Team.Share(panels, part, parts);
        var (from, to) = (first * layout.Width, Math.Min(last * layout.Width, layout.Columns));
        foreach (var f in stage.Factors)
        {
            // What fills up the last register of a factor is zero.
            Packing.Clear(unit, target, layout, Math.Max(from, f.Column + f.Width), Math.Min(to, f.Column + unit.Pad(f.Width)));
            var (begin, end) = (Math.Max(from, f.Column), Math.Min(to, f.Column + f.Width));
            if (begin >= end) continue;
            var columns = plan.Cell.Shapes[f.Matrix][1].Size;
            var (depthStride, columnStride) = f.Transposed ? (columns, 1) : (1, columns);
            var source = weights + ((long)offsets[f.Matrix] + (long)(begin - f.Column) * columnStride) * unit.Size;
            Packing.Pack(unit, source, depthStride, columnStride, stage.Depth, end - begin, target, layout, 0, begin);
        }
    }
}
