using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using RnnBench.Backends.Native;

namespace RnnBench.Cli.Doctor;

/// <summary>What this machine is, for <c>doctor</c> and for the record of every run.</summary>
static class Machine
{
    public static string Cpu { get; } = First("/proc/cpuinfo", "model name", ':') ?? "unknown";
    public static int VectorBits { get; } = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
    public static long Memory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    public static string System { get; } = First("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription;
    public static string Program { get; } = typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The version of NVIDIA's driver, or null: the first word of its line that is a version.</summary>
    public static string? Driver { get; } = First("/proc/driver/nvidia/version", "NVRM version", ':')?.Split(' ').FirstOrDefault(word => Version.TryParse(word, out _));

    public static IReadOnlyList<string> Gpus { get; } = !Directory.Exists("/proc/driver/nvidia/gpus") ? [] :
        [.. Directory.EnumerateDirectories("/proc/driver/nvidia/gpus").Select(gpu => First(Path.Combine(gpu, "information"), "Model", ':')).OfType<string>()];

    /// <summary>All of it as JSON, in a fixed order: equal machines give equal text.</summary>
    public static string Describe() => JsonSerializer.Serialize(new
    {
        cpu = Cpu,
        cores = Environment.ProcessorCount,
        vector_bits = VectorBits,
        memory_gib = Memory >> 30,
        system = System,
        dotnet = RuntimeInformation.FrameworkDescription,
        libtorch = Libtorch.Describe().Version ?? Libtorch.Describe().Source,
        torchsharp = Libtorch.Describe().TorchSharpVersion,
        gpus = Gpus,
        driver = Driver,
        program = Program,
    });

    /// <summary>What stands behind a label in a file of lines, or null.</summary>
    static string? First(string file, string label, char separator) => !File.Exists(file) ? null :
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal))?.Split(separator, 2).ElementAtOrDefault(1)?.Trim();
}
