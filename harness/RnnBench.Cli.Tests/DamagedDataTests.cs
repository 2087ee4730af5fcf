using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using RnnBench.Tasks.Data;

namespace RnnBench.Cli.Tests;

/// <summary>Every pipeline with every damage: one error that names file and place, exit code 2, and nothing half-written.</summary>
public sealed class DamagedDataTests
{
    const string Place = @"\b(line|byte|column) \d+\b";

    /// <summary>A task that reads files: the model to run, the set, a small file of its form, and what can be wrong with that form alone.</summary>
    sealed record Pipeline(string Model, DataSet Set, byte[] Sample, params (string Damage, byte[] Content)[] Own);

    static readonly Dictionary<string, Pipeline> pipelines = new()
    {
        ["ptb"]                         = new("rnn(hidden=4)", DataSets.PennTreebank, Bytes(" a b \n"), NoUtf8(" a \n b ")),
        ["ptb-char"]                    = new("rnn(hidden=4)", DataSets.PennTreebankCharacters, Bytes(" a b \n "), NoUtf8(" a \n b ")),
        ["wikitext-2"]                  = new("rnn(hidden=4)", DataSets.WikiText2, Bytes(" a b \n"), NoUtf8(" a \n b ")),
        ["wikitext-103"]                = new("rnn(hidden=4)", DataSets.WikiText103, Bytes(" a b \n"), NoUtf8(" a \n b ")),
        ["sst-5"]                       = new("rnn(hidden=4)", DataSets.Sentiment, Bytes("(3 (2 a) (4 b))\n"), Trees),
        ["sst-2(form=tree)"]            = new("tree-lstm-nary(hidden=4)", DataSets.Sentiment, Bytes("(3 (2 a) (4 b))\n"), Trees),
        ["imdb"]                        = new("rnn(hidden=4)", DataSets.Imdb, Tar(Bytes("a film")),
            ("no UTF-8", Tar([0xff])), ("no archive", [.. Enumerable.Repeat((byte)'x', 2000)])),
        ["smnist"]                      = new("rnn(hidden=4)", DataSets.Mnist, Idx(3), ("wrong magic number", Idx(1))),
        ["pmnist"]                      = new("rnn(hidden=4)", DataSets.Mnist, Idx(3), ("wrong magic number", Idx(1))),
        ["music"]                       = new("rnn(hidden=4)", DataSets.JsbChorales, Music("[[60],[61]]"), Notes),
        ["music(set=nottingham)"]       = new("rnn(hidden=4)", DataSets.Nottingham, Music("[[60],[61]]"), Notes),
    };

    static (string, byte[])[] Trees =>
        [("unbalanced tree", Bytes("(3 (2 a) (4 b)\n")), ("label out of range", Bytes("(3 (2 a) (5 b))\n")), NoUtf8("(3 (2 a) (4 b))\n(2 ")];

    static (string, byte[])[] Notes => [("unbalanced list", Music("[[60],[61]")), ("note out of range", Music("[[60],[109]]")), NoUtf8("{\"train\":")];

    /// <summary>What can be wrong with any file: how it is named and what it holds; null for a folder in its place.</summary>
    static readonly Dictionary<string, Func<byte[], (string Ending, byte[]? Content)>> anywhere = new()
    {
        ["empty file"]          = _ => ("", []),
        ["cut off"]             = sample => ("", sample[..^(sample.Length / 2)]),
        ["truncated gzip"]      = sample => (".gz", Packed(sample)[..^3]),
        ["gzip cut to a byte"]  = sample => (".gz", Packed(sample)[..1]),
        ["gzip of nothing"]     = _ => (".gz", Packed([])),
        ["no gzip"]             = sample => (".gz", sample),
        ["directory"]           = _ => ("", null),
    };

