using System.Runtime.CompilerServices;

namespace RnnBench.Backends.Cpu;

/// <summary>Where the gradients of a softmax cross-entropy go; 0 where one is not wanted.</summary>
/// <param name="X">[N,H].</param>
/// <param name="Weight">[V,H].</param>
/// <param name="Bias">[V].</param>
readonly record struct SoftmaxGradients(long X, long Weight, long Bias);

/// <summary>
/// The backward pass over a block of rows, right after its forward pass: the logits of each piece of the classes become their gradient
/// p - 1[class is right], times the weight of the row; from it follow the piece's rows of dW and db, and its part of dx. These parts are added in a few
/// lanes, so that several pieces can be at it at once, and the lanes in their order.
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
    readonly long[] x, lanes;
    readonly int direct, withOne, width;
    readonly long normaliser, weight;

    /// <summary>The memory of one thread: the last columns of a piece's weights and of its rows of dW.</summary>
    readonly record struct Work(long Weights, long Outer);

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
        x = [memory.Next(Bytes(problem.Columns, withOne)), memory.Next(Bytes(problem.Columns, withOne))];
        (normaliser, weight) = (memory.Next(problem.RowBytes), memory.Next(problem.RowBytes));
        works = new Work[problem.Threads];
        for (var i = 0; i < works.Length; i++)
            works[i] = new Work(memory.Next(Bytes(problem.Largest, width - direct)), memory.Next(Bytes(problem.Largest, withOne - direct)));
        lanes = new long[Math.Min(2 * problem.Threads, problem.Pieces.Count)];
        for (var i = 0; i < lanes.Length; i++) lanes[i] = memory.Next(Bytes(problem.Columns, width));
    }

    /// <summary>How many sums of parts of dx there are.</summary>
    public int Lanes => lanes.Length;

    long Bytes(int rows, int columns) => (long)rows * columns * unit.Size;

    /// <summary>Takes over what the forward pass has found of a share of the rows; behind the last one there is nothing.</summary>
    public void Begin(RowBlock rows, int share)
    {
        var (from, end) = Team.Share(rows.Count, share, problem.Threads);
        for (var r = from; r < (end == rows.Count ? rows.Columns : end); r++)
        {
            problem.WriteRow(normaliser, r, r < rows.Count ? forward.Rows.Normaliser[rows.First + r] : 0);
            problem.WriteRow(weight, r, r < rows.Count ? weights[rows.First + r] : 0);
        }
    }

    /// <summary>Packs a block of x. The one before it may still be read.</summary>
    /// <param name="rows">The block.</param>
    /// <param name="number">Its number.</param>
    public void Pack(RowBlock rows, int number)
    {
        if (to.Weight == 0 && to.Bias == 0) return;
        if (withOne > problem.Width) new Span<byte>((void*)x[number % 2], checked((int)Bytes(rows.Count, withOne))).Clear();
        var (one, single) = (1.0, 1f);
        var ones = unit.Size == sizeof(float) ? (long)&single : (long)&one;
        for (var k = 0; k < rows.Count; k += Depth)
        {
            var (target, layout) = RightX(number, k, rows.Count);
            Packing.Pack(unit, problem.X + Bytes(rows.First + k, problem.Width), problem.Width, 1, layout.Depth, problem.Width, target, layout, 0, 0);
            if (problem.Bias != 0) Packing.Pack(unit, ones, 0, 1, layout.Depth, 1, target, layout, 0, problem.Width);
        }
    }

    /// <summary>The piece of x that begins at a row of the block; each piece is packed for itself.</summary>
    (long Address, PanelLayout Layout) RightX(int number, int row, int rows) =>
        (x[number % 2] + Bytes(row, withOne), new PanelLayout(Math.Min(Depth, rows - row), withOne, SoftmaxProblem.Panel * unit.Lanes));

    /// <summary>Turns the logits of a piece into their gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gradient(RowBlock rows, int piece)
    {
        var (logits, (first, count)) = (forward.Logits(piece), problem.Pieces[piece]);
        SoftmaxKernels.Of(unit).Gradient(logits, problem.Stride, count, (long)rows.Columns * unit.Size, normaliser, weight, normaliser);
        for (var r = 0; r < rows.Count; r++)
            if (problem.Labels[rows.First + r] - first is >= 0 and var place && place < count)
                problem.WriteRow(logits + place * problem.Stride, r, problem.Row(logits + place * problem.Stride, r) - problem.Row(weight, r));
    }

    /// <summary>The piece's rows of dW and db: its gradient [classes, rows] times x [rows, H and a one].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Outer(RowBlock rows, int number, int piece, int part)
    {
        if (to.Weight == 0 && to.Bias == 0) return;
        var (work, gradient, (first, count)) = (works[part], forward.Logits(piece), problem.Pieces[piece]);
        var (begins, target, row, stride) = (number == 0, to.Weight + Bytes(first, problem.Width), Bytes(1, problem.Width), Bytes(1, withOne - direct));
        for (var k = 0; k < rows.Count; k += Depth)
        {
            var (panels, layout) = RightX(number, k, rows.Count);
            var (left, right) = (new Left(gradient + (long)k * unit.Size, problem.Stride), new Right(panels, SoftmaxProblem.Panel, 0, layout.Depth));
            if (to.Weight != 0) Product(left, right, target, row, count, layout.Depth, 0, direct, begins && k == 0);
            Product(left, right, work.Outer - Bytes(1, direct), stride, count, layout.Depth, direct, withOne, k == 0);
        }
        if (to.Weight != 0) Take(begins, work.Outer, stride, target + Bytes(1, direct), row, count, problem.Width - direct);
        if (to.Bias != 0) Take(begins, work.Outer + Bytes(1, problem.Width - direct), stride, to.Bias + Bytes(first, 1), Bytes(1, 1), count, 1);
    }

    /// <summary>The piece's part of dx: its gradient, transposed, times its weights. It is added to a lane, or begins it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Input(RowBlock rows, int piece, int lane, bool begins, int part)
    {
        if (to.X == 0) return;
        var (work, target, (first, count)) = (works[part], lanes[lane], problem.Pieces[piece]);
        var (left, source, row) = (new Left(forward.Logits(piece), problem.Stride, Transposed: true), problem.Weight + Bytes(first, problem.Width), Bytes(1, problem.Width));
        Product(left, new Right(source, SoftmaxProblem.Panel, row), target, Bytes(1, width), rows.Count, count, 0, direct, begins);
        if (direct == width) return;
        var (stride, bytes) = (Bytes(1, width - direct), Bytes(1, problem.Width - direct));
        Packing.Rows(source + Bytes(1, direct), row, work.Weights, stride, count, bytes, stride - bytes);
        Product(left, new Right(work.Weights - Bytes(1, direct), SoftmaxProblem.Panel, stride), target, Bytes(1, width), rows.Count, count, direct, width, begins);
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

    /// <summary>Adds the lanes for a share of the rows.</summary>
    public void Join(RowBlock rows, int share)
    {
        if (to.X == 0) return;
        var (from, end) = Team.Share(rows.Count, share, problem.Threads);
        for (var i = 0; i < lanes.Length; i++)
            Take(i == 0, lanes[i] + Bytes(from, width), Bytes(1, width), to.X + Bytes(rows.First + from, problem.Width), Bytes(1, problem.Width), end - from, problem.Width);
    }
}
