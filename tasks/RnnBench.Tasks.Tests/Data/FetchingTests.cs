using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

/// <summary>Fetching from a small server of the test's own.</summary>
public sealed class FetchingTests : IDisposable
{
    static readonly byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60_000).Select(i => $" word{i * 7919 % 5000} \n")));

    readonly TemporaryFolder folder = new();
    readonly HttpListener listener = new();
    readonly List<string> asked = [];
    readonly List<string> said = [];
    readonly int port = FreePort();
    readonly Dictionary<string, Action<HttpListenerContext>> pages = [];

    public FetchingTests()
    {
        listener.Prefixes.Add($"http://localhost:{port}/");
        listener.Start();
        _ = Task.Run(Serve);
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    async Task Serve()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try { context = await listener.GetContextAsync(); }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException) { return; }
            lock (asked) asked.Add($"{context.Request.Url!.AbsolutePath} {context.Request.Headers["Range"]}".Trim());
            if (pages.TryGetValue(context.Request.Url!.AbsolutePath, out var page)) page(context);
            else
            {
                context.Response.StatusCode = 404;
                context.Response.Close();
            }
        }
    }

    /// <summary>Serves content, ranges included; the first answers break off after some bytes.</summary>
    Action<HttpListenerContext> Content(byte[] bytes, int breaksOffAt = 0, int times = 0) => context =>
    {
        var from = context.Request.Headers["Range"] is { } range ? int.Parse(range["bytes=".Length..^1]) : 0;
        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers["Content-Range"] = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
        }
        context.Response.ContentLength64 = bytes.Length - from;
        if (times-- > 0)
        {
            context.Response.OutputStream.Write(bytes, from, Math.Min(breaksOffAt, bytes.Length - from));
            context.Response.OutputStream.Flush();
            context.Response.Abort();
            return;
        }
        context.Response.OutputStream.Write(bytes, from, bytes.Length - from);
        context.Response.Close();
    };

    static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    DataSet Set(params Mirror[] mirrors) => new("a-set", "A set", "none", "tokens", [new DataFile("a.txt", 120_000, Sha(text))], "http://localhost/origin", mirrors) { Megabytes = 1 };

    string Address(string path) => $"http://localhost:{port}/{path}";

    Task Get(DataSet set) =>
        new DataFetcher(new HttpClient(), folder.Path, said.Add) { Patience = TimeSpan.FromSeconds(1) }.Get(set, TestContext.Current.CancellationToken);

    async Task<string> Fails(DataSet set)
    {
        var message = (await Assert.ThrowsAsync<Language.UserError>(() => Get(set))).Message;
        Assert.Equal(2, message.Split('\n').Length);
        Assert.Equal("missing", set.State(folder.Path).ToString());
        return message;
    }

    void InPlace()
    {
        Assert.Equal(text, File.ReadAllBytes(Path.Combine(folder.Path, "a-set", "a.txt")));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "a-set", ".unfinished")));
    }

    [Fact]
    public async Task A_broken_connection_is_taken_up_where_it_broke()
    {
        pages["/a.txt"] = Content(text, breaksOffAt: 100_000, times: 2);
        await Get(Set(new Mirror(Address("{0}"))));
        InPlace();
        Assert.Equal("/a.txt", asked[0]);
        Assert.Equal(3, asked.Count);
        Assert.All(asked.Skip(1), a => Assert.Matches("^/a.txt bytes=[1-9][0-9]*-$", a));
    }

    [Fact]
    public async Task What_was_begun_before_is_continued()
    {
        pages["/a.txt"] = Content(text);
        folder.Write("a-set/.unfinished/a.txt.part", text[..777]);
        await Get(Set(new Mirror(Address("{0}"))));
        InPlace();
        Assert.Equal(["/a.txt bytes=777-"], asked);
        await Get(Set(new Mirror(Address("{0}"))));
        Assert.Contains("nothing is missing", said[^1]);
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_damaged_file_that_is_there_is_not_passed_over_in_silence()
    {
        var path = Path.Combine(folder.Path, "a-set", "a.txt");
        foreach (var (content, reason) in new[] { (text[..^1], "line 60000 is cut off"), ([.. text, .. text], "has 240,000 tokens, not 120,000") })
        {
            folder.Write("a-set/a.txt", content);
            var message = (await Assert.ThrowsAsync<Language.UserError>(() => Get(Set(new Mirror(Address("{0}")))))).Message;
            Assert.Contains($"{path}: has the SHA-256", message);
            Assert.Contains(reason, message);
            Assert.Contains("Move it away", message);
            Assert.Equal(content, File.ReadAllBytes(path));
        }
        Assert.Empty(asked);
    }

    [Fact]
    public async Task A_server_without_ranges_is_read_from_the_start()
    {
        pages["/a.txt"] = context =>
        {
            context.Response.OutputStream.Write(text);
            context.Response.Close();
        };
        folder.Write("a-set/.unfinished/a.txt.part", Encoding.UTF8.GetBytes("something else"));
        await Get(Set(new Mirror(Address("{0}"))));
        InPlace();
    }

    [Fact]
    public async Task A_failed_mirror_moves_to_the_next()
    {
        pages["/wrong/a.txt"] = Content(Encoding.UTF8.GetBytes("other text\n"));
        pages["/right/a.txt"] = Content(text);
        await Get(Set(new Mirror(Address("gone/{0}")), new Mirror(Address("wrong/{0}")), new Mirror($"http://localhost:{FreePort()}/{{0}}"), new Mirror(Address("right/{0}"))));
        InPlace();
        Assert.Contains(said, line => line.Contains("404"));
        Assert.Contains(said, line => line.Contains("has the SHA-256"));
    }

    [Fact]
    public async Task Without_a_network_it_says_which_file_belongs_where()
    {
        var nobody = FreePort();
        var message = await Fails(Set(new Mirror($"http://localhost:{nobody}/{{0}}"), new Mirror($"http://localhost:{nobody}/other/{{0}}")));
        Assert.Contains($"Put a.txt into {Path.Combine(folder.Path, "a-set")}", message);
        Assert.Contains("http://localhost/origin", message);
        Assert.Equal(2, message.Split($"localhost:{nobody}").Length);                          // two addresses of a host that cannot be reached are one reason
    }

    [Fact]
    public async Task What_was_begun_and_does_not_fit_is_fetched_from_the_start()
    {
        pages["/a.txt"] = Content(text);
        folder.Write("a-set/.unfinished/a.txt.part", new byte[777]);
        await Get(Set(new Mirror(Address("{0}"))));
        InPlace();
        Assert.Equal(["/a.txt bytes=777-", "/a.txt"], asked);
        Assert.Contains(said, line => line.Contains("does not fit"));
    }

    [Fact]
    public async Task A_file_that_was_longer_before_is_fetched_from_the_start()
    {
        pages["/a.txt"] = context =>
        {
            if (context.Request.Headers["Range"] is null) Content(text)(context);
            else
            {
                context.Response.StatusCode = 416;
                context.Response.Headers["Content-Range"] = $"bytes */{text.Length}";
                context.Response.Close();
            }
        };
        folder.Write("a-set/.unfinished/a.txt.part", [.. text, 1]);
        await Get(Set(new Mirror(Address("{0}"))));
        InPlace();
    }

    [Fact]
    public async Task A_server_that_falls_silent_moves_to_the_next()
    {
        pages["/silent/a.txt"] = context =>
        {
            context.Response.ContentLength64 = text.Length;
            context.Response.OutputStream.Write(text, 0, 5000);
            context.Response.OutputStream.Flush();                              // and never the rest
        };
        pages["/a.txt"] = Content(text);
        await Get(Set(new Mirror(Address("silent/{0}")), new Mirror(Address("{0}"))));
        InPlace();
        Assert.Contains(said, line => line.Contains("nothing came for 1 seconds"));
    }

    [Fact]
    public async Task A_full_disk_is_one_error_and_a_later_try_goes_on()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        pages["/a.txt"] = Content(text);
        var part = Path.Combine(folder.Path, "a-set", ".unfinished", "a.txt.part");
        folder.Write("a-set/.unfinished/a.txt.part", []);
        File.Delete(part);
        File.CreateSymbolicLink(part, "/dev/full");
        Assert.Contains("No space left on device", await Fails(Set(new Mirror(Address("{0}")))));
        File.Delete(part);
        await Get(Set(new Mirror(Address("{0}"))));
        InPlace();
    }

    [Fact]
    public async Task A_file_in_another_form_is_made_into_the_one_that_is_kept()
    {
        byte[] other = [.. text.Reverse()];
        pages["/a.txet"] = Content(other, breaksOffAt: 4000, times: 1);
        Mirror Of(Action<string, Stream> convert) => new(Address("a.txet")) { Sha256 = Sha(other), Convert = convert };
        Assert.Contains("a.txt.gz has the SHA-256", await Fails(Set(Of((path, into) => into.Write(File.ReadAllBytes(path))))));
        Assert.Contains("of another form: byte 3", await Fails(Set(Of((_, _) => throw new InvalidDataException("byte 3")))));
        await Get(Set(Of((path, into) => into.Write([.. File.ReadAllBytes(path).Reverse()]))));
        Assert.Equal(Sha(text), FileHash.OfContent(Path.Combine(folder.Path, "a-set", "a.txt.gz")));
    }

    [Fact]
    public async Task Two_that_fetch_at_once_fetch_once()
    {
        pages["/a.txt"] = Content(text);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Get(Set(new Mirror(Address("{0}")))))));
        InPlace();
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_wrong_hash_is_never_put_in_place()
    {
        pages["/a.txt"] = Content([.. text[..^1], (byte)' ']);
        Assert.Contains("has the SHA-256", await Fails(Set(new Mirror(Address("{0}")))));
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "a.txt*", SearchOption.AllDirectories));
    }

    static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var memory = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(memory, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files)
                using (var entry = zip.CreateEntry(name).Open()) entry.Write(content);
        return memory.ToArray();
    }

    [Fact]
    public async Task Archives_are_checked_and_only_what_is_wanted_is_unpacked()
    {
        var zip = Zip(("readme", [1]), ("in/a.txt", text));
        pages["/bad.zip"] = Content(zip[..^30]);
        pages["/lacks.zip"] = Content(Zip(("in/b.txt", text)));
        pages["/good.zip"] = Content(zip, breaksOffAt: 500, times: 1);
        Mirror Of(string name, string? sha = null) => new(Address(name)) { Sha256 = sha, Remote = file => $"in/{file}" };
        Assert.Contains("good.zip has the SHA-256", await Fails(Set(Of("good.zip", Sha(text)))));
        await Get(Set(Of("bad.zip"), Of("lacks.zip"), Of("good.zip", Sha(zip))));
        InPlace();
        Assert.Contains(said, line => line.Contains("the archive lacks in/a.txt"));
    }

    [Fact]
    public async Task Packed_files_stay_packed()
    {
        pages["/a.txt.gz"] = Content(Support.Packed(text));
        await Get(Set(new Mirror(Address("{0}.gz"))));
        Assert.Equal("found", Set().State(folder.Path).ToString());
        Assert.Equal(Sha(text), FileHash.OfContent(Path.Combine(folder.Path, "a-set", "a.txt.gz")));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_one_error()
    {
        folder.Write("a-set", [1]);
        Assert.Contains("cannot be written", (await Assert.ThrowsAsync<Language.UserError>(() => Get(Set(new Mirror(Address("{0}")))))).Message);
    }

    [Fact]
    public void Files_are_imported_by_what_they_hold()
    {
        var real = Support.RealData();
        using var source = new TemporaryFolder().Write("x/notes.txt", [1, 2]);
        File.Copy(Path.Combine(real, "sst", "dev.txt"), Path.Combine(source.Path, "x", "whatever"));
        File.Copy(Path.Combine(real, "ptb", "ptb.valid.txt.gz"), Path.Combine(source.Path, "p.gz"));
        source.Write("archive.zip", Zip(("trees/test.txt", File.ReadAllBytes(Path.Combine(real, "sst", "test.txt")))));
        Assert.Equal(["ptb/ptb.valid.txt", "sst/dev.txt", "sst/test.txt"], DataImport.From(source.Path, folder.Path).Order());
        Assert.Equal(["test.txt", "dev.txt"], DataSets.Sentiment.State(folder.Path).Found.OrderDescending());
        Assert.All(DataSets.All.SelectMany(s => DataCheck.Of(s, folder.Path)), f => Assert.Null(f.Wrong));
        Assert.Contains("nothing here holds", Support.Fails(() => DataImport.From(Path.Combine(source.Path, "x", "notes.txt"), folder.Path)));
        Assert.Contains("no such file", Support.Fails(() => DataImport.From(Path.Combine(source.Path, "nowhere"), folder.Path)));
    }

    [Fact]
    public void Real_files_are_as_published_and_changed_ones_are_not()
    {
        var real = Support.RealData();
        Assert.All(new[] { DataSets.PennTreebank, DataSets.PennTreebankCharacters, DataSets.Sentiment, DataSets.Mnist, DataSets.JsbChorales, DataSets.WikiText103 }
            .SelectMany(s => DataCheck.Of(s, real)), f => Assert.True(f.Wrong is null, f.Wrong));
        folder.Write("sst/dev.txt", "(1 a)\n").Write("sst/test.txt.gz", [1, 2, 3]);
        Directory.CreateDirectory(Path.Combine(folder.Path, "sst", "train.txt"));
        var found = DataCheck.Of(DataSets.Sentiment, folder.Path).Select(f => f.Wrong!).ToList();
        Assert.Contains("is a directory", found[0]);
        Assert.Contains("has 1 trees, not 1,101 trees", found[1]);
        Assert.Contains("is damaged", found[2]);
    }

    public void Dispose()
    {
        listener.Close();
        folder.Dispose();
    }
}
