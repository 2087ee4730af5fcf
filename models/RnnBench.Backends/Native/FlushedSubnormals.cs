using System.Runtime.InteropServices;
using RnnBench.Backends.Cpu;

namespace RnnBench.Backends.Native;

/// <summary>
/// Lets the threads of libtorch and of the compiled kernels take subnormal numbers for zero, until it is disposed. Gradients that vanish over a thousand steps
/// fall below the smallest normal number (1.2e-38 in float32); the processor computes with what lies beneath it many times more slowly, and nothing is learned
/// from it. Every backend and the optimiser run under the same setting, so that none is judged by how fast its gradients vanish.
/// </summary>
/// <remarks>
/// The bits are FTZ and DAZ of MXCSR (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 10.2.3). Each thread has its own; one that is
/// started inherits those of the thread that starts it. Elsewhere than on x64 Linux nothing happens.
/// </remarks>
public sealed partial class FlushedSubnormals : IDisposable
{
    const uint FlushToZero = 1 << 15, DenormalsAreZero = 1 << 6;

    readonly int threads;
    readonly bool before;

    /// <summary>Sets it on the calling thread and on those that work for it.</summary>
    /// <param name="threads">How many threads compute, the calling one included.</param>
    public FlushedSubnormals(int threads)
    {
        (this.threads, before) = (threads, On);
        Everywhere(true);
    }

    /// <summary>Whether the calling thread takes subnormal numbers for zero.</summary>
    public static bool On => Supported && (Environment().Mxcsr & FlushToZero) != 0;

    /// <summary>Sets it back as it was.</summary>
    public void Dispose() => Everywhere(before);

    /// <summary>On the calling thread first: those that are yet to be started inherit it.</summary>
    void Everywhere(bool on)
    {
        Set(on);
        Team.Run(threads, _ => Set(on));
    }

    static bool Supported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    static FloatEnvironment Environment()
    {
        Get(out var environment);
        return environment;
    }

    static void Set(bool on)
    {
        if (!Supported) return;
        var environment = Environment();
        const uint both = FlushToZero | DenormalsAreZero;
        environment.Mxcsr = on ? environment.Mxcsr | both : environment.Mxcsr & ~both;
        Put(environment);
    }

    [LibraryImport("libm.so.6", EntryPoint = "fegetenv")]
    private static partial int Get(out FloatEnvironment environment);

    [LibraryImport("libm.so.6", EntryPoint = "fesetenv")]
    private static partial int Put(in FloatEnvironment environment);

    /// <summary><c>fenv_t</c> of the System V ABI on x86-64: the x87 environment, then MXCSR.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    struct FloatEnvironment
    {
        [FieldOffset(28)] public uint Mxcsr;
    }
}
