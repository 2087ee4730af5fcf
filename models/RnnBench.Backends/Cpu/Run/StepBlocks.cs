namespace RnnBench.Backends.Cpu;

/// <summary>The steps of a scan in blocks of nearly equal length: the pieces in which work for all steps is dealt.</summary>
/// <param name="steps">T.</param>
/// <param name="batch">B.</param>
/// <param name="rows">About how many rows of the sequence a block has; fewer where there would not be a block for each thread.</param>
/// <param name="threads">Among how many threads they are dealt: each gets as many as the others.</param>
sealed class StepBlocks(int steps, int batch, int rows, int threads)
{
    /// <summary>How many.</summary>
    public int Count { get; } = (int)Math.Clamp(((long)steps * batch / rows + threads - 1) / threads * threads, Math.Min(threads, steps), steps);

    /// <summary>The first step of a block, and the one behind its last.</summary>
    public (int From, int To) this[int block] => Team.Share(steps, block, Count);

    /// <summary>Whether a step is the first of a block, and of which.</summary>
    public bool Begins(int step, out int block)
    {
        block = (int)(((long)step * Count + steps - 1) / steps);
        return block < Count && this[block].From == step;
    }
}
