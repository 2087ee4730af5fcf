using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class PreparedTextTests
{
    static readonly string[] names = ChildProcess.Names;

    static readonly string train = string.Concat(Enumerable.Range(0, 40).Select(i => $" w{i % 7} é the <unk> \n"));

    static TemporaryFolder Texts() => new TemporaryFolder().Write("set/train", train).Write("set/valid", " the w3 \n\n").Write("set/test.gz", Support.Packed(" é \n"));

    static string Source(TemporaryFolder folder) => Path.Combine(folder.Path, "set");

    static string Prepared(TemporaryFolder folder) => Directory.EnumerateDirectories(Path.Combine(folder.Path, "prepared")).Single();

    static PreparedText Open(TemporaryFolder folder, Func<string, Stream>? create = null) => PreparedText.Open(Source(folder), names, folder.Path, create);

    static int[] Ids(TokenIds ids)
    {
        var all = new int[ids.Count];
        ids.Read(0, all);
        return all;
    }

    /// <summary>The ids of a folder that was opened, and closed again.</summary>
    static int[] Read(TemporaryFolder folder, Split split = Split.Train, Func<string, Stream>? create = null)
    {
        using var text = Open(folder, create);
        return Ids(text.Splits[split]);
    }

    /// <summary>Opens a file as a program does that minds no locks.</summary>
    static FileStream Overwrite(string path) => new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

    static Stream Never(string path) => throw new InvalidOperationException($"{path} was prepared again");

    [Fact]
    public void It_holds_what_a_corpus_holds_and_is_prepared_once()
    {
        using var folder = Texts();
        var corpus = WordCorpus.Read(Source(folder), "train", "valid", "test");
        for (var time = 0; time < 2; time++)
        {
            using var text = Open(folder, time == 0 ? null : Never);
            foreach (var (split, ids) in corpus.Splits) Assert.Equal(ids, Ids(text.Splits[split]));
            Assert.Equal(corpus.Words, text.Words());
            Assert.Equal((corpus.Words.Count, corpus.EndOfLineId), (text.Types, text.EndOfLineId));
            Assert.Equal(corpus.Provenance, text.Provenance);
            Assert.Equal(corpus.Words.Select((_, id) => corpus.Splits[Split.Train].Count(i => i == id)), text.Frequencies());
        }
    }

    [Fact]
    public void What_is_damaged_is_prepared_again()
    {
        using var folder = Texts();
        var expected = Read(folder);
        foreach (var file in Directory.EnumerateFiles(Prepared(folder)).ToArray())
        {
            var whole = File.ReadAllBytes(file);
            foreach (var damaged in new[] { whole[..(whole.Length / 2)], [.. whole, 1], [.. whole[..^2], (byte)(whole[^2] ^ 1), whole[^1]], [] })
            {
                File.WriteAllBytes(file, damaged);
                Assert.Equal(expected, Read(folder));
                Assert.Equal(whole.Length, new FileInfo(file).Length);
            }
            File.Delete(file);
            Assert.Equal(expected, Read(folder));
        }
    }

    /// <summary>Whichever prepared file is changed, wherever and however: what is read is what the text holds.</summary>
    [Fact]
    public void A_mutated_prepared_file_is_never_believed()
    {
        using var folder = Texts();
        var expected = Read(folder);
        string[] words, files = [.. Directory.EnumerateFiles(Prepared(folder)).Order(StringComparer.Ordinal)];
        using (var text = Open(folder)) words = text.Words();
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, 2000], Gen.Byte, Gen.Int[0, 3]).Sample((file, at, value, how) =>
        {
            var bytes = File.ReadAllBytes(files[file]);
            File.WriteAllBytes(files[file], Support.Mutate(bytes, at % bytes.Length, value, how));
            using var text = Open(folder);
            Assert.Equal(expected, Ids(text.Splits[Split.Train]));
            Assert.Equal(words, text.Words());
            Assert.Equal(expected.Length, text.Frequencies().Sum());
            Assert.Equal((4, 2), (text.Splits[Split.Valid].Count, text.Splits[Split.Test].Count));
            Assert.Equal("<eos>", words[text.EndOfLineId]);
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void What_another_version_of_the_code_made_is_prepared_again()
    {
        using var folder = Texts();
        Read(folder);
        var file = Path.Combine(Prepared(folder), "manifest");
        var older = Manifest.Read(File.ReadAllText(file))! with { Code = Manifest.CurrentCode - 1 };
        File.WriteAllText(file, older.Write());
        var made = 0;
        Read(folder, create: path => { made++; return File.Create(path); });
        Assert.True(made > 0);
    }

    [Fact]
    public void A_source_that_changed_is_read_again_and_one_that_was_only_touched_is_not()
    {
        using var folder = Texts();
        Read(folder);
        File.SetLastWriteTimeUtc(Path.Combine(Source(folder), "train"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Read(folder, create: Never);
        folder.Write("set/valid", " w3 the \n\n");                                                  // as long as before
        Assert.Equal([4, 2, 4, 4], Read(folder, Split.Valid).Select(id => id < 5 ? id : 4));
        folder.Write("set/valid", " zebra \n");
        Assert.Contains("zebra", Support.Fails(() => Read(folder)));
        File.Delete(Path.Combine(Source(folder), "valid"));
        Assert.Contains("is missing", Support.Fails(() => Read(folder)));
    }

    [Fact]
    public void A_full_disk_leaves_nothing_and_what_was_there_stays()
    {
        using var folder = Texts();
        for (var room = 0; room < 1200; room += 37)
        {
            var left = room;
            var message = Support.Fails(() => Read(folder, create: path => new Narrow(File.Create(path), () => left, n => left -= n)));
            Assert.Contains("no space left", message);
            Assert.Contains("nothing half-written", message);
            Assert.Empty(Directory.EnumerateDirectories(Path.Combine(folder.Path, "prepared")));
        }
        Assert.Equal(200, Read(folder).Length);
    }

    [Fact]
    public void Many_at_once_do_the_work_once()
    {
        using var folder = Texts();
        var made = 0;
        var read = new int[8][];
        Parallel.For(0, read.Length, new ParallelOptions { MaxDegreeOfParallelism = read.Length }, i => read[i] = Read(folder, create: path =>
        {
            Interlocked.Increment(ref made);
            return File.Create(path);
        }));
        Assert.All(read, ids => Assert.Equal(read[0], ids));
        Assert.Equal(6, made);                                          // three splits, words, counts, manifest
    }

    [Fact]
    public void A_cache_that_cannot_be_made_is_one_error()
    {
        using var folder = Texts().Write("prepared", "a file where a folder belongs");
        Assert.Contains("RNNBENCH_CACHE", Support.Fails(() => Read(folder)));
    }

    [Fact]
    public void Ids_are_read_across_blocks_and_a_damaged_block_is_refused()
    {
        using var folder = new TemporaryFolder();
        const int blockIds = IdFile.BlockBytes / sizeof(int);
        var (path, ids) = (Path.Combine(folder.Path, "ids"), Enumerable.Range(0, 12 * blockIds + 3).ToArray());
        IReadOnlyList<uint> checksums;
        using (var stream = File.Create(path))
        {
            var writer = new IdWriter(stream);
            foreach (var id in ids) writer.Add(id);
            checksums = writer.End();
        }
        using (var file = new IdFile(path, ids.Length, checksums))
            Gen.Select(Gen.Int[0, ids.Length], Gen.Int[0, 140_000]).Sample((at, count) =>
            {
                var read = new int[Math.Min(count, ids.Length - at)];
                file.Read(at, read);
                Assert.Equal(ids[at..(at + read.Length)], read);
            }, iter: 100, threads: 2);

        var bytes = File.ReadAllBytes(path);
        bytes[IdFile.BlockBytes + 5] ^= 4;
        File.WriteAllBytes(path, bytes);
        using var damaged = new IdFile(path, ids.Length, checksums);
        damaged.Read(0, new int[blockIds]);
        Assert.Contains($"byte {IdFile.BlockBytes}: this prepared file is damaged", Support.Fails(() => damaged.Read(blockIds - 5, new int[10])));
        Assert.Throws<ArgumentOutOfRangeException>(() => damaged.Read(200_000, new int[2]));

        var made = 0;
        using var healed = new IdFile(path, ids.Length, checksums, () =>
        {
            made++;
            bytes[IdFile.BlockBytes + 5] ^= 4;
            File.WriteAllBytes(path, bytes);
        });
        Assert.Equal(ids, Ids(healed));
        Assert.Equal(1, made);
        using (var cut = Overwrite(path)) cut.SetLength(2 * IdFile.BlockBytes + 8);             // under the map: reading there would end the process
        using var shortened = new IdFile(path, ids.Length, checksums);
        Assert.Contains($"byte {3 * IdFile.BlockBytes}", Support.Fails(() => shortened.Read(3 * blockIds + 7, new int[1000])));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_block_that_is_damaged_after_opening_is_made_again_from_the_source(bool sourceChanges)
    {
        using var folder = Texts();
        var expected = Read(folder);
        var place = Prepared(folder);
        using var text = Open(folder);
        var file = Path.Combine(place, "train.i32");
        using (var stream = Overwrite(file)) stream.WriteByte(77);                                  // as where only opened blocks are checked
        if (!sourceChanges)
        {
            Assert.Equal(expected, Ids(text.Splits[Split.Train]));
            Assert.Equal(expected.Length * sizeof(int), new FileInfo(file).Length);
            foreach (var name in new[] { "words.txt", "counts.i32" }) File.WriteAllText(Path.Combine(place, name), "x");
            Assert.Equal(text.Types, text.Words().Length);
            Assert.Equal(expected.Length, text.Frequencies().Sum());
            return;
        }
        folder.Write("set/train", train + "more\n");
        Assert.Contains("has changed since this run began", Support.Fails(() => Ids(text.Splits[Split.Train])));
    }

    [Fact]
    public void A_mutated_text_is_read_as_a_corpus_reads_it_or_refused()
    {
        using var folder = new TemporaryFolder().Write("valid", "\n").Write("test", "\n");
        var plain = Encoding.UTF8.GetBytes(train);
        Gen.Select(Gen.Bool, Gen.Int[0, plain.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((pack, at, value, how) =>
        {
            var bytes = pack ? Support.Packed(plain) : plain;
            bytes = Support.Mutate(bytes, at % bytes.Length, value, how);
            var name = pack ? "train.gz" : "train";
            File.Delete(Path.Combine(folder.Path, "train"));
            File.Delete(Path.Combine(folder.Path, "train.gz"));
            folder.Write(name, bytes);
            var (table, read) = (new WordTable(), new List<int>());
            if (Outcome(() => WordStream.Read(Path.Combine(folder.Path, name), (word, _) => read.Add(table.Id(word, add: true)))) is { } refused)
            {
                Assert.Contains(folder.Path, refused);
                Assert.NotNull(Outcome(() => WordCorpus.Read(folder.Path, "train", "valid", "test")));
            }
            else Assert.Equal(WordCorpus.Read(folder.Path, "train", "valid", "test").Splits[Split.Train], read);
        }, iter: 1500, threads: 1);

        static string? Outcome(Action action)
        {
            try
            {
                action();
                return null;
            }
            catch (UserError e)
            {
                Assert.InRange(e.Message.Split('\n').Length, 1, 2);
                return e.Message;
            }
        }
    }

    [Fact]
    public void Lines_longer_than_the_buffer_and_words_on_its_edge_are_whole()
    {
        using var folder = new TemporaryFolder();
        var words = Enumerable.Range(0, 400_000).Select(i => $"word{i * 7919L % 50_000}").ToArray();
        folder.Write("text", string.Join(' ', words) + "\n" + string.Join("\n", words.Take(1000)) + "\n");
        var (table, read) = (new WordTable(), new List<int>());
        WordStream.Read(Path.Combine(folder.Path, "text"), (word, _) => read.Add(table.Id(word, add: true)));
        Assert.Equal(50_001, table.Count);
        Assert.Equal([.. words, "<eos>", .. words.Take(1000).SelectMany(w => new[] { w, "<eos>" })], read.Select(id => Encoding.UTF8.GetString(table[id])));
    }

    [Fact]
    public void WikiText_103_has_its_own_validation_and_test_text()
    {
        var folder = Path.Combine(Support.RealData(), "wikitext-103");
        foreach (var (file, types, unknown) in new[] { (DataSets.WikiText103.Files[1], 18_891, 1_657), (DataSets.WikiText103.Files[2], 19_766, 2_492) })
        {
            var (table, counts) = (new WordTable(), new int[30_000]);
            var (sha, _) = WordStream.Read(FileBytes.Find(folder, file.Name)!, (word, _) => counts[table.Id(word, add: true)]++);
            Assert.Equal((file.Sha256, file.Count, types), (sha, counts.Sum(), table.Count));
            Assert.Equal(unknown, counts[table.Id("<unk>"u8, add: false)]);
        }
    }

    [Fact]
    public void WikiText_103_without_its_training_text_says_what_to_do()
    {
        var folder = Support.RealData();
        Assert.SkipWhen(DataSets.WikiText103.State(folder).Complete, "the training text is here");
        Assert.Contains("wiki.train.tokens is missing", Support.Fails(() => Support.Task("wikitext-103").Open(Support.Context(folder: folder))));
        Assert.Contains("the first 1000000 tokens only", Support.Task("wikitext-103", ("tokens", "1e6")).Protocol);
    }

    /// <summary>A file on a disk with little room.</summary>
    sealed class Narrow(Stream file, Func<int> left, Action<int> take) : Stream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            take(buffer.Length);
            if (left() < 0) throw new IOException("no space left on device");
            file.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
        public override void Flush() => file.Flush();
        protected override void Dispose(bool disposing) => file.Dispose();
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => file.Length;
        public override long Position { get => file.Position; set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
