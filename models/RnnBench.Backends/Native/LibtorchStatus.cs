namespace RnnBench.Backends.Native;

/// <summary>What became of loading libtorch, for <c>doctor</c> and the record of a run. What is not known is null.</summary>
public sealed record LibtorchStatus
{
    /// <summary>Why libtorch could not be loaded and what to do, or null if it is loaded.</summary>
    public string? Problem { get; init; }
    /// <summary>How libtorch was found: <c>RNNBENCH_LIBTORCH</c>, <c>NuGet packages</c>, <c>beside the program</c>.</summary>
    public string? Source { get; init; }
    /// <summary>The folder of libtorch.</summary>
    public string? Folder { get; init; }
    /// <summary>The version of libtorch, <c>2.10.0</c>.</summary>
    public string? Version { get; init; }
    /// <summary>The version of libtorch that TorchSharp was built for. Another one may lack symbols.</summary>
    public required string ExpectedVersion { get; init; }
    /// <summary>The version of TorchSharp.</summary>
    public required string TorchSharpVersion { get; init; }
    /// <summary>The library of TorchSharp that is loaded: the original, or its copy in the cache folder.</summary>
    public string? TorchSharpLibrary { get; init; }
    /// <summary>The system's libstdc++, as this process has it loaded.</summary>
    public string? Libstdcxx { get; init; }
    /// <summary>The symbol versions that libstdc++ lacks. If there are any, the copy with weak versions is in use.</summary>
    public IReadOnlyList<string> MissingVersions { get; init; } = [];
    /// <summary>Whether the copy of TorchSharp's library with weak symbol versions is in use.</summary>
    public bool RemedyInUse => Problem is null && MissingVersions.Count > 0;
    /// <summary>Why there is no CUDA, or null if there is.</summary>
    public string? WhyNoCuda { get; init; }
    /// <summary>Whether CUDA can be used.</summary>
    public bool CudaAvailable => Problem is null && WhyNoCuda is null;
}
