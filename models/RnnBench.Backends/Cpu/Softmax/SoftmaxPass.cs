namespace RnnBench.Backends.Cpu;

/// <summary>
/// Runs a softmax cross-entropy block by block of its rows, forward and, where gradients are wanted, backward at once. All of it is one plan of work:
/// a thread that is through with a block's classes begins with the next block while the others finish.
/// </summary>
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
        var block = pool.Take(size.Bytes);
        var memory = new Dealing(block.Address);
        var (forward, backward) = Lay(problem, rows, weights, to, ref memory);
        Plan(problem, forward, backward).Run(problem.Threads);
        pool.Return(block);
        return rows;
    }

    static (SoftmaxForward Forward, SoftmaxBackward? Backward) Lay(SoftmaxProblem problem, SoftmaxRows rows, double[] weights, SoftmaxGradients to, ref Dealing memory)
    {
        var forward = new SoftmaxForward(problem, rows, ref memory);
        return (forward, problem.Gradients ? new SoftmaxBackward(problem, forward, weights, to, ref memory) : null);
    }

    static WorkPlan Plan(SoftmaxProblem problem, SoftmaxForward forward, SoftmaxBackward? backward)
    {
        var (plan, pieces, shares) = (new WorkPlan(), problem.Pieces.Count, problem.Threads);
        PieceGroup joined = default, back = default;                        // those of the block before
        foreach (var (number, block) in problem.Blocks.Index())
        {
            var (before, earlier) = (joined, back);
            var packed = plan.Add(shares, (_, share) =>
            {
                plan.Await(before);                                         // then nobody reads what was packed for the block before
                forward.Pack(block, share);
                if (share == 0) backward?.Pack(block, number);
            });
            void Forward(int part, int piece)
            {
                plan.Await(packed);
                plan.Await(earlier, pieces - 1 - piece);                    // its logits lie where these will
                forward.Run(block, piece, part);
            }
            var head = plan.Add(Math.Min(pieces, shares), Forward);
            var sums = backward is null ? default : Added(number - 1, earlier);
            var tail = plan.Add(pieces - head.Count, (part, piece) => Forward(part, head.Count + piece));
            var own = joined = plan.Add(shares, (_, share) =>
            {
                plan.Await(head);
                plan.Await(tail);
                forward.Join(block, share);
                backward?.Begin(block, share);
            });
            if (backward is null) continue;
            PieceGroup these = default;
            these = back = plan.Add(pieces, (part, turn) =>
            {
                plan.Await(own);
                plan.Await(sums);
                backward.Gradient(block, pieces - 1 - turn);
                backward.Outer(block, number, pieces - 1 - turn, part);
                if (turn >= backward.Lanes) plan.Await(these, turn - backward.Lanes);     // the one before it in its lane
                backward.Input(block, pieces - 1 - turn, turn % backward.Lanes, turn < backward.Lanes, part);
            });
        }
        if (backward is not null) Added(problem.Blocks.Count - 1, back);
        return plan;

        // The parts of dx of a block.
        PieceGroup Added(int number, PieceGroup parts) => parts.Count == 0 ? default : plan.Add(shares, (_, share) =>
        {
            plan.Await(parts);
            backward!.Join(problem.Blocks[number], share);
        });
    }
}
