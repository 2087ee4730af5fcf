using System.Runtime.InteropServices;

namespace RnnBench.Backends.Native;

/// <summary>
/// Tells the C library to keep memory that is freed. A training step allocates and frees the same tensors again and again; where they go back to the
/// system each time, the system clears their pages again each time, which takes longer than most of what is computed on them.
/// </summary>
static partial class KeptMemory
{
    const int TrimThreshold = -1, MmapThreshold = -3;                           // malloc.h of glibc
    const int LargestThreshold = 32 << 20;                                      // it takes no larger one; what is larger is still given back

    /// <summary>Does so. Elsewhere than on glibc nothing happens.</summary>
    public static void Ask()
    {
        try
        {
            Set(MmapThreshold, LargestThreshold);
            Set(TrimThreshold, int.MaxValue);
        }
        catch (EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Set(int parameter, int value);
}
