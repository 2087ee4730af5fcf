using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>One file that a data set needs.</summary>
/// <param name="Name">Its name; <c>Name.gz</c> does as well where it is not packed already.</param>
/// <param name="Count">How many units of the set it holds, as published.</param>
/// <param name="Sha256">The SHA-256 of the canonical file, unpacked; null where none is published that is certain.</param>
public sealed record DataFile(string Name, int Count, string? Sha256)
{
    /// <summary>The SHA-1 of the canonical file, unpacked, where that is published and no SHA-256.</summary>
    public string? Sha1 { get; init; }

    /// <summary>Whether any hash is known; else the counts must do.</summary>
    public bool HasHash => Sha256 is not null || Sha1 is not null;
}

/// <summary>A published set of data: what it is, what it must hold and where it comes from.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What it is.</param>
/// <param name="Licence">Under which terms, as far as known.</param>
/// <param name="Unit">What the files' counts count.</param>
/// <param name="Files">The files.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Mirrors">Where its files are to be had, the best first.</param>
public sealed record DataSet(string Id, string Title, string Licence, string Unit, IReadOnlyList<DataFile> Files, string Origin, IReadOnlyList<Mirror> Mirrors)
{
    /// <summary>What its files take as they are, unpacked, in megabytes.</summary>
    public required double Megabytes { get; init; }

    /// <summary>The name of its folder, where that is not its id: several sets may share one.</summary>
    public string Folder { get; init; } = Id;

    /// <summary>The addresses of its mirrors, that of the first file where each file has its own.</summary>
    public IReadOnlyList<string> Addresses => [.. Mirrors.Select(m => m.Of(Files[0].Name).OriginalString)];

    /// <summary>The folder of the set.</summary>
    /// <param name="dataFolder">The folder of all sets: <see cref="DataFolder.Resolve(string?)"/>.</param>
    public string FolderIn(string dataFolder) => Path.Combine(dataFolder, Folder);

    /// <summary>The folder of the set for a task that is being opened.</summary>
    /// <exception cref="UserError">No folder of data sets was given.</exception>
    internal string FolderFor(string task, TaskContext context) => FolderIn(context.DataFolder
        ?? throw new UserError($"task {task} reads files: name the folder of the data sets with --data or RNNBENCH_DATA."));

    /// <summary>The bytes that its files take as they lie there.</summary>
    /// <param name="dataFolder">The folder of all sets.</param>
    public long Size(string dataFolder) =>
        State(dataFolder).Found.Sum(name => new FileInfo(FileBytes.Find(FolderIn(dataFolder), name)!).Length);

    /// <summary>Which of its files are there. Contents are not looked at; a task checks them when it reads them.</summary>
    /// <param name="dataFolder">The folder of all sets.</param>
    public DataState State(string dataFolder)
    {
        var there = Files.ToLookup(f => FileBytes.Find(FolderIn(dataFolder), f.Name) is { } path && !Directory.Exists(path), f => f.Name);
        return new DataState([.. there[true]], [.. there[false]]);
    }
}

/// <summary>What of a data set is there.</summary>
/// <param name="Found">The files that are.</param>
/// <param name="Missing">The files that are not.</param>
public sealed record DataState(IReadOnlyList<string> Found, IReadOnlyList<string> Missing)
{
    /// <summary>Whether every file is there.</summary>
    public bool Complete => Missing.Count == 0;

    /// <summary>In words: <c>found</c>, <c>missing</c>, <c>incomplete: a, b missing</c>.</summary>
    public override string ToString() =>
        Complete ? "found" : Found.Count == 0 ? "missing" : $"incomplete: {string.Join(", ", Missing)} missing";
}
