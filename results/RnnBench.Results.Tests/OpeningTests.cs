using Dapper;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results.Tests;

public sealed class OpeningTests : InFolder
{

    /// <summary>Opens to write, to read, and checks: each says the same, and no byte of the folder changes.</summary>
    void Refused(string file, string because)
    {
        var before = Content();
        foreach (var open in new Func<string, ResultStore>[] { ResultStore.Open, ResultStore.OpenRead })
        {
            var message = Assert.Throws<StoreError>(() => open(file)).Message;
            Assert.StartsWith(Path.GetFullPath(file) + ": ", message);
            Assert.Contains(because, message);
            Assert.InRange(message.Split('\n').Length, 1, 2);
        }
        Assert.Contains(because, ResultStore.Check(file).Problem);
        Assert.Equal(before, Content());
    }

    static void Raw(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Execute(sql);
    }

    [Fact]
    public void A_new_store_has_the_settings_it_promises()
    {
        using (var store = ResultStore.Open(Store))
        {
            Assert.Equal(["wal"], store.Query("PRAGMA journal_mode").Lines());
            Assert.Equal(["1"], store.Query("PRAGMA foreign_keys").Lines());
            Assert.Equal(["2"], store.Query("PRAGMA synchronous").Lines());
            Assert.Equal([$"{Migrations.All.Count}"], store.Query("PRAGMA user_version").Lines());
            Assert.Equal([$"{Stamp.Ours}"], store.Query("PRAGMA application_id").Lines());
            Assert.Equal(["30000"], store.Query("PRAGMA busy_timeout").Lines());
            Assert.Equal(["0"], store.Query("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%' AND NOT strict").Lines());
        }
        Assert.Equal([Store], Directory.GetFiles(Folder));
        Assert.Equal("RnnB"u8, File.ReadAllBytes(Store).AsSpan(68, 4));
    }

    [Theory]
    [InlineData("# a study\nname: smoke\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData(" ")]
    [InlineData("SQLite format 2\0and something else")]
    public void A_file_that_is_no_database(string content)
    {
        File.WriteAllText(Store, content);
        Refused(Store, "this is no SQLite database");
    }

    [Fact]
    public void A_large_file_that_is_no_database()
    {
        File.WriteAllBytes(Store, new byte[1 << 16]);
        Refused(Store, "this is no SQLite database");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(512)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(20000)]
    [InlineData(-4096)]
    [InlineData(-1)]
    public void A_database_that_is_cut_short(int length)
    {
        Make(Store);
        using (var stream = File.OpenWrite(Store)) stream.SetLength(length < 0 ? stream.Length + length : length);
        Refused(Store, length is > 0 and < 100 ? "this is no SQLite database" : "damaged or cut short");
    }

    [Theory]
    [InlineData("CREATE TABLE bookmarks (url TEXT)")]
    [InlineData("PRAGMA user_version = 1; CREATE TABLE runs (key TEXT)")]
    [InlineData("PRAGMA application_id = 252006674; CREATE TABLE config (x)")]
    [InlineData("PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url TEXT)")]
    public void The_database_of_another_program(string sql)
    {
        Raw(Store, sql);
        Refused(Store, "the database of another program");
    }

    [Fact]
    public void A_store_of_a_newer_version()
    {
        Make(Store);
        Raw(Store, "PRAGMA user_version = 99");
        Refused(Store, $"a newer rnnbench made this store (version 99; this one knows {Migrations.All.Count})");
    }

    [Fact]
    public void A_newer_version_that_stands_in_the_log_only()
    {
        Make(Store);
        using (var connection = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            connection.Open();
            connection.Execute("PRAGMA user_version = 99; CREATE TABLE later (x)");
            foreach (var end in new[] { "", "-wal" }) File.Copy(Store + end, InIt("killed.db" + end));
        }
        Assert.Contains("a newer rnnbench", Assert.Throws<StoreError>(() => ResultStore.Open(InIt("killed.db"))).Message);
        Raw(InIt("killed.db"), "INSERT INTO later VALUES (1)");
    }

    [Fact]
    public void A_folder() => Refused(Folder, "this is a folder");

    [Fact]
    public void No_folder_to_hold_it()
    {
        Assert.Contains($"there is no folder {InIt("nowhere")}", Assert.Throws<StoreError>(() => ResultStore.Open(InIt("nowhere/store.db"))).Message);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void Reading_makes_no_store()
    {
        Assert.Contains("there is no such store", Assert.Throws<StoreError>(() => ResultStore.OpenRead(Store)).Message);
        File.WriteAllText(Store, "");
        Assert.Contains("is empty", Assert.Throws<StoreError>(() => ResultStore.OpenRead(Store)).Message);
        Assert.Equal(0, new FileInfo(Store).Length);
    }

    [Fact]
    public void An_empty_file_becomes_a_store()
    {
        File.WriteAllText(Store, "");
        Make(Store);
        Assert.NotNull(ResultStore.OpenRead(Store).Find("a"));
    }

    [Theory]
    [InlineData("a b;c=d'e\".db")]
    [InlineData("100%41?immutable=0&mode=memory#x.db")]
    [InlineData("läufe 汉字 😀.db")]
    [InlineData(":memory:")]
    [InlineData("file:x.db")]
    public void Any_file_name(string name)
    {
        Make(InIt(name));
        Make(InIt(name));
        Assert.Equal([InIt(name)], Directory.GetFiles(Folder));
        using var store = ResultStore.OpenRead(InIt(name));
        Assert.Equal(50, store.Find("a")!.Steps);
        Assert.True(ResultStore.Check(InIt(name)).Writable);
    }

    [Fact]
    public void Symbolic_links_are_followed()
    {
        File.CreateSymbolicLink(InIt("link.db"), "there.db");
        Make(InIt("link.db"));
        Make(InIt("link.db"));
        using (var store = ResultStore.Open(InIt("link.db")))
        {
            store.Begin("b");
            Assert.Equal(InIt("there.db"), store.File);
            using var again = ResultStore.OpenRead(InIt("there.db"));
            Assert.Equal(["a", "b"], again.Query(Queries.Runs).Lines("run"));
        }
        File.CreateSymbolicLink(InIt("circle.db"), "circle.db");
        Refused(InIt("circle.db"), "its symbolic link leads nowhere");
    }

    [Fact]
    public void A_store_opened_for_reading_is_not_written()
    {
        Make(Store);
        using var store = ResultStore.OpenRead(Store);
        Assert.Contains("read-only", Assert.Throws<StoreError>(() => store.Begin("b")).Message);
        Assert.Equal(1, store.Query(Queries.Runs).Rows.Count);
    }
}
