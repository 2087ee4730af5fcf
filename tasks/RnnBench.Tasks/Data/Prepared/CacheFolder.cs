namespace RnnBench.Tasks.Data;

/// <summary>Where prepared data lies: what is in it can be made again at any time.</summary>
public static class CacheFolder
{
    /// <summary>The variable that names the folder.</summary>
    public const string Variable = "RNNBENCH_CACHE";

    /// <summary><c>RNNBENCH_CACHE</c>, else <c>rnnbench</c> in the user's cache folder: <c>XDG_CACHE_HOME</c>, or <c>~/.cache</c> where that is unset.</summary>
    public static string Resolve() => Resolve(Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal static string Resolve(Func<string, string?> variable, string home)
    {
        if (variable(Variable) is { Length: > 0 } named) return Path.GetFullPath(named);
        return Path.Combine(variable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg) ? xdg : Path.Combine(home, ".cache"), "rnnbench");
    }
}
