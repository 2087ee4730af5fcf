using RnnBench.Backends;
using RnnBench.Backends.Native;
using RnnBench.Harness;
using RnnBench.Language;

namespace RnnBench.Cli;

/// <summary>What each part is handed: only the program knows all of them.</summary>
static class Wiring
{
    /// <summary>What there is to run.</summary>
    public static Catalogs Catalogs(IReadOnlyList<Architecture> models) => new(models, Tasks.Catalog.All, Backend.Create)
    {
        Arithmetic = threads => new FlushedSubnormals(threads),
        Functions = [.. Architectures.Catalog.Functions, .. ConstraintFunctions.All],
        Softmax = (x, weight, bias, labels, weights) => SoftmaxCrossEntropy.Of(x, weight, bias, labels, weights) is var found
            ? new ClassLosses(found.Sum, found.Losses, () => (found.Likeliest, found.Best)) : null!,
    };

    /// <summary>The studies that come with the program.</summary>
    public static IReadOnlyList<(string File, StudyFile Study)> Studies() => !Directory.Exists(StudyFolder) ? [] :
        [.. Directory.EnumerateFiles(StudyFolder, "*.yaml").Order(StringComparer.Ordinal).Select(file => (file, StudyFile.Read(file)))];

    /// <summary>A study by its name, or from a file.</summary>
    /// <exception cref="UserError">There is none, or its file is wrong.</exception>
    public static StudyFile Study(string nameOrFile)
    {
        if (File.Exists(nameOrFile)) return StudyFile.Read(nameOrFile);
        var file = Path.Combine(StudyFolder, $"{nameOrFile}.yaml");
        return File.Exists(file) ? StudyFile.Read(file) : throw new UserError(
            $"there is no study {nameOrFile}, and no file of that name; the studies are {string.Join(", ", Studies().Select(s => s.Study.Name))}.");
    }

    static string StudyFolder => Path.Combine(AppContext.BaseDirectory, "studies");
}
