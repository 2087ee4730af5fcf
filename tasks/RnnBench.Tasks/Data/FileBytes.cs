using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>The bytes of a file of a data set, read whole and unpacked.</summary>
/// <param name="Path">Where it was found.</param>
/// <param name="Content">What it holds, unpacked; never empty.</param>
sealed record FileBytes(string Path, byte[] Content)
{
    /// <summary>Reads <paramref name="name"/>, or where that is missing <paramref name="name"/><c>.gz</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name without <c>.gz</c>.</param>
    /// <param name="placeAfter">In words, the place that follows what could be read: <c>line 7</c>, <c>byte 100</c>.</param>
    /// <exception cref="UserError">Missing, not readable, empty, or a damaged gzip file.</exception>
    public static FileBytes Read(string folder, string name, Func<byte[], string> placeAfter)
    {
        var path = Find(folder, name) ?? throw Missing(folder, name);
        var content = Load(path);
        if (content.Length == 0) throw new UserError($"{path} is empty: {placeAfter([])} is missing. Fetch the file again.");
        if (!path.EndsWith(".gz", StringComparison.Ordinal)) return new FileBytes(path, content);

        if (!Gzip.IsGzip(content))
            throw new UserError($"{path} is not a gzip file, though its name says so: byte 0 does not begin the magic number 1F 8B.\n"
                + $"Fetch it again, or name it {name} if it is not packed.");
        var (unpacked, whole) = Gzip.Unpack(content);
        if (!whole)
            throw new UserError($"{path} is cut off or damaged: unpacking went wrong at or before {placeAfter(unpacked)}. Fetch the file again.");
        if (unpacked.Length == 0) throw new UserError($"{path} is empty when unpacked: {placeAfter([])} is missing. Fetch the file again.");
        return new FileBytes(path, unpacked);
    }

    /// <summary>The path of the plain or packed file, whichever there is, plain first; null where there is neither.</summary>
    public static string? Find(string folder, string name) =>
        new[] { name, name + ".gz" }.Select(n => System.IO.Path.Combine(folder, n)).FirstOrDefault(System.IO.Path.Exists);

    /// <summary>That a file is missing, and what to do.</summary>
    public static UserError Missing(string folder, string name) => new(
        $"{System.IO.Path.Combine(folder, name)} is missing (nor is there {name}.gz).\n"
        + "Put it there, or name the folder of the data sets with --data or RNNBENCH_DATA; `rnnbench data list` says what belongs where.");

    /// <summary>In words, the byte that follows.</summary>
    public static string ByteAfter(byte[] read) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"byte {read.Length}");

    static byte[] Load(string path)
    {
        if (Directory.Exists(path)) throw new UserError($"{path} is a directory where a file is expected. Move it away.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read: {e.Message}", e);
        }
    }
}
