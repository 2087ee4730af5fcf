using RnnBench.Backends.Native;
using TorchSharp;

namespace RnnBench.Cli.Doctor;

/// <summary>Checks of libtorch and of CUDA.</summary>
static class LibtorchChecks
{
    public static Finding Library()
    {
        var found = Libtorch.Describe();
        if (found.Problem is { } problem) return FromMessage(problem);
        var text = $"{found.Version ?? "of unknown version"} from {found.Source}, {found.Folder}; TorchSharp {found.TorchSharpVersion}";
        return found.Version?.Split('+')[0] == found.ExpectedVersion ? Finding.Ok(text)
            : Finding.Note(text, $"TorchSharp was built for libtorch {found.ExpectedVersion}; scripts/cuda-check.sh compares the symbols");
    }

    public static Finding Glibcxx()
    {
        var found = Libtorch.Describe();
        return found.Problem is not null ? Finding.Note("not looked at: libtorch is not loaded")
            : found.RemedyInUse ? Finding.Ok($"{found.Libstdcxx} lacks {string.Join(", ", found.MissingVersions)}; remedy in use: {found.TorchSharpLibrary}")
            : Finding.Ok("no remedy needed");
    }

    public static Finding Cuda()
    {
        var found = Libtorch.Describe();
        if (found.CudaAvailable) return Finding.Ok($"{torch.cuda.device_count()} x {string.Join(", ", Machine.Gpus.Distinct().DefaultIfEmpty("GPU"))}; driver {Machine.Driver ?? "of unknown version"}");
        var driver = Machine.Driver is { } version ? $"; driver {version}" : "";
        return Finding.Note($"none: {found.WhyNoCuda ?? "libtorch is not loaded"}{driver}",
            driver == "" ? "runs use the CPU" : "set RNNBENCH_LIBTORCH to the lib folder of a PyTorch with CUDA");
    }

    /// <summary>The first line says what is wrong, the others what to do.</summary>
    static Finding FromMessage(string problem)
    {
        var lines = problem.Split('\n', 2);
        return Finding.Problem(lines[0], lines.Length > 1 ? lines[1] : "run `dotnet restore` in the repository");
    }
}
