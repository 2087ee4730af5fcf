using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

/// <summary>Preparing in several real processes, in one that is killed, and where there is no room.</summary>
public sealed class PreparationProcessTests : IDisposable
{
    readonly TemporaryFolder folder = new TemporaryFolder().Write("set/valid", " w1 \n").Write("set/test", " w2 \n")
        .Write("set/train", string.Concat(Enumerable.Range(0, 30_000).Select(i => $" w{i * 7919L % 5000} w{i % 11} \n")));

    string Prepared => Path.Combine(folder.Path, "prepared");

    int Made => File.Exists(Path.Combine(folder.Path, "log")) ? File.ReadAllLines(Path.Combine(folder.Path, "log")).Length : 0;

    string Here()
    {
        using var text = PreparedText.Open(Path.Combine(folder.Path, "set"), ChildProcess.Names, folder.Path);
        return ChildProcess.Sum(text.Splits[Split.Train]);
    }

    [Fact]
    public void Processes_that_prepare_at_once_do_the_work_once()
    {
        var children = Enumerable.Range(0, 4).Select(_ => ChildProcess.Start(folder.Path, folder.Path, "slowly")).ToArray();
        var ends = children.Select(child => child.End()).ToArray();
        Assert.Equal(6, Made);                                          // three splits, words, counts, manifest
        Assert.Single(File.ReadAllLines(Path.Combine(folder.Path, "log")).Distinct());
        var here = Here();
        Assert.All(ends, end => Assert.Equal((0, here), end));
    }

    [Fact]
    public void What_a_killed_process_leaves_is_not_believed_and_its_lock_is_free()
    {
        using var child = ChildProcess.Start(folder.Path, folder.Path, "and stay");
        for (var waited = 0; Made < 3 && waited < 30_000; waited += 20) Thread.Sleep(20);
        Assert.Equal(3, Made);
        var waiter = ChildProcess.Start(folder.Path, folder.Path);
        Assert.False(waiter.WaitForExit(500), "it does not wait for the one at work");
        child.Kill(entireProcessTree: true);
        var (code, output) = waiter.End();
        Assert.Equal((0, Here()), (code, output));
        Assert.Single(Directory.EnumerateDirectories(Prepared));
    }

    [Fact]
    public void A_file_that_may_not_grow_is_one_error_and_nothing_is_left()
    {
        NoRoom(ChildProcess.Start(folder.Path, folder.Path, under: "trap '' XFSZ; ulimit -f 64; exec").End());
        Assert.Empty(Directory.EnumerateDirectories(Prepared));
        Assert.Equal((0, Here()), ChildProcess.Start(folder.Path, folder.Path).End());
    }

    /// <summary>The child has a file system of its own, which is gone with it: what it leaves there is listed before.</summary>
    [Fact]
    public void A_full_disk_is_one_error_and_nothing_is_left()
    {
        var disk = Path.Combine(folder.Path, "disk");
        Directory.CreateDirectory(disk);
        var mounted = $"exec unshare -Urm bash -c 'mount -t tmpfs -o size=128k tmpfs \"$2\" || exit 77; \"$0\" \"$1\"; code=$?; echo; ls \"$2\"/prepared; exit $code'";
        var (code, output) = ChildProcess.Start(folder.Path, disk, under: mounted, more: disk).End();
        Assert.SkipWhen(code is 1 or 77 or 127, $"no file system can be mounted here: {output}");
        NoRoom((code, output));
        Assert.Contains("No space left", output);
        Assert.Matches("^set-[0-9a-f]{16}.lock$", output.TrimEnd().Split('\n')[^1]);
        Assert.EndsWith("half-written was left.", output.TrimEnd().Split('\n')[^2]);
        Assert.Equal((0, Here()), ChildProcess.Start(folder.Path, folder.Path).End());
    }

    static void NoRoom((int Code, string Output) end)
    {
        Assert.Equal(2, end.Code);
        Assert.Contains("cannot be prepared", end.Output);
        Assert.Contains("nothing half-written was left", end.Output);
        Assert.DoesNotContain("   at ", end.Output);
    }

    public void Dispose() => folder.Dispose();
}
