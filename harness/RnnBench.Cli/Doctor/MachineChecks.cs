using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RnnBench.Cli.Doctor;

/// <summary>Checks of the machine and of .NET.</summary>
static class MachineChecks
{
    public static Finding Runtime()
    {
        var text = $"{RuntimeInformation.FrameworkDescription}, {Sdk()}, {RuntimeInformation.RuntimeIdentifier}, {SystemName()}";
        return OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Finding.Ok(text)
            : Finding.Problem(text, "training needs Linux on x64, a container or WSL; explain, list and report work here too");
    }

    public static Finding Processor()
    {
        var model = Lines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown model";
        var width = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        return width >= 256 ? Finding.Ok($"{model}, vectors of {width} bits")
            : Finding.Note($"{model}, vectors of {width} bits", "no AVX2: results are right but slow");
    }

    public static Finding Cores()
    {
        var threads = Environment.GetEnvironmentVariable("OMP_NUM_THREADS");
        var cores = $"{Environment.ProcessorCount} for this process";
        return threads is null ? Finding.Ok(cores)
            : Finding.Note($"{cores}; OMP_NUM_THREADS={threads}", "runs use the threads that --threads says; the variable affects only what does not ask");
    }

    public static Finding Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes >= 2L << 30 ? Finding.Ok($"{Gib(bytes)} for this process")
            : Finding.Note($"{Gib(bytes)} for this process", "under 2 GiB: large models and data sets may not fit");
    }

    public static string Gib(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB");

    /// <summary>The SDKs beside the runtime that runs this; a bundle brings its own runtime and needs none.</summary>
    static string Sdk()
    {
        var folder = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "sdk");
        if (!Directory.Exists(folder)) return "self-contained (no SDK needed)";
        return $"SDK {string.Join(", ", Directory.EnumerateDirectories(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal))}";
    }

    static string SystemName() =>
        Lines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?.Split('=', 2)[1].Trim('"') ?? RuntimeInformation.OSDescription;

    static IEnumerable<string> Lines(string file) => File.Exists(file) ? File.ReadLines(file) : [];
}
