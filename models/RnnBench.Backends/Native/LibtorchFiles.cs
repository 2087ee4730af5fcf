using System.Reflection;
using System.Text.RegularExpressions;
using RnnBench.Language;

namespace RnnBench.Backends.Native;

/// <summary>A libtorch that was found, before it is loaded.</summary>
/// <param name="Source">How it was found, for messages.</param>
/// <param name="Folders">Where its libraries lie: one folder, or one for each CUDA package.</param>
/// <param name="Version">Its version, or null where nothing beside it says so.</param>
/// <param name="TorchSharp">The library of TorchSharp that goes with it.</param>
sealed partial record LibtorchFiles(string Source, IReadOnlyList<string> Folders, string? Version, string TorchSharp)
{
    /// <summary>The library that every libtorch has.</summary>
    public const string Core = "libtorch_cpu.so";
    const string Bindings = "libLibTorchSharp.so";

    /// <summary>The versions that this program was built with.</summary>
    public static string TorchSharpVersion { get; } = Metadata(nameof(TorchSharpVersion));
    /// <inheritdoc cref="TorchSharpVersion"/>
    public static string LibtorchVersion { get; } = Metadata(nameof(LibtorchVersion));
    static readonly string package = Metadata("LibtorchPackage");

    /// <summary>The path of one of its libraries, or null.</summary>
    public string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Looks in the folder that was chosen, then among the NuGet packages, then beside the program.</summary>
    /// <exception cref="UserError">Nothing found, or the chosen folder holds no libtorch.</exception>
    public static LibtorchFiles Locate(Surroundings here)
    {
        var bindings = Bundled(here) ?? throw new UserError(
            $"The library of TorchSharp {TorchSharpVersion} is missing: {Bindings} is neither beside the program nor in {here.Packages}.\n{Advice}");
        if (here.Chosen is { } chosen)
            return HasCore(chosen) ? new(Surroundings.Variable, [Path.GetFullPath(chosen)], VersionBeside(chosen), bindings)
                : throw new UserError($"{Surroundings.Variable} is {chosen}, but there is no {Core} in it.\n{Choose}");
        var packages = Packages(here).ToArray();
        if (packages.Any(HasCore)) return new("NuGet packages", packages, LibtorchVersion, bindings);
        if (Beside(here).FirstOrDefault(HasCore) is { } folder) return new("beside the program", [folder], VersionBeside(folder), bindings);
        throw new UserError($"libtorch {LibtorchVersion} is missing: {package} is not in {here.Packages}, "
            + $"and there is no libtorch folder beside the program.\n{Advice}");
    }

    const string Choose = "Give the lib folder of a PyTorch: python3 -c \"import torch; print(torch.__path__[0] + '/lib')\".";
    static string Advice =>
        $"Run `dotnet restore` in the repository, or set {Surroundings.Variable} to the lib folder of a PyTorch {LibtorchVersion}.";

    static bool HasCore(string folder) => File.Exists(Path.Combine(folder, Core));

    static string? Bundled(Surroundings here) => new[]
    {
        Path.Combine(here.Program, Bindings),
        Path.Combine(Native(here, "torchsharp", TorchSharpVersion), Bindings),
    }.FirstOrDefault(File.Exists);

    static IEnumerable<string> Packages(Surroundings here) => !Directory.Exists(here.Packages) ? [] :
        Directory.EnumerateDirectories(here.Packages, package + "*").Order(StringComparer.Ordinal)   // CUDA comes in several: -part1, -part2 ...
            .Select(folder => Native(here, Path.GetFileName(folder), LibtorchVersion)).Where(Directory.Exists);

    static string Native(Surroundings here, string package, string version) =>
        Path.Combine(here.Packages, package, version, "runtimes", "linux-x64", "native");

    static IEnumerable<string> Beside(Surroundings here) =>
        new[] { "libtorch/lib", "libtorch", "lib" }.Select(folder => Path.Combine(here.Program, folder));

    /// <summary>PyTorch keeps its version in <c>torch/version.py</c>, the plain libtorch archive in <c>build-version</c>.</summary>
    static string? VersionBeside(string folder)
    {
        var up = Path.Combine(folder, "..");
        var (python, plain) = (Path.Combine(up, "version.py"), Path.Combine(up, "build-version"));
        if (File.Exists(python) && PythonVersion().Match(File.ReadAllText(python)) is { Success: true } match) return match.Groups[1].Value;
        return File.Exists(plain) ? File.ReadAllText(plain).Trim() : null;
    }

    [GeneratedRegex(@"^__version__\s*=\s*['""]([^'""]+)['""]", RegexOptions.Multiline)]
    private static partial Regex PythonVersion();

    static string Metadata(string key) =>
        typeof(LibtorchFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
