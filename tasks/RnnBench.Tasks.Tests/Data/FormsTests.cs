using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

/// <summary>Published archives and other forms, made into the files that are kept.</summary>
public sealed class FormsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    static byte[] Made(Action<string, Stream> convert, string path)
    {
        using var made = new MemoryStream();
        convert(path, made);
        return made.ToArray();
    }

    /// <summary>A music set as a MATLAB file: doubles kept as bytes, each variable packed, as MATLAB saves them; or doubles, unpacked.</summary>
    static byte[] Matlab(IReadOnlyDictionary<Split, byte[][][]> splits, bool pack)
    {
        var file = new MemoryStream();
        file.Write([.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file".PadRight(124)), 0, 1, (byte)'I', (byte)'M']);
        foreach (var (split, sequences) in splits)
        {
            var cells = sequences.SelectMany(s => Array(6, s.Length, 88, "", pack ? Element(2, Rolls(s)) : Element(9, Doubles(Rolls(s)))));
            var variable = Array(1, 1, sequences.Length, $"{split.ToString().ToLowerInvariant()}data", [.. cells]);
            file.Write(pack ? [.. Word(15), .. Word(Zlib(variable).Length), .. Zlib(variable)] : variable);
        }
        return file.ToArray();
    }

    static byte[] Rolls(byte[][] steps) => [.. Enumerable.Range(0, 88).SelectMany(note => steps.Select(step => (byte)(step.Contains((byte)note) ? 1 : 0)))];

    static byte[] Doubles(byte[] values) => [.. values.SelectMany(v => BitConverter.GetBytes((double)v))];

    static byte[] Array(int kind, int rows, int columns, string name, byte[] content) =>
        Element(14, [.. Element(6, [.. Word(kind), .. Word(0)]), .. Element(5, [.. Word(rows), .. Word(columns)]), .. Element(1, Encoding.ASCII.GetBytes(name)), .. content]);

    static byte[] Element(int type, byte[] content) => content.Length is > 0 and <= 4
        ? [.. Word(content.Length << 16 | type), .. content, .. new byte[4 - content.Length]]
        : [.. Word(type), .. Word(content.Length), .. content, .. new byte[(8 - content.Length % 8) % 8]];

    static byte[] Word(int number) => BitConverter.GetBytes(number);

    static byte[] Zlib(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(bytes);
        return packed.ToArray();
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Music_out_of_a_MATLAB_file_is_the_published_JSON(bool pack)
    {
        var set = DataSets.JsbChorales;
        var real = MusicFile.Read(set.FolderIn(Support.RealData()), set.Files[0].Name);
        folder.Write("JSB_Chorales.mat", Matlab(real.Splits, pack));
        Assert.Equal(set.Files[0].Sha256, Sha(Made(MusicForms.FromMatlab, Path.Combine(folder.Path, "JSB_Chorales.mat"))));
        Assert.Equal(["music/JSB_Chorales.json"], DataImport.From(folder.Path, Path.Combine(folder.Path, "data")));
        Assert.Equal("found", set.State(Path.Combine(folder.Path, "data")).ToString());
    }

    static readonly Dictionary<Split, byte[][][]> small = Enum.GetValues<Split>().ToDictionary(s => s, s => new byte[][][] { [[1, 5], [], [87]], [[(byte)s], [0]] });

    [Fact]
    public void A_wrong_MATLAB_file_is_refused_with_the_place()
    {
        string Fails(byte[] content)
        {
            folder.Write("a.mat", content);
            return Assert.Throws<InvalidDataException>(() => Made(MusicForms.FromMatlab, Path.Combine(folder.Path, "a.mat"))).Message;
        }
        var whole = Matlab(small, pack: false);
        Assert.Contains("lacks the variable testdata", Fails(Matlab(small.Where(s => s.Key != Split.Test).ToDictionary(), true)));
        Assert.Contains("byte 126", Fails(Encoding.ASCII.GetBytes(new string('x', 300))));
        Assert.Contains("byte 126", Fails([]));
        Assert.Contains("longer than what follows", Fails(whole[..^20]));
        Assert.Contains("it is cut off", Fails([.. whole, 1, 2, 3]));
        Assert.Contains("cell array belongs here", Fails([.. whole[..128], .. Array(6, 1, 1, "traindata", Element(9, new byte[8]))]));
        byte[] asksForDictionary = [0x78, 0xBB, 1, 2, 3, 4, .. new byte[8]];
        Assert.Contains("byte 136: this part cannot be unpacked", Fails([.. whole[..128], .. Word(15), .. Word(asksForDictionary.Length), .. asksForDictionary]));
        Assert.Contains("has 2 columns", Fails([.. whole[..128], .. Array(1, 1, 1, "traindata", Array(6, 1, 2, "", Element(9, new byte[16])))]));
    }

    [Fact]
    public void A_mutated_MATLAB_file_is_refused_or_read_as_it_is()
    {
        var (path, plain, packed) = (Path.Combine(folder.Path, "a.mat"), Matlab(small, pack: false), Matlab(small, pack: true));
        folder.Write("a.mat", plain);
        var expected = Made(MusicForms.FromMatlab, path);
        Gen.Select(Gen.Bool, Gen.Int[0, 1 << 20], Gen.Byte, Gen.Int[0, 3]).Sample((pack, at, value, how) =>
        {
            var bytes = pack ? packed : plain;
            folder.Write("a.mat", Support.Mutate(bytes, at % bytes.Length, value, how));
            try
            {
                var made = Made(MusicForms.FromMatlab, path);
                if (pack) Assert.Equal(expected, made);                          // what is packed has a checksum
                else Assert.InRange(made.Length, expected.Length - 4, expected.Length + 4);
            }
            catch (InvalidDataException) { }                                     // refused: the other right end; any other exception fails
        }, iter: 3000, threads: 1);
    }

    static byte[] Tar(IEnumerable<(string Name, byte[] Content)> files)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var (name, content) in files)
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return tar.ToArray();
    }

    [Fact]
    public void The_labelled_reviews_are_repacked_to_the_same_bytes_whatever_order_they_come_in()
    {
        var real = FileBytes.Read(Path.Combine(Support.RealData(), "imdb"), "aclImdb_subset1000.tar", FileBytes.ByteAfter).Content;
        var files = new List<(string, byte[])> { ("aclImdb/train/unsup/7_0.txt", [1]), ("aclImdb/train/urls_pos.txt", [2]), ("aclImdb/test/labeledBow.feat", [3]) };
        folder.Write("real.tar.gz", Support.Packed(real));
        Archive.Read(Path.Combine(folder.Path, "real.tar.gz"), (name, content) =>
        {
            var memory = new MemoryStream();
            content.CopyTo(memory);
            files.Insert(files.Count * 7 % 5, (name, memory.ToArray()));
        });
        folder.Write("aclImdb_v1.tar.gz", Support.Packed(Tar(files)));
        Assert.Equal(Sha(real), Sha(Made(ImdbRepacking.Write, Path.Combine(folder.Path, "aclImdb_v1.tar.gz"))));
        Assert.Contains("aclImdb_labelled.tar.gz has the SHA-256", Support.Fails(() => DataImport.From(Path.Combine(folder.Path, "aclImdb_v1.tar.gz"), folder.Path)));
        Assert.False(Directory.EnumerateFiles(folder.Path, "aclImdb_labelled*", SearchOption.AllDirectories).Any());
    }

    [Theory]
    [InlineData("ptb", "simple-examples.tgz", "./simple-examples/data/{0}")]
    [InlineData("ptb-char", "examples.tar.gz", "simple-examples/data/{0}")]
    [InlineData("wikitext-2", "wikitext-2-v1.zip", "wikitext-2/{0}")]
    [InlineData("sst", "trainDevTestTrees_PTB.zip", "trees/{0}")]
    [InlineData("mnist", "mnist.zip", "{0}")]
    public void A_set_is_imported_out_of_its_archive(string id, string archive, string name)
    {
        var (set, real, data) = (DataSets.All.Single(s => s.Id == id), Support.RealData(), Path.Combine(folder.Path, "data"));
        var files = set.Files.Select(f => (name.Replace("{0}", f.Name), FileBytes.Read(set.FolderIn(real), f.Name, FileBytes.ByteAfter).Content)).ToArray();
        folder.Write(archive, archive.EndsWith("zip") ? Zip(files) : Support.Packed(Tar(files)));
        Assert.Equal(set.Files.Select(f => $"{set.Folder}/{f.Name}").Order(), DataImport.From(Path.Combine(folder.Path, archive), data).Order());
        Assert.Equal("found", set.State(data).ToString());
        Assert.Equal([set.Folder], Directory.EnumerateDirectories(data).Select(d => Path.GetFileName(d)));
        Assert.Empty(Directory.EnumerateDirectories(set.FolderIn(data)));
    }

    static byte[] Zip(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files)
                using (var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open()) entry.Write(content);
        return memory.ToArray();
    }

    [Fact]
    public void A_mutated_archive_is_refused_or_its_files_are_right()
    {
        var (file, data) = (Path.Combine(Support.RealData(), "sst", "dev.txt"), Path.Combine(folder.Path, "data"));
        var content = File.ReadAllBytes(file)[..20_000];
        (string, byte[])[] files = [("trees/dev.txt", content), ("readme", [1, 2, 3])];
        foreach (var (name, bytes) in new[] { ("a.zip", Zip(files)), ("a.tgz", Support.Packed(Tar(files))), ("a.tar.gz", Support.Packed(Tar(files))) })
            Gen.Select(Gen.Int[0, 1 << 20], Gen.Byte, Gen.Int[0, 3]).Sample((at, value, how) =>
            {
                folder.Write(name, Support.Mutate(bytes, at % bytes.Length, value, how));
                Assert.Contains(folder.Path, Support.Fails(() => DataImport.From(Path.Combine(folder.Path, name), data)));
            }, iter: 150, threads: 1);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public void Where_no_hash_is_published_a_file_is_known_by_its_name_and_counts()
    {
        folder.Write("glove.6B.50d.txt", "the 1 2\n");
        var said = Support.Fails(() => DataImport.From(folder.Path, Path.Combine(folder.Path, "data")));
        Assert.Contains("glove.6B.50d.txt has 1 vectors, not 400,000 vectors", said);
        folder.Write("glove.6B.50d.txt", string.Concat(Enumerable.Range(0, 400_000).Select(i => $"w{i} 1\n")));
        Assert.Equal(["glove/glove.6B.50d.txt"], DataImport.From(Path.Combine(folder.Path, "glove.6B.50d.txt"), Path.Combine(folder.Path, "data")));
        Assert.Contains(DataCheck.Of(DataSets.Glove6, Path.Combine(folder.Path, "data")), f => f.Wrong is null && f.Note.Contains("no hash is published; 400,000 vectors"));
    }

    public void Dispose() => folder.Dispose();
}
