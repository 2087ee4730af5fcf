namespace RnnBench.Backends.Cpu;

/// <summary>Runs a softmax cross-entropy block by block of its rows, forward and, where gradients are wanted, backward at once.</summary>
static class SoftmaxPass
{
    /// <summary>Goes through all rows.</summary>
    /// <param name="problem">The layer and the right classes.</param>
    /// <param name="weights">What the loss of each row is multiplied with in the sum whose gradients are taken.</param>
    /// <param name="to">Where the gradients go; all are written, unless there are no rows.</param>
    /// <param name="pool">Where memory is borrowed.</param>
    public static SoftmaxRows Run(SoftmaxProblem problem, double[] weights, SoftmaxGradients to, MemoryPool pool)
    {
        var rows = new SoftmaxRows(problem.Rows);
        if (problem.Rows == 0) return rows;
        var size = new Dealing(0);
        Lay(problem, rows, weights, to, ref size);
        var lease = pool.Take(size.Bytes);
        var memory = new Dealing(lease.Memory!.Address);
        var (forward, backward) = Lay(problem, rows, weights, to, ref memory);
        foreach (var block in problem.Blocks)
        {
            forward.Run(block);
            backward?.Run(block);
        }
        lease.Return();
        return rows;
    }

    static (SoftmaxForward Forward, SoftmaxBackward? Backward) Lay(SoftmaxProblem problem, SoftmaxRows rows, double[] weights, SoftmaxGradients to, ref Dealing memory)
    {
        var forward = new SoftmaxForward(problem, rows, ref memory);
        return (forward, problem.Gradients ? new SoftmaxBackward(problem, forward, weights, to, ref memory) : null);
    }
}
