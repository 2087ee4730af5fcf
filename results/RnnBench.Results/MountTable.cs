using System.Globalization;
using System.Text.RegularExpressions;

namespace RnnBench.Results;

/// <summary>The mounted file systems, as /proc/mounts lists them (man 5 fstab): device, place, type, options.</summary>
static partial class MountTable
{
    static readonly string[] network =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "beegfs", "gpfs", "glusterfs", "ncpfs", "coda", "orangefs", "panfs", "wekafs"];

    public static bool IsNetwork(string type) => network.Contains(type)
        || type.StartsWith("fuse.", StringComparison.Ordinal) && (type is "fuse.sshfs" or "fuse.rclone" or "fuse.s3fs" || network.Contains(type[5..]));

    /// <summary>The type of the file system that a path lies on, or null.</summary>
    public static string? TypeAt(string path)
    {
        try
        {
            return TypeAt(Real(path), File.ReadLines("/proc/mounts"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The type of the longest place that holds the path; of two mounted at the same place, the later hides the earlier.</summary>
    internal static string? TypeAt(string path, IEnumerable<string> lines) => lines
        .Select(l => l.Split(' '))
        .Where(f => f.Length > 2)
        .Select(f => (Place: Unescape(f[1]), Type: f[2]))
        .Where(m => m.Place == "/" || path == m.Place || path.StartsWith(m.Place + "/", StringComparison.Ordinal))
        .Aggregate((Place: "", Type: default(string)), (best, m) => m.Place.Length >= best.Place.Length ? (m.Place, m.Type) : best)
        .Type;

    /// <summary>The path without symbolic links, as far as it exists.</summary>
    static string Real(string path)
    {
        if (Path.GetDirectoryName(path) is not { } folder) return path;
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return info.LinkTarget is null ? Path.Combine(Real(folder), Path.GetFileName(path)) : Real(info.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }

    static string Unescape(string text) =>
        Octal().Replace(text, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
