namespace RnnBench.Tasks.Data;

/// <summary>A place where the files of a data set are to be had: each by itself, all in one archive, or the only one in another form.</summary>
/// <param name="Address">The address; of each file, <c>{0}</c> being its name there, or of the one file that holds all.</param>
public sealed record Mirror(string Address)
{
    /// <summary>The SHA-256 of the one file that holds all, where it is certain.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What a file is called there, from its name here; in an archive with its folders.</summary>
    public Func<string, string> Remote { get; init; } = name => name;

    /// <summary>
    /// Where what lies there is the set's only file in another form: writes that file from it, given its path. It throws
    /// <see cref="InvalidDataException"/> where the form is not what it should be.
    /// </summary>
    internal Action<string, Stream>? Convert { get; init; }

    /// <summary>Whether one file holds all.</summary>
    public bool IsWhole => !Address.Contains("{0}", StringComparison.Ordinal);

    /// <summary>The address of a file, or of the one that holds all.</summary>
    public Uri Of(string file) => new(Address.Replace("{0}", Remote(file), StringComparison.Ordinal));

    /// <summary>The name of the one file that holds all.</summary>
    public string Name => Path.GetFileName(Of("").LocalPath);
}
