using System.Runtime.InteropServices;

namespace RnnBench.Backends.Cpu;

/// <summary>Native memory on a cache line's boundary, freed by <see cref="Dispose"/> or, at the latest, with the object.</summary>
sealed unsafe class Aligned : IDisposable
{
    static long live;
    readonly void* start;
    int disposed;

    /// <param name="bytes">How many; the contents are undefined.</param>
    public Aligned(long bytes)
    {
        Bytes = Math.Max(bytes, 64);
        start = NativeMemory.AlignedAlloc((nuint)Bytes, 64);
        Interlocked.Add(ref live, Bytes);
        GC.AddMemoryPressure(Bytes);
    }

    ~Aligned() => Free();

    /// <summary>Bytes that are allocated and not yet freed, in the whole process.</summary>
    public static long Live => Interlocked.Read(ref live);

    /// <summary>The size.</summary>
    public long Bytes { get; }

    /// <summary>The first byte's address.</summary>
    public long Address => (long)start;

    /// <summary>Sets every byte to zero.</summary>
    public void Clear() => NativeMemory.Clear(start, (nuint)Bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        NativeMemory.AlignedFree(start);
        Interlocked.Add(ref live, -Bytes);
        GC.RemoveMemoryPressure(Bytes);
    }
}
