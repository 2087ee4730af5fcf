using System.Runtime.InteropServices;
using RnnBench.Backends.Cpu;
using RnnBench.Language;
using TorchSharp;

namespace RnnBench.Backends.Native;

/// <summary>
/// Loads libtorch and TorchSharp's library by full path, once for each process, before anything of TorchSharp is used. The output folder
/// holds no copy of them. Supported: Linux on x64; elsewhere an error says so.
/// </summary>
public static class Libtorch
{
    static readonly Lazy<LibtorchStatus> loaded = new(() => Load(Surroundings.Here));

    /// <summary>Loads libtorch; later calls return at once what the first found, or fail as it failed. Safe from several threads.</summary>
    /// <exception cref="UserError">Missing, broken or unsupported; the message says what to do.</exception>
    public static LibtorchStatus Load() => loaded.Value;

    /// <summary>As <see cref="Load()"/>, but a failure is told in <see cref="LibtorchStatus.Problem"/>.</summary>
    public static LibtorchStatus Describe()
    {
        try
        {
            return Load();
        }
        catch (UserError e)
        {
            return Blank with { Problem = e.Message };
        }
    }

    static LibtorchStatus Blank => new() { ExpectedVersion = LibtorchFiles.LibtorchVersion, TorchSharpVersion = LibtorchFiles.TorchSharpVersion };

    internal static LibtorchStatus Load(Surroundings here)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            throw new UserError($"RnnBench loads libtorch on linux-x64 only so far, and this is {RuntimeInformation.RuntimeIdentifier}.\n"
                + "Use a Linux machine, a container or WSL; commands that do no training work here too.");
        var files = LibtorchFiles.Locate(here);
        KeptMemory.Ask();
        try
        {
            var open = new HashSet<string>();
            foreach (var name in new[] { LibtorchFiles.Core, "libtorch_cuda.so", "libtorch.so" }) Open(name, files, open);
            var libstdcxx = InThisProcess("libstdc++.so");
            var remedy = GlibcxxRemedy.For(files.TorchSharp, libstdcxx, here.Cache);
            NativeLibrary.Load(remedy.Library);
            // cuDNN's recurrent layers would round float32 to the 10 bits of TF32 on their own account: errors near 1e-3, where every backend owes 1e-4.
            torch.backends.cudnn.allow_tf32 = false;
            _ = Rehearsal.Begin();
            return Blank with
            {
                Source = files.Source,
                Folder = files.Folders.First(folder => File.Exists(Path.Combine(folder, LibtorchFiles.Core))),
                Version = files.Version,
                TorchSharpLibrary = remedy.Library,
                Libstdcxx = libstdcxx,
                MissingVersions = remedy.Missing,
                WhyNoCuda = WhyNoCuda(files),
            };
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException or InvalidDataException
            or UnauthorizedAccessException)
        {
            throw Broken(files, e);
        }
    }

    /// <summary>
    /// Loads a library of libtorch after those that it needs: most have no path of their own to find them by. A library that is not in
    /// the folders is left to the system's loader. Names differ between builds (libgomp), so nothing is listed here.
    /// </summary>
    static void Open(string name, LibtorchFiles files, HashSet<string> open)
    {
        if (files.Find(name) is not { } path) return;
        OpenNeeded(path, files, open);
        NativeLibrary.Load(path);
    }

    /// <summary>
    /// What a library needs, each after what it needs itself. One that does not load by itself is left to the library that needs it: of PyTorch 2.11,
    /// libtorch_nvshmem uses symbols of libc10_cuda without saying so, and finds them only in the company of libtorch_cuda.
    /// </summary>
    static void OpenNeeded(string path, LibtorchFiles files, HashSet<string> open)
    {
        string[] needed;
        using (var library = new Elf(path)) needed = [.. library.Needed];
        foreach (var other in needed.Where(open.Add).Select(files.Find).OfType<string>())
        {
            OpenNeeded(other, files, open);
            NativeLibrary.TryLoad(other, out _);
        }
    }

    /// <summary>The path of a library that this process has mapped already, or null.</summary>
    static string? InThisProcess(string name) => File.ReadLines("/proc/self/maps")
        .Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..])
        .FirstOrDefault(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal) && File.Exists(path));

    static string? WhyNoCuda(LibtorchFiles files)
    {
        if (files.Find("libtorch_cuda.so") is null) return $"the libtorch in {files.Folders[0]} is built without CUDA";
        if (torch.cuda.is_available()) return null;
        return NativeLibrary.TryLoad("libcuda.so.1", out _) ? "the NVIDIA driver is there, but libtorch finds no usable device"
            : "no NVIDIA driver (libcuda.so.1) is found";
    }

    static UserError Broken(LibtorchFiles files, Exception e)
    {
        var cause = e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .LastOrDefault(line => line.Contains(".so", StringComparison.Ordinal)) ?? e.Message;
        var version = files.Version is { } v && v != LibtorchFiles.LibtorchVersion ? $", version {v}" : "";
        return new UserError($"libtorch does not load from {files.Folders[0]} ({files.Source}{version}): {cause}\n"
            + $"Put a whole libtorch {LibtorchFiles.LibtorchVersion} there (delete the package's folder and run `dotnet restore`), "
            + $"or set {Surroundings.Variable} to that of a PyTorch.", e);
    }
}