    public static TheoryData<string, string> All =>
    [
        .. pipelines.SelectMany(p => anywhere.Keys.Concat(p.Value.Own.Select(own => own.Damage)).Select(damage => new TheoryDataRow<string, string>(p.Key, damage))),
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void A_damaged_file_is_one_error_with_its_place(string task, string damage)
    {
        using var folder = new Folder();
        var (pipeline, name) = (pipelines[task], pipelines[task].Set.Files[0].Name);
        var (ending, content) = anywhere.TryGetValue(damage, out var general) ? general(pipeline.Sample) : ("", pipeline.Own.Single(own => own.Damage == damage).Content);
        foreach (var file in pipeline.Set.Files) Write(folder, pipeline, file.Name, pipeline.Sample);
        File.Delete(PathOf(folder, pipeline, name));
        Write(folder, pipeline, name + ending, content);
        var error = Refused(folder, task, PathOf(folder, pipeline, name + ending));
        // Of an archive the entry or its folder is the place.
        if (damage is not ("directory" or "no archive") && !error.Contains("aclImdb/")) Assert.Matches(Place, error);
    }

    [Theory]
    [InlineData("smnist")]
    [InlineData("pmnist")]
    public void A_label_out_of_range_is_named_with_its_byte(string task)
    {
        using var folder = new Folder();
        var (pipeline, files) = (pipelines[task], DataSets.Mnist.Files);
        foreach (var (file, axes) in files.Zip(new byte[] { 3, 1, 3, 1 }))
        {
            byte[] count = [(byte)(file.Count >> 24), (byte)(file.Count >> 16), (byte)(file.Count >> 8), (byte)file.Count];
            Write(folder, pipeline, file.Name, [0, 0, 8, axes, .. count, .. axes == 3 ? new byte[] { 0, 0, 0, 28, 0, 0, 0, 28 } : []]);
            using var grown = File.OpenWrite(PathOf(folder, pipeline, file.Name));
            grown.SetLength(4 + 4 * axes + file.Count * (axes == 3 ? 784L : 1));
            if (file != files[1]) continue;
            grown.Seek(-1, SeekOrigin.End);
            grown.WriteByte(10);
        }
        Assert.Contains("byte 60007: entry 59999 is 10", Refused(folder, task, files[1].Name));
    }

    /// <summary>The text is too short for the task, but prepared all the same; what is prepared is not believed once its source is another.</summary>
    [Fact]
    public void A_file_that_is_damaged_after_its_preparation_is_read_again()
    {
        const string task = "wikitext-103";
        using var folder = new Folder();
        var (pipeline, name) = (pipelines[task], DataSets.WikiText103.Files[0].Name);
        foreach (var file in pipeline.Set.Files) Write(folder, pipeline, file.Name, pipeline.Sample);
        Assert.Contains("has 3 tokens", Refused(folder, task, name));
        Write(folder, pipeline, name, pipeline.Own[0].Content);
        Assert.Contains("line 2 is not valid UTF-8", Refused(folder, task, name));
    }

    static string Refused(Folder folder, string task, string file)
    {
        folder.Refuses($"run {pipelines[task].Model} --task {task} --data {{dir}}/data --db {{dir}}/runs.db", file);
        Assert.Empty(Prepared("*.new"));
        return Call.Of("run", pipelines[task].Model, "--task", task, "--data", folder["data"], "--db", folder["runs.db"]).Error;
    }

    static IEnumerable<string> Prepared(string pattern) =>
        Path.Combine(CacheFolder.Resolve(), "prepared") is var cache && Directory.Exists(cache) ? Directory.EnumerateFileSystemEntries(cache, pattern) : [];

    static string PathOf(Folder folder, Pipeline pipeline, string name) => Path.Combine(folder["data"], pipeline.Set.Folder, name);

    static void Write(Folder folder, Pipeline pipeline, string name, byte[]? content)
    {
        var path = PathOf(folder, pipeline, name);
        Directory.CreateDirectory(content is null ? path : Path.GetDirectoryName(path)!);
        if (content is not null) File.WriteAllBytes(path, content);
    }

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    static (string, byte[]) NoUtf8(string before) => ("no UTF-8", [.. Bytes(before), 0xff, .. Bytes(" \n")]);

    static byte[] Music(string sequence) => Bytes($$"""{"train":[{{sequence}}],"valid":[[[60],[61]]],"test":[[[60],[61]]]}""");

    static byte[] Idx(byte axes) => [0, 0, 8, axes, 0, 0, 0xEA, 0x60, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3, 4];

    static byte[] Packed(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(content);
        return packed.ToArray();
    }

    static byte[] Tar(byte[] review)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var folder in new[] { "train/neg", "train/pos", "test/neg", "test/pos" })
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"aclImdb/{folder}/0_7.txt") { DataStream = new MemoryStream(review) });
        return tar.ToArray();
    }
}
