namespace RnnBench.Backends.Cpu;

/// <summary>Blocks of memory that runs of a scan take and give back, so that a training loop allocates nothing after its first step.</summary>
sealed class MemoryPool : IDisposable
{
    readonly Lock gate = new();
    readonly List<(Aligned Memory, Lease? Owner)> free = [];

    /// <summary>How many blocks have been allocated.</summary>
    public int Allocations { get; private set; }

    /// <summary>Takes a block of at least so many bytes. What the last owner left in it is gone.</summary>
    public Lease Take(long bytes)
    {
        lock (gate)
        {
            var best = -1;
            for (var i = 0; i < free.Count; i++)
                if (free[i].Memory.Bytes >= bytes && free[i].Memory.Bytes <= 2 * bytes + 4096 && (best < 0 || free[i].Memory.Bytes < free[best].Memory.Bytes)) best = i;
            if (best < 0)
            {
                Allocations++;
                return new Lease(this, new Aligned(bytes));
            }
            var (memory, owner) = free[best];
            free.RemoveAt(best);
            owner?.Lose();
            return new Lease(this, memory);
        }
    }

    /// <summary>Gives a block back. Until somebody takes it, the lease can still read it: a second backward pass over the same graph works.</summary>
    public void Return(Lease lease)
    {
        lock (gate)
        {
            if (lease.Memory is not { } memory || free.Any(f => f.Memory == memory)) return;
            free.Add((memory, lease));
            if (free.Count <= 16) return;
            free[0].Owner?.Lose();
            free[0].Memory.Dispose();
            free.RemoveAt(0);
        }
    }

    /// <summary>Takes a returned block again, for its old owner.</summary>
    public void Reclaim(Lease lease)
    {
        lock (gate) free.RemoveAll(f => f.Owner == lease);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var (memory, owner) in free)
            {
                owner?.Lose();
                memory.Dispose();
            }
            free.Clear();
        }
    }
}

/// <summary>A block of memory on loan. A lease that is dropped without being returned frees its block when it is collected.</summary>
sealed class Lease(MemoryPool pool, Aligned memory)
{
    /// <summary>The block; null once somebody else has it.</summary>
    public Aligned? Memory { get; private set; } = memory;
    public void Return() => pool.Return(this);
    public void Reclaim() => pool.Reclaim(this);
    internal void Lose() => Memory = null;
}
