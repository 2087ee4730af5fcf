namespace RnnBench.Backends.Cpu;

/// <summary>
/// What has no state beneath it, computed in blocks of steps just before the time loop wants them: a block is still in the cache when its steps come,
/// and the thread that is ahead computes for the one that is behind.
/// </summary>
sealed class Hoisting
{
    readonly StepBlocks blocks;
    readonly WorkQueue queue;

    /// <param name="plan">The plan.</param>
    /// <param name="memory">Where its values lie.</param>
    /// <param name="runner">What runs its stages.</param>
    /// <param name="blocks">The pieces.</param>
    public Hoisting(ScanPlan plan, ScanMemory memory, StageRunner runner, StepBlocks blocks)
    {
        this.blocks = blocks;
        queue = new WorkQueue(blocks.Count, (_, block) =>
        {
            var (row, rows) = memory.Rows(blocks[block]);
            runner.Run(plan.Forward.Hoisted, row, rows, 0, 0);
        });
    }

    /// <summary>Sees to it that all is there that a step wants.</summary>
    public void Reach(int step, int part)
    {
        if (blocks.Begins(step, out var block)) queue.Until(block, part);
    }

    /// <summary>Computes what nobody has begun.</summary>
    public void Run(int part) => queue.Run(part);
}
