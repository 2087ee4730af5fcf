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
/// The forward pass over a block of rows: of each piece of the classes the largest logit of each row and the sum of exponentials relative to it
/// (Milakov and Gimelshein 2018, arXiv 1805.02867); the pieces' results are joined in their order.
/// </summary>
sealed class SoftmaxForward
{
    readonly SoftmaxProblem problem;
    readonly SoftmaxKernels kernels;
    readonly long transposed, logits;
    readonly Found[] found;

    /// <summary>What a piece of the classes says of each row: the largest logit, its class and the sum; and room for a number.</summary>
    readonly record struct Found(long Largest, long Class, long Sums, long Number);

    /// <param name="problem">The sizes.</param>
    /// <param name="rows">Where the results go.</param>
    /// <param name="memory">What the pass works in.</param>
    public SoftmaxForward(SoftmaxProblem problem, SoftmaxRows rows, ref Dealing memory)
    {
        (this.problem, Rows, kernels) = (problem, rows, SoftmaxKernels.Of(problem.Unit));
        transposed = memory.Next((long)problem.Width * problem.RowBytes);
        logits = memory.Next((problem.Gradients ? problem.Classes : problem.Largest * problem.Threads) * problem.Stride);
        found = new Found[problem.Pieces.Count];
        for (var i = 0; i < found.Length; i++) found[i] = new Found(memory.Next(problem.RowBytes), memory.Next(problem.RowBytes), memory.Next(problem.RowBytes), memory.Next(64));
    }

    /// <summary>What was found.</summary>
    public SoftmaxRows Rows { get; }

    /// <summary>Where the logits of a piece lie while gradients follow.</summary>
    public long Logits(int piece) => logits + problem.Pieces[piece].First * problem.Stride;

    /// <summary>Packs a share of a block of x.</summary>
    public void Pack(RowBlock rows, int share) => problem.PackTransposed(rows, transposed, share);

    /// <summary>Goes through a piece of the classes.</summary>
    /// <param name="rows">The block, packed.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="part">The thread; where no gradients follow, each keeps the logits of one piece.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(RowBlock rows, int piece, int part)
    {
        var (own, bytes, (first, count)) = (found[piece], (long)rows.Columns * problem.Unit.Size, problem.Pieces[piece]);
        var at = problem.Gradients ? Logits(piece) : logits + part * problem.Largest * problem.Stride;
        problem.Logits(rows, transposed, at, first, count);
        problem.Fill(own.Largest, problem.Unit.Size == sizeof(float) ? float.MinValue : double.MinValue);
        problem.Fill(own.Class, 0);
        problem.Write(own.Number, first);
        kernels.Largest(at, problem.Stride, count, bytes, own.Largest, own.Class, own.Number);
        problem.Fill(own.Sums, 0);
        kernels.Exponentials(at, problem.Stride, count, bytes, own.Largest, own.Sums, own.Number);
        for (var r = 0; r < rows.Count; r++)
            if (problem.Labels[rows.First + r] - first is >= 0 and var place && place < count)
                Rows.Target[rows.First + r] = problem.Row(at + place * problem.Stride, r);
    }

    /// <summary>Joins what all pieces have found for a share of the rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Join(RowBlock rows, int share)
    {
        var (from, to) = Team.Share(rows.Count, share, problem.Threads);
        for (var r = from; r < to; r++)
        {
            var (largest, likeliest, sum) = (double.NegativeInfinity, 0L, 0.0);
            foreach (var piece in found)
                if (problem.Row(piece.Largest, r) is var own && own > largest) (largest, likeliest) = (own, (long)problem.Row(piece.Class, r));
            foreach (var piece in found) sum += problem.Row(piece.Sums, r) * Math.Exp(problem.Row(piece.Largest, r) - largest);
            var row = rows.First + r;
            (Rows.Largest[row], Rows.Likeliest[row], Rows.Normaliser[row]) = (largest, likeliest, largest + Math.Log(sum));
        }
    }
}
