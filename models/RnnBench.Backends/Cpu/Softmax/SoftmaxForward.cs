using System.Runtime.CompilerServices;

namespace RnnBench.Backends.Cpu;

/// <summary>What a softmax over classes says of each row, in double precision.</summary>
/// <param name="Normaliser">The logarithm of the sum of the exponentials of all logits.</param>
/// <param name="Target">The logit of the right class.</param>
/// <param name="Largest">The largest logit.</param>
/// <param name="Likeliest">The first class that has it.</param>
sealed record SoftmaxRows(double[] Normaliser, double[] Target, double[] Largest, long[] Likeliest)
{
    public SoftmaxRows(int rows) : this(new double[rows], new double[rows], new double[rows], new long[rows]) { }
}

/// <summary>
/// The forward pass over a block of rows: each thread goes through its share of the classes chunk by chunk and keeps for each row the largest logit
/// so far and the sum of exponentials relative to it (Milakov and Gimelshein 2018, arXiv 1805.02867); the threads' results are joined in their order.
/// </summary>
sealed class SoftmaxForward
{
    readonly SoftmaxProblem problem;
    readonly SoftmaxKernels kernels;
    readonly double[][] sums, before;
    readonly Work[] works;

    /// <summary>The memory of one thread: logits; for each row the largest logit, its class and the sum of a chunk; a number.</summary>
    readonly record struct Work(long Logits, long Largest, long Class, long Sums, long Number);

    /// <param name="problem">The sizes.</param>
    /// <param name="rows">Where the results go.</param>
    /// <param name="memory">What the pass works in.</param>
    public SoftmaxForward(SoftmaxProblem problem, SoftmaxRows rows, ref Dealing memory)
    {
        (this.problem, Rows, kernels) = (problem, rows, SoftmaxKernels.Of(problem.Unit));
        Transposed = memory.Next((long)problem.Width * problem.RowBytes);
        works = new Work[problem.Threads];
        for (var i = 0; i < works.Length; i++)
        {
            var (from, to) = Team.Share(problem.Classes, i, works.Length);
            works[i] = new Work(memory.Next((problem.Gradients ? to - from : problem.Chunk) * problem.Stride),
                memory.Next(problem.RowBytes), memory.Next(problem.RowBytes), memory.Next(problem.RowBytes), memory.Next(64));
        }
        sums = [.. works.Select(_ => new double[problem.Columns])];
        before = [.. works.Select(_ => new double[problem.Columns])];
    }

    /// <summary>Where the block of x lies, transposed.</summary>
    public long Transposed { get; }

    /// <summary>What was found.</summary>
    public SoftmaxRows Rows { get; }

    /// <summary>Where a thread's logits from a class on lie; they stay there only where gradients follow.</summary>
    public long Logits(int part, int first) =>
        works[part].Logits + (problem.Gradients ? first - Team.Share(problem.Classes, part, problem.Threads).From : 0) * problem.Stride;

    /// <summary>Goes through a block of rows.</summary>
    public void Run(RowBlock rows)
    {
        Team.Run(problem.Threads, part => problem.PackTransposed(rows, Transposed, part));
        Team.Run(problem.Threads, part => Share(rows, part));
        Join(rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Share(RowBlock rows, int part)
    {
        var (work, bytes) = (works[part], (long)rows.Columns * problem.Unit.Size);
        problem.Fill(work.Largest, problem.Unit.Size == sizeof(float) ? float.MinValue : double.MinValue);
        problem.Fill(work.Class, 0);
        Array.Clear(sums[part]);
        foreach (var (first, count) in problem.Chunks(part))
        {
            var logits = Logits(part, first);
            problem.Logits(rows, Transposed, logits, first, count);
            for (var r = 0; r < rows.Count; r++) before[part][r] = problem.Row(work.Largest, r);
            problem.Write(work.Number, first);
            kernels.Largest(logits, problem.Stride, count, bytes, work.Largest, work.Class, work.Number);
            problem.Fill(work.Sums, 0);
            kernels.Exponentials(logits, problem.Stride, count, bytes, work.Largest, work.Sums, work.Number);
            Accumulate(part, rows.Count);
            for (var r = 0; r < rows.Count; r++)
                if (problem.Labels[rows.First + r] - first is >= 0 and var place && place < count)
                    Rows.Target[rows.First + r] = problem.Row(logits + place * problem.Stride, r);
        }
    }

    /// <summary>Adds a chunk's sums to those before it, which were relative to a smaller logit where the largest has grown.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Accumulate(int part, int rows)
    {
        var (work, sum, old) = (works[part], sums[part], before[part]);
        for (var r = 0; r < rows; r++)
        {
            var now = problem.Row(work.Largest, r);
            if (now > old[r]) sum[r] *= Math.Exp(old[r] - now);
            sum[r] += problem.Row(work.Sums, r);
        }
    }

    void Join(RowBlock rows)
    {
        for (var r = 0; r < rows.Count; r++)
        {
            var (largest, likeliest, sum) = (double.NegativeInfinity, 0L, 0.0);
            foreach (var work in works)
                if (problem.Row(work.Largest, r) is var own && own > largest) (largest, likeliest) = (own, (long)problem.Row(work.Class, r));
            for (var part = 0; part < works.Length; part++) sum += sums[part][r] * Math.Exp(problem.Row(works[part].Largest, r) - largest);
            var row = rows.First + r;
            (Rows.Largest[row], Rows.Likeliest[row], Rows.Normaliser[row]) = (largest, likeliest, largest + Math.Log(sum));
        }
    }
}
