using RnnBench.Backends.Native;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>The devices by their names on the command line.</summary>
public static class Devices
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cpu", "cuda", "auto"];

    /// <summary>The device of a name; <c>auto</c> is CUDA where it can be used.</summary>
    /// <exception cref="UserError">An unknown name, or CUDA where there is none; the message says why.</exception>
    public static Device Of(string name)
    {
        var status = Libtorch.Load();
        return name switch
        {
            "cpu" => CPU,
            "auto" => status.CudaAvailable ? CUDA : CPU,
            "cuda" when status.CudaAvailable => CUDA,
            "cuda" => throw new UserError($"There is no CUDA here: {status.WhyNoCuda}.\n"
                + $"Use --device cpu, or set {Surroundings.Variable} to the lib folder of a PyTorch with CUDA."),
            _ => throw new UserError($"There is no device {name}; there are {string.Join(", ", Names)}."),
        };
    }
}
