using System.Runtime.Versioning;

namespace RnnBench.Results.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class PermissionTests : InFolder
{
    [Fact]
    public void A_read_only_file_can_be_read_but_not_written() => Unprivileged.Do(Folder, () =>
    {
        Make(Store);
        File.SetUnixFileMode(Store, UnixFileMode.UserRead);
        var before = Content();
        Assert.Contains("it is read-only", Assert.Throws<StoreError>(() => ResultStore.Open(Store)).Message);
        Assert.Contains("read-only", ResultStore.Check(Store).Problem);
        using (var store = ResultStore.OpenRead(Store)) Assert.Equal(50, store.Find("a")!.Steps);
        Assert.Equal(before, Content());
    });

    [Fact]
    public void A_read_only_folder_can_be_read_but_not_written() => Unprivileged.Do(Folder, () =>
    {
        Make(Store);
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var before = Content();
        foreach (var file in new[] { Store, InIt("new.db") })
        {
            Assert.Contains("make the file and its folder", Assert.Throws<StoreError>(() => ResultStore.Open(file)).Message);
            Assert.Contains("read-only", ResultStore.Check(file).Problem);
        }
        using (var store = ResultStore.OpenRead(Store)) Assert.Equal(50, store.Find("a")!.Steps);
        Assert.Equal(before, Content());
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    });

    [Fact]
    public void A_file_that_may_not_be_read() => Unprivileged.Do(Folder, () =>
    {
        Make(Store);
        File.SetUnixFileMode(Store, UnixFileMode.None);
        foreach (var open in new Func<string, ResultStore>[] { ResultStore.Open, ResultStore.OpenRead })
            Assert.Contains("cannot be opened", Assert.Throws<StoreError>(() => open(Store)).Message);
    });

    [Fact]
    public void An_older_store_that_is_read_only_says_so() => Unprivileged.Do(Folder, () =>
    {
        Make(Store);
        File.SetUnixFileMode(Store, UnixFileMode.UserRead);
        Assert.Contains("older version and read-only",
            Assert.Throws<StoreError>(() => ResultStore.OpenRead(Store, [.. Migrations.All, "CREATE TABLE later (x) STRICT"])).Message);
    });
}
