namespace RnnBench.Tasks.Data;

/// <summary>What goes wrong with files for no fault of the program's.</summary>
static class Disk
{
    /// <summary>
    /// Whether an exception says that a file cannot be written: no room, no permission, no such folder. A file that is longer than the file system
    /// or the process's limit allows comes as an <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    public static bool Refuses(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>The first line of what it says, without its full stop.</summary>
    public static string Says(Exception e) => e.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.');
}
