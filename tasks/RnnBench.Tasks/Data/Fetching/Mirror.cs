namespace RnnBench.Tasks.Data;

/// <summary>A place where the files of a data set are to be had: each by itself, or in one archive.</summary>
/// <param name="Address">The address; of an archive (<c>.zip</c>, <c>.tar.gz</c>, <c>.tgz</c>), or of each file, <c>{0}</c> being its name there.</param>
public sealed record Mirror(string Address)
{
    /// <summary>The SHA-256 of the archive, where it is certain.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What a file is called there, from its name here; in an archive with its folders.</summary>
    public Func<string, string> Remote { get; init; } = name => name;

    /// <summary>Whether it is one archive for all files.</summary>
    public bool IsArchive => !Address.Contains("{0}", StringComparison.Ordinal);

    /// <summary>The address of a file, or of the archive.</summary>
    public Uri Of(string file) => new(Address.Replace("{0}", Remote(file), StringComparison.Ordinal));
}
