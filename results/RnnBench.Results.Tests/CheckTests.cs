namespace RnnBench.Results.Tests;

public sealed class CheckTests : InFolder
{
    [Fact]
    public void A_place_for_a_new_store()
    {
        var check = ResultStore.Check(InIt("new.db"));
        Assert.True(check.Writable, check.Problem);
        Assert.False(check.Exists);
        Assert.Equal(InIt("new.db"), check.File);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the file system's type is known on Linux only.");
        Assert.NotNull(check.FileSystem);
    }

    [Fact]
    public void A_store_that_is_there()
    {
        using (var store = ResultStore.Open(InIt("store.db"))) store.Begin("a");
        var hash = Samples.Hash(InIt("store.db"));
        var check = ResultStore.Check(InIt("store.db"));
        Assert.True(check.Writable && check.Exists, check.Problem);
        Assert.Equal(hash, Samples.Hash(InIt("store.db")));
        Assert.Equal([InIt("store.db")], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void A_store_in_use_stays_in_use()
    {
        using var store = ResultStore.Open(InIt("store.db"));
        store.Begin("a");
        Assert.True(ResultStore.Check(InIt("store.db")).Writable);
        store.Append("a", 1, Samples.Everything(1));
        Assert.Equal(1, store.Find("a")!.Steps);
    }

    [Fact]
    public void No_folder()
    {
        var check = ResultStore.Check(InIt("nowhere/new.db"));
        Assert.Contains("there is no folder", check.Problem);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    static readonly string[] mounts =
    [
        "/dev/sda1 / ext4 rw 0 0", "tmpfs /run tmpfs rw 0 0", "server:/home /home nfs4 rw 0 0", "/dev/sdb /home/me ext4 rw 0 0", "/dev/sdc /mnt xfs rw 0 0",
        "//nas/a\\040b /mnt/a\\040b cifs rw 0 0", "me@host: /mnt/remote fuse.sshfs rw 0 0", "overlay /mnt overlay rw 0 0", "", "nonsense",
    ];

    [Theory]
    [InlineData("/store.db", "ext4", false)]
    [InlineData("/home/you/store.db", "nfs4", true)]
    [InlineData("/home/me/store.db", "ext4", false)]
    [InlineData("/home/mean/store.db", "nfs4", true)]
    [InlineData("/homes/store.db", "ext4", false)]
    [InlineData("/mnt/a b/store.db", "cifs", true)]
    [InlineData("/mnt/remote/store.db", "fuse.sshfs", true)]
    [InlineData("/mnt/store.db", "overlay", false)]
    public void The_file_system_is_that_of_the_longest_place(string path, string type, bool network)
    {
        Assert.Equal(type, MountTable.TypeAt(path, mounts));
        Assert.Equal(network, new StoreCheck(path, false, null, type).OnNetwork);
    }

    [Fact]
    public void Symbolic_links_are_followed()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "there is no /proc to point at.");
        Directory.CreateSymbolicLink(InIt("link"), "/proc/self");
        Assert.Equal("proc", MountTable.TypeAt(InIt("link/new.db")));
        Directory.CreateDirectory(InIt("there/below"));
        Directory.CreateSymbolicLink(InIt("below"), "there/below");
        Assert.Equal(MountTable.TypeAt(Folder), MountTable.TypeAt(InIt("below/new.db")));
    }
}
