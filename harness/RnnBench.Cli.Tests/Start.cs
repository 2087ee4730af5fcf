using System.Runtime.CompilerServices;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Tests;

/// <summary>What holds for all tests of this project.</summary>
static class Start
{
    /// <summary>Tests say themselves which data they mean; a developer's environment must not leak in, nor prepared texts out.</summary>
    [ModuleInitializer]
    internal static void Run()
    {
        RealData = Environment.GetEnvironmentVariable("RNNBENCH_DATA");
        Environment.SetEnvironmentVariable("RNNBENCH_DATA", null);
        var cache = Directory.CreateTempSubdirectory("rnnbench-cache-").FullName;
        Environment.SetEnvironmentVariable(CacheFolder.Variable, cache);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(cache, recursive: true);
    }

    /// <summary>The folder with real data sets, where there is one.</summary>
    public static string? RealData { get; private set; }
}
