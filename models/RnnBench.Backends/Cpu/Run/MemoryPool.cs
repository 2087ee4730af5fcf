namespace RnnBench.Backends.Cpu;

/// <summary>Blocks of memory that runs of a scan take and give back, so that a training loop allocates nothing after its first step.</summary>
sealed class MemoryPool : IDisposable
{
    readonly Lock gate = new();
    readonly List<Aligned> free = [];

    /// <summary>How many blocks have been allocated.</summary>
    public int Allocations { get; private set; }

    /// <summary>Takes a block of at least so many bytes. One that is dropped without being returned is freed when it is collected.</summary>
    public Aligned Take(long bytes)
    {
        lock (gate)
        {
            var best = -1;
            for (var i = 0; i < free.Count; i++)
                if (free[i].Bytes >= bytes && free[i].Bytes <= 2 * bytes + 4096 && (best < 0 || free[i].Bytes < free[best].Bytes)) best = i;
            if (best < 0)
            {
                Allocations++;
                return new Aligned(bytes);
            }
            var memory = free[best];
            free.RemoveAt(best);
            return memory;
        }
    }

    /// <summary>Gives a block back.</summary>
    public void Return(Aligned memory)
    {
        lock (gate)
        {
            free.Add(memory);
            if (free.Count <= 16) return;
            free[0].Dispose();
            free.RemoveAt(0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            free.ForEach(memory => memory.Dispose());
            free.Clear();
        }
    }
}
