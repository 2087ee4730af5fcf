using System.Formats.Tar;
using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class ImdbArchiveTests
{
    static readonly char[] asciiSpaces = [' ', '\t', '\n', '\v', '\f', '\r'];
    static readonly string[] folders = ["train/neg", "train/pos", "test/neg", "test/pos"];

    static byte[] Tar(params (string Name, string Text)[] more)
    {
        var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var (name, text) in folders.Select(f => ($"aclImdb/{f}/0_7.txt", $"a film<br />{f}")).Prepend(("aclImdb/README", "about")).Concat(more))
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        return bytes.ToArray();
    }

    static ImdbArchive Read(byte[] tar)
    {
        using var folder = new TemporaryFolder().Write("a.tar", tar);
        return ImdbArchive.Read(folder.Path, "a.tar");
    }

    [Fact]
    public void A_review_has_its_folders_label()
    {
        var archive = Read(Tar(("aclImdb/train/neg/3_1.txt", "bad")));
        Assert.Equal([(0, false), (3, false), (0, true)], archive.Train.Select(r => (r.Id, r.Positive)));
        Assert.Equal(["a film<br />test/neg", "a film<br />test/pos"], archive.Test.Select(r => r.Text));
    }

    [Fact]
    public void Damage_is_named()
    {
        Assert.Contains("second review 0 of train/neg", Support.Fails(() => Read(Tar(("aclImdb/train/neg/0_2.txt", "x")))));
        Assert.Contains("0_2.txt is empty", Support.Fails(() => Read(Tar(("aclImdb/unsup/../train/neg/1_1.txt", "ok"), ("aclImdb/test/neg/0_2.txt", "")))));
        Assert.Contains("is cut off behind aclImdb/README, at byte 1024", Support.Fails(() => Read(Tar()[..1024])));
        Assert.Contains("is cut off behind aclImdb/test/pos/0_7.txt", Support.Fails(() => Read(Tar()[..^1024])));
        Assert.Contains("no reviews in aclImdb/train/neg", Support.Fails(() => Read(new byte[1024])));
        Assert.Contains("is no tar archive", Support.Fails(() => Read([.. Enumerable.Repeat((byte)'x', 2000)])));
    }

    [Fact]
    public void A_mutated_archive_is_refused_or_whole()
    {
        using var folder = new TemporaryFolder();
        var (plain, packed) = (Tar(), Support.Packed(Tar()));
        Gen.Select(Gen.Bool, Gen.Int[0, plain.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((pack, at, value, how) =>
        {
            var bytes = pack ? packed : plain;
            foreach (var name in new[] { "a.tar", "a.tar.gz" }) File.Delete(Path.Combine(folder.Path, name));
            folder.Write(pack ? "a.tar.gz" : "a.tar", Support.Mutate(bytes, at % bytes.Length, value, how));
            try
            {
                var read = ImdbArchive.Read(folder.Path, "a.tar");
                Assert.Equal((2, 2), (read.Train.Count, read.Test.Count));
                if (pack) Assert.Equal(Read(plain).Digests, read.Digests);
            }
            catch (UserError e)
            {
                Assert.Contains(folder.Path, e.Message);
            }
        }, iter: 2000, threads: 1);
    }

    [Fact]
    public void The_real_subset_is_as_published()
    {
        var archive = ImdbArchive.Read(Path.Combine(Support.RealData(), "imdb"), "aclImdb_subset1000.tar");
        Assert.Equal((500, 500), (archive.Train.Count, archive.Test.Count));
        Assert.Equal("2ae9c7df2c579e6826ac774984125a9539ba8a17d3d5e4a7a9c86087447c1ea9", archive.Digests["train/pos"]);
        Assert.Equal("c67aafdde4c8e1a1d26abcb17536344e51b750571f184bfbe97b6c37c7176aa1", archive.Digests["train/neg"]);
        Assert.Equal("f64d7a98a7741470f6d9cfbd08fc3eefe225f02929173da6e9acbc8fbb18d1f7", archive.Digests["test/pos"]);
        Assert.Equal("f4e35e23b84774a4367f95e4cd28f544462812e0bba41a7c34c2fb33808cd073", archive.Digests["test/neg"]);
    }

    [Fact]
    public void The_real_archive_is_as_published()
    {
        var archive = ImdbArchive.Read(Path.Combine(Support.RealData(), "imdb"), "aclImdb_labelled.tar");
        foreach (var (folder, reviews, positive, bytes, words, digest) in new[]
        {
            ("train/pos", archive.Train, true,  16_842_831, 2_958_730, "c0241833846db480684a3bbc739039a8a07829f00dee2c013e88100513dd0e90"),
            ("train/neg", archive.Train, false, 16_289_992, 2_885_734, "b2441fdae57aa12b75bd0119ff26533937287387dfa348aae36031fde2555850"),
            ("test/pos",  archive.Test,  true,  16_283_357, 2_862_289, "4619fea0c15476ba5fe5d1ad7536ebe0b7e2d56b19500ff121fa29a00015b39f"),
            ("test/neg",  archive.Test,  false, 16_067_328, 2_850_650, "96d3bcc33399f728795fb64d4aa8c58cf1ada467319838abba7d294451690141"),
        })
        {
            var texts = reviews.Where(r => r.Positive == positive).ToArray();
            Assert.Equal(Enumerable.Range(0, 12_500), texts.Select(r => r.Id));
            Assert.Equal((folder, bytes, words), (folder, texts.Sum(r => Encoding.UTF8.GetByteCount(r.Text)), texts.Sum(r => r.Text.Split(asciiSpaces, StringSplitOptions.RemoveEmptyEntries).Length)));
            Assert.Equal(digest, archive.Digests[folder]);
        }
        Assert.Equal((24_904, 24_801), (archive.Train.DistinctBy(r => r.Text).Count(), archive.Test.DistinctBy(r => r.Text).Count()));
    }
}
