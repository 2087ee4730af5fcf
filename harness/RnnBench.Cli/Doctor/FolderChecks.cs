using RnnBench.Results;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Doctor;

/// <summary>Checks of where data and results lie.</summary>
static class FolderChecks
{
    public static Finding Data(string folder)
    {
        var sets = DataSets.All.Select(set => $"{set.Id} {set.State(folder)}").ToArray();
        return DataSets.All.Any(set => set.State(folder).Complete) ? Finding.Ok($"{folder}: {string.Join("; ", sets)}")
            : Finding.Note($"{folder}: no complete set", $"put sets there, or name their folder with --data or {DataFolder.Variable}; see rnnbench data list");
    }

    /// <summary>Whether the store can be written, or a new one made in the nearest folder that is there.</summary>
    public static Finding Store(string file)
    {
        var path = Path.GetFullPath(file);
        var folder = Path.GetDirectoryName(path)!;
        while (!Directory.Exists(folder)) folder = Path.GetDirectoryName(folder)!;
        var check = ResultStore.Check(Path.Combine(folder, Path.GetFileName(path)));
        if (check.Problem is { } problem) return Finding.Problem(problem, "give another file with --db");
        var drive = new DriveInfo(folder);
        var free = drive.AvailableFreeSpace;
        var text = $"{path}{(check.Exists ? "" : " (made on first use)")}, on {check.FileSystem ?? drive.DriveFormat}, {MachineChecks.Gib(free)} free";
        return check.OnNetwork ? Finding.Note(text, "a network file system: let one process at a time write a store there, or give a local --db")
            : free < 1L << 30 ? Finding.Note(text, "less than 1 GiB is free")
            : Finding.Ok(text);
    }
}
