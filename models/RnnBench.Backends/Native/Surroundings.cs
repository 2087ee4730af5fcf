namespace RnnBench.Backends.Native;

/// <summary>Where native libraries may lie on this machine. A record of its own so that tests can give another one.</summary>
/// <param name="Chosen">What <c>RNNBENCH_LIBTORCH</c> says, or null.</param>
/// <param name="Packages">The NuGet package folder.</param>
/// <param name="Program">The folder of the program.</param>
/// <param name="Cache">The user's cache folder for this program.</param>
sealed record Surroundings(string? Chosen, string Packages, string Program, string Cache)
{
    /// <summary>The environment variable that names the libtorch folder.</summary>
    public const string Variable = "RNNBENCH_LIBTORCH";

    /// <summary>Those of this process.</summary>
    public static Surroundings Here => From(Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), AppContext.BaseDirectory);

    /// <summary>Those that some environment variables describe.</summary>
    public static Surroundings From(Func<string, string?> variable, string home, string program)
    {
        var cache = variable("XDG_CACHE_HOME");              // a relative one is to be ignored: XDG Base Directory 0.8
        return new(NullIfEmpty(variable(Variable)),
            NullIfEmpty(variable("NUGET_PACKAGES")) ?? Path.Combine(home, ".nuget", "packages"),
            program,
            Path.Combine(Path.IsPathRooted(cache) ? cache : Path.Combine(home, ".cache"), "rnnbench"));
    }

    static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
