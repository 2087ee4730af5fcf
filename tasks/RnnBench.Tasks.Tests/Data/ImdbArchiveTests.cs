using System.Formats.Tar;
using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class ImdbArchiveTests
{
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
        Assert.Contains("no reviews", Support.Fails(() => Read(Tar()[..1024])));
        Assert.Contains("is no tar archive", Support.Fails(() => Read([.. Enumerable.Repeat((byte)'x', 2000)])));
    }

    [Fact]
    public void A_mutated_archive_is_refused_or_whole()
    {
        using var folder = new TemporaryFolder();
        var packed = Support.Packed(Tar());
        Gen.Select(Gen.Int[0, 5000], Gen.Byte, Gen.Int[0, 3]).Sample((at, value, how) =>
        {
            folder.Write("a.tar.gz", Support.Mutate(packed, at % packed.Length, value, how));
            try
            {
                Assert.Equal(2, ImdbArchive.Read(folder.Path, "a.tar").Test.Count);
            }
            catch (UserError e)
            {
                Assert.Contains(folder.Path, e.Message);
            }
        }, iter: 500, threads: 1);
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
}
