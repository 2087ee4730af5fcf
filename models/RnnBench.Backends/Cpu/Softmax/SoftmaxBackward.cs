using System.Runtime.CompilerServices;

namespace RnnBench.Backends.Cpu;

/// <summary>Where the gradients of a softmax cross-entropy go; 0 where one is not wanted.</summary>
/// <param name="X">[N,H].</param>
/// <param name="Weight">[V,H].</param>
/// <param name="Bias">[V].</param>
readonly record struct SoftmaxGradients(long X, long Weight, long Bias);

/// <summary>
/// The backward pass over a block of rows, right after its forward pass: the logits of each chunk of classes become their gradient
/// p - 1[class is right], times the weight of the row; from it follow the chunk's rows of dW and db, and its part of dx. Each thread has its own sum
/// for dx; they are added in their order.
/// </summary>
sealed unsafe class SoftmaxBackward
{
    /// <summary>Rows that are summed before the next are read: a panel of them stays in the first cache.</summary>
    const int Depth = 256;

    readonly SoftmaxProblem problem;
    readonly SoftmaxForward forward;
    readonly VectorUnit unit;
    readonly SoftmaxGradients to;
    readonly double[] weights;
    readonly Work[] works;
    readonly int direct, withOne, width;
    readonly long x, normaliser, weight;

    /// <summary>The memory of one thread: the last columns of a chunk's weights and of its rows of dW, and the thread's part of dx.</summary>
    readonly record struct Work(long Weights, long Outer, long Input);

    /// <param name="problem">The sizes.</param>
    /// <param name="forward">The forward pass.</param>
    /// <param name="weights">What the loss of each row is multiplied with.</param>
    /// <param name="to">Where the gradients go.</param>
    /// <param name="memory">What the passes work in.</param>
    public SoftmaxBackward(SoftmaxProblem problem, SoftmaxForward forward, double[] weights, SoftmaxGradients to, ref Dealing memory)
    {
        (this.problem, this.forward, unit, this.to, this.weights) = (problem, forward, problem.Unit, to, weights);
        // What fills whole panels is read from W and written to dW where it lies. The columns behind go through a copy with whole registers, and a
        // column of ones behind those of x makes db one of them.
        direct = problem.Width / (SoftmaxProblem.Panel * unit.Lanes) * SoftmaxProblem.Panel * unit.Lanes;
        (width, withOne) = (unit.Pad(problem.Width), unit.Pad(problem.Width + (problem.Bias == 0 ? 0 : 1)));
        x = memory.Next(Bytes(problem.Columns, withOne));
        (normaliser, weight) = (memory.Next(problem.RowBytes), memory.Next(problem.RowBytes));
        works = new Work[problem.Threads];
        for (var i = 0; i < works.Length; i++)
            works[i] = new Work(memory.Next(Bytes(problem.Chunk, width - direct)), memory.Next(Bytes(problem.Chunk, withOne - direct)), memory.Next(Bytes(problem.Columns, width)));
    }

    long Bytes(int rows, int columns) => (long)rows * columns * unit.Size;

    /// <summary>Goes through a block of rows whose forward pass was the last one.</summary>
    public void Run(RowBlock rows)
    {
        for (var r = 0; r < rows.Columns; r++)
        {
            problem.WriteRow(normaliser, r, r < rows.Count ? forward.Rows.Normaliser[rows.First + r] : 0);
            problem.WriteRow(weight, r, r < rows.Count ? weights[rows.First + r] : 0);
        }
        if (to.Weight != 0 || to.Bias != 0) Pack(rows);
        Team.Run(problem.Threads, part => Share(rows, part));
        if (to.X != 0) Team.Run(problem.Threads, part => Join(rows, part));
    }

    void Pack(RowBlock rows)
    {
        if (withOne > problem.Width) new Span<byte>((void*)x, checked((int)Bytes(rows.Count, withOne))).Clear();
        var (one, single) = (1.0, 1f);
        var ones = unit.Size == sizeof(float) ? (long)&single : (long)&one;
        for (var k = 0; k < rows.Count; k += Depth)
        {
            var (target, layout) = RightX(k, rows.Count);
            Packing.Pack(unit, problem.X + Bytes(rows.First + k, problem.Width), problem.Width, 1, layout.Depth, problem.Width, target, layout, 0, 0);
            if (problem.Bias != 0) Packing.Pack(unit, ones, 0, 1, layout.Depth, 1, target, layout, 0, problem.Width);
        }
    }

