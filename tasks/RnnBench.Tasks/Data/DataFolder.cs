namespace RnnBench.Tasks.Data;

/// <summary>Where data sets lie: one folder with a sub-folder for each set.</summary>
public static class DataFolder
{
    /// <summary>The variable that names the folder.</summary>
    public const string Variable = "RNNBENCH_DATA";

    /// <summary>
    /// What was given (<c>--data</c>), else <c>RNNBENCH_DATA</c>, else <c>rnnbench/data</c> in the user's data folder: <c>XDG_DATA_HOME</c>, or
    /// <c>~/.local/share</c> where that is unset. The folder need not exist.
    /// </summary>
    /// <param name="given">What the user gave, or null.</param>
    /// <returns>A full path.</returns>
    public static string Resolve(string? given) =>
        Resolve(given, Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal static string Resolve(string? given, Func<string, string?> variable, string home)
    {
        if (!string.IsNullOrWhiteSpace(given)) return Path.GetFullPath(given);
        if (variable(Variable) is { Length: > 0 } named) return Path.GetFullPath(named);
        // The XDG specification: a relative path is to be ignored.
        var shared = variable("XDG_DATA_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg) ? xdg : Path.Combine(home, ".local", "share");
        return Path.Combine(shared, "rnnbench", "data");
    }
}
