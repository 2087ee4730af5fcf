using System.Runtime.CompilerServices;

namespace RnnBench.Cli.Tests;

/// <summary>What holds for all tests of this project.</summary>
static class Start
{
    /// <summary>Tests say themselves which data they mean; a developer's environment must not leak in.</summary>
    [ModuleInitializer]
    internal static void Run()
    {
        RealData = Environment.GetEnvironmentVariable("RNNBENCH_DATA");
        Environment.SetEnvironmentVariable("RNNBENCH_DATA", null);
    }

    /// <summary>The folder with real data sets, where there is one.</summary>
    public static string? RealData { get; private set; }
}