    /// <summary>The piece of x that begins at a row of the block; each piece is packed for itself.</summary>
    (long Address, PanelLayout Layout) RightX(int row, int rows) =>
        (x + Bytes(row, withOne), new PanelLayout(Math.Min(Depth, rows - row), withOne, SoftmaxProblem.Panel * unit.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Share(RowBlock rows, int part)
    {
        var (work, kernels, overwrite) = (works[part], SoftmaxKernels.Of(unit), true);
        foreach (var (first, count) in problem.Chunks(part).Reverse())          // the forward pass went through the last ones last: they are in the cache
        {
            var logits = forward.Logits(part, first);
            kernels.Gradient(logits, problem.Stride, count, (long)rows.Columns * unit.Size, normaliser, weight, normaliser);
            for (var r = 0; r < rows.Count; r++)
                if (problem.Labels[rows.First + r] - first is >= 0 and var place && place < count)
                    problem.WriteRow(logits + place * problem.Stride, r, problem.Row(logits + place * problem.Stride, r) - problem.Row(weight, r));
            if (to.Weight != 0 || to.Bias != 0) Outer(work, logits, rows, first, count);
            if (to.X != 0) Input(work, logits, rows.Count, first, count, overwrite);
            overwrite = false;
        }
        if (overwrite) new Span<byte>((void*)work.Input, checked((int)Bytes(rows.Count, width))).Clear();
    }

    /// <summary>The chunk's rows of dW and db: its gradient [classes, rows] times x [rows, H and a one].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Outer(Work work, long gradient, RowBlock rows, int first, int count)
    {
        var (begins, target, row, stride) = (rows.First == 0, to.Weight + Bytes(first, problem.Width), Bytes(1, problem.Width), Bytes(1, withOne - direct));
        for (var k = 0; k < rows.Count; k += Depth)
        {
            var (panels, layout) = RightX(k, rows.Count);
            var (left, right) = (new Left(gradient + (long)k * unit.Size, problem.Stride), new Right(panels, SoftmaxProblem.Panel, 0, layout.Depth));
            if (to.Weight != 0) Product(left, right, target, row, count, layout.Depth, 0, direct, begins && k == 0);
            Product(left, right, work.Outer - Bytes(1, direct), stride, count, layout.Depth, direct, withOne, k == 0);
        }
        if (to.Weight != 0) Take(begins, work.Outer, stride, target + Bytes(1, direct), row, count, problem.Width - direct);
        if (to.Bias != 0) Take(begins, work.Outer + Bytes(1, problem.Width - direct), stride, to.Bias + Bytes(first, 1), Bytes(1, 1), count, 1);
    }

    /// <summary>The chunk's part of dx: its gradient, transposed, times its weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Input(Work work, long gradient, int rows, int first, int count, bool overwrite)
    {
        var (left, source, row) = (new Left(gradient, problem.Stride, Transposed: true), problem.Weight + Bytes(first, problem.Width), Bytes(1, problem.Width));
        Product(left, new Right(source, SoftmaxProblem.Panel, row), work.Input, Bytes(1, width), rows, count, 0, direct, overwrite);
        if (direct == width) return;
        var (stride, bytes) = (Bytes(1, width - direct), Bytes(1, problem.Width - direct));
        Packing.Rows(source + Bytes(1, direct), row, work.Weights, stride, count, bytes, stride - bytes);
        Product(left, new Right(work.Weights - Bytes(1, direct), SoftmaxProblem.Panel, stride), work.Input, Bytes(1, width), rows, count, direct, width, overwrite);
    }

    /// <summary>Some columns of a product; addresses are those of column 0, whether or not it is there.</summary>
    void Product(Left left, Right right, long target, long stride, int rows, int depth, int from, int to, bool overwrite) =>
        MatrixProduct.Run(unit, left, right, target, stride, rows, depth, from / unit.Lanes, to / unit.Lanes, to / unit.Lanes, overwrite);

    /// <summary>Takes over rows for the first block, and adds them for the others; strides in bytes.</summary>
    void Take(bool overwrite, long source, long sourceStride, long target, long targetStride, int rows, int columns)
    {
        if (overwrite) Packing.Rows(source, sourceStride, target, targetStride, rows, Bytes(1, columns));
        else Packing.Add(unit, source, sourceStride, target, targetStride, rows, columns);
    }

    void Join(RowBlock rows, int part)
    {
        var (from, end) = Team.Share(rows.Count, part, problem.Threads);
        for (var i = 0; i < works.Length; i++)
            Take(i == 0, works[i].Input + Bytes(from, width), Bytes(1, width), to.X + Bytes(rows.First + from, problem.Width), Bytes(1, problem.Width), end - from, problem.Width);
    }
}
