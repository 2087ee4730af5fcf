using System.Globalization;
using System.Runtime.InteropServices;

namespace RnnBench.Cli.Doctor;

/// <summary>Checks of the machine and of .NET.</summary>
static class MachineChecks
{
    public static Finding Runtime()
    {
        var text = $"{RuntimeInformation.FrameworkDescription}, {Sdk()}, {RuntimeInformation.RuntimeIdentifier}, {Machine.System}";
        return OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Finding.Ok(text)
            : Finding.Problem(text, "training needs Linux on x64, a container or WSL; explain, list and report work here too");
    }

    public static Finding Processor()
    {
        var text = $"{Machine.Cpu}, vectors of {Machine.VectorBits} bits";
        return Machine.VectorBits >= 256 ? Finding.Ok(text) : Finding.Note(text, "no AVX2: results are right but slow");
    }

    public static Finding Cores()
    {
        var cores = $"{Environment.ProcessorCount} for this process";
        return Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not { } threads ? Finding.Ok(cores)
            : Finding.Note($"{cores}; OMP_NUM_THREADS={threads}", "runs use the threads that --threads says; the variable affects only what does not ask");
    }

    public static Finding Memory() => Machine.Memory >= 2L << 30 ? Finding.Ok($"{Gib(Machine.Memory)} for this process")
        : Finding.Note($"{Gib(Machine.Memory)} for this process", "under 2 GiB: large models and data sets may not fit");

    public static string Gib(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB");

    /// <summary>The SDKs beside the runtime that runs this; a bundle brings its own runtime and needs none.</summary>
    static string Sdk()
    {
        var folder = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "sdk");
        if (!Directory.Exists(folder)) return "self-contained (no SDK needed)";
        return $"SDK {string.Join(", ", Directory.EnumerateDirectories(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal))}";
    }
}
