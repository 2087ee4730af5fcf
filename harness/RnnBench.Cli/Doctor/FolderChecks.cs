using RnnBench.Results;

namespace RnnBench.Cli.Doctor;

/// <summary>Checks of where results and data lie.</summary>
static class FolderChecks
{
    static readonly HashSet<string> Network = ["nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "fuse", "fuseblk", "fuse.sshfs", "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "afs", "9p", "v9fs"];

    /// <summary>Whether the store can be written, and on what it lies. SQLite needs locks that network file systems often do not keep.</summary>
    public static Finding Store(string file)
    {
        var path = Path.GetFullPath(file);
        try
        {
            if (File.Exists(path))
            {
                using var store = ResultStore.OpenRead(path);
                using var write = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            }
            else
            {
                var folder = ExistingFolder(path);
                using var probe = new FileStream(Path.Combine(folder, $".rnnbench-{Environment.ProcessId}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
        }
        catch (StoreError e)
        {
            return Finding.Problem(e.Message, "give another file with --db");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Problem($"{path} cannot be written: {e.Message}", "give another file with --db");
        }
        return OnFileSystem(path);
    }

    static Finding OnFileSystem(string path)
    {
        var drive = new DriveInfo(ExistingFolder(path));
        var what = $"{path}{(File.Exists(path) ? "" : " (not there yet)")}, on {drive.DriveFormat}, {MachineChecks.Gib(drive.AvailableFreeSpace)} free";
        return Network.Contains(drive.DriveFormat.ToLowerInvariant())
            ? Finding.Note(what, "a network file system: let one process at a time write a store there, or give a local --db")
            : drive.AvailableFreeSpace < 1L << 30 ? Finding.Note(what, "less than 1 GiB is free")
            : Finding.Ok(what);
    }

    static string ExistingFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        while (!Directory.Exists(folder)) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
