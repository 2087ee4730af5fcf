using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace RnnBench.Backends.Cpu;

/// <summary>Asks the caches for memory before it is needed. Any address is allowed; where the machine has no such instruction nothing is done.</summary>
static unsafe class Fetching
{
    /// <summary>Bytes of a cache line.</summary>
    public const int Line = 64;

    static readonly System.Reflection.MethodInfo fetch = typeof(Fetching).GetMethod(nameof(Fetch))!;

    /// <summary>Fetches the line of an address into the first cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(long at)
    {
        if (Sse.IsSupported) Sse.Prefetch0((void*)at);
    }

    /// <summary>The same in a kernel.</summary>
    public static Expression Ahead(Expression at) => Expression.Call(fetch, at);

    /// <summary>Fetches some bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Bytes(long start, int bytes)
    {
        for (var at = start; at < start + bytes; at += Line) Fetch(at);
    }

    /// <summary>Fetches rows of <paramref name="bytes"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(long start, long stride, int rows, int bytes)
    {
        for (var row = 0; row < rows; row++, start += stride) Bytes(start, bytes);
    }
}
