using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>Where a text is prepared, and from what.</summary>
/// <param name="Folder">The folder of what is prepared.</param>
/// <param name="Names">The names of the sources, without <c>.gz</c>.</param>
/// <param name="Paths">Where they lie.</param>
/// <param name="Create">Makes a file to write.</param>
sealed record PreparedPlace(string Folder, IReadOnlyList<string> Names, IReadOnlyList<string> Paths, Func<string, Stream> Create)
{
    /// <summary>The path of a file of the folder.</summary>
    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>What a file of the folder holds; null where it cannot be read.</summary>
    public byte[]? Read(string name)
    {
        try
        {
            return System.IO.File.ReadAllBytes(File(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Makes a file that must not be there yet.</summary>
    public static Stream NewFile(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);

    /// <summary>The manifest of what is there and is to be believed, or null.</summary>
    /// <param name="everyBlock">Whether every block of every file is checked, and not only those of small files.</param>
    public Manifest? Valid(bool everyBlock = false) => PreparedFiles.Valid(this, everyBlock);

    /// <summary>The manifest of what is there, after making it where need be. The lock goes first: whoever waited for it finds what the other has made.</summary>
    /// <exception cref="UserError">A source is missing or damaged, or there is no room; nothing half-written is left.</exception>
    public Manifest ValidOrMade(bool everyBlock)
    {
        using var only = FileLock.Take(Folder + ".lock", CacheFolder.Variable);
        return Valid(everyBlock) ?? Preparation.Make(this);
    }
}
