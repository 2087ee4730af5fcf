namespace RnnBench.Backends.Cpu;

/// <summary>
/// What the way back leaves to be done for all steps, in blocks of steps, the last first: each can begin when all threads have gone past it, so whoever
/// is through with the steps of its own rows begins with the blocks at the end.
/// </summary>
sealed class Trailing
{
    readonly StepBlocks blocks;
    readonly WorkQueue queue;
    readonly int[] missing;
    readonly int groups;
    int begun;
    volatile bool broken;

    /// <param name="blocks">The pieces.</param>
    /// <param name="groups">How many threads go back through time, each with rows of its own.</param>
    /// <param name="work">Does a block.</param>
    public Trailing(StepBlocks blocks, int groups, Action<int> work)
    {
        (this.blocks, this.groups, missing) = (blocks, groups, new int[blocks.Count]);
        Array.Fill(missing, groups);
        queue = new WorkQueue(blocks.Count, (_, i) =>
        {
            var block = blocks.Count - 1 - i;
            for (var turn = 0; Volatile.Read(ref missing[block]) > 0 && !broken; turn++) Meeting.Pause(turn);
            work(block);
        });
    }

    /// <summary>One thread goes back, and on with the blocks if all others are at least on their way: then nobody is waited for in vain.</summary>
    /// <param name="part">The thread.</param>
    /// <param name="back">The way back.</param>
    public void Follow(int part, Action back)
    {
        Interlocked.Increment(ref begun);
        try
        {
            back();
        }
        catch
        {
            broken = true;
            throw;
        }
        if (Volatile.Read(ref begun) == groups) queue.Run(part);
    }

    /// <summary>A thread has gone past a step.</summary>
    public void Passed(int step)
    {
        if (blocks.Begins(step, out var block)) Interlocked.Decrement(ref missing[block]);
    }

    /// <summary>Whether somebody has begun every block.</summary>
    public bool IsDealt => queue.IsDealt;

    /// <summary>Does what nobody has begun; all threads have gone past all steps.</summary>
    public void Run(int part) => queue.Run(part);
}
