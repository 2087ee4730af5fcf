using System.Globalization;
using System.Runtime.InteropServices;

namespace RnnBench.Harness;

/// <summary>The memory that a piece of work holds at its fullest: for a training step the activations that wait for the backward pass, gradients, and what lies between.</summary>
static class StepMemory
{
    const string Status = "/proc/self/status", Peak = "/proc/self/clear_refs";

    /// <summary>Runs the work and measures its largest resident set beyond that before it, in bytes.</summary>
    /// <param name="work">The work.</param>
    /// <param name="bytes">What it took; null where the system does not say.</param>
    /// <returns>What the work returns.</returns>
    public static T Of<T>(Func<T> work, out long? bytes)
    {
        var before = Begin();
        var result = work();
        bytes = before is { } from ? Math.Max(0, Kilobytes("VmHWM") - from) * 1024 : null;
        return result;
    }

    /// <summary>Gives unused memory back, so that it is counted when it is taken again, and lets the peak begin anew (proc(5)); null where that cannot be done.</summary>
    static long? Begin()
    {
        if (!OperatingSystem.IsLinux()) return null;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        try
        {
            _ = malloc_trim(0);
            File.WriteAllText(Peak, "5");
            return Kilobytes("VmRSS");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EntryPointNotFoundException or DllNotFoundException)
        {
            return null;      // another C library, or a kernel that does not reset the peak
        }
    }

    static long Kilobytes(string name) =>
        long.Parse(File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);

    [DllImport("libc", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    static extern int malloc_trim(nint pad);
}
