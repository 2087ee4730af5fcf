using System.Globalization;
using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class WordVectorsTests
{
    const string Plain = "the 0.5 -1\n. . 2 3e-2\ncat 1 0\n";

    static WordVectors Read(TemporaryFolder folder, int width = 2) => WordVectors.Read(folder.Path, "v", width, new HashSet<string> { "the", ". .", "dog" });

    [Theory, InlineData(false), InlineData(true)]
    public void Wanted_words_have_their_vectors(bool pack)
    {
        using var folder = pack ? new TemporaryFolder().Write("v.gz", Support.Packed(Plain)) : new TemporaryFolder().Write("v", Plain);
        var vectors = Read(folder);
        Assert.Equal(["the", ". ."], vectors.Of.Keys);
        Assert.Equal([0.5f, -1], vectors.Of["the"]);
        Assert.Equal([2, 0.03f], vectors.Of[". ."]);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Plain))), vectors.Sha256);
    }

    [Theory]
    [InlineData("the 0.5 1\na 1\n", "line 2 has 1 numbers behind its word; 2 are asked for")]
    [InlineData("the 0.5 1 2\n", "line 1 has 3 numbers behind its word")]
    [InlineData("the 0.5 x\n", "line 1 holds \"x\" where a number is expected")]
    [InlineData("the 0.5 NaN\n", "line 1 holds \"NaN\"")]
    [InlineData("the 0.5 1\ncat 1 0", "line 2 is cut off")]
    [InlineData("", "is empty")]
    public void A_wrong_line_is_named(string text, string said)
    {
        using var folder = new TemporaryFolder().Write("v", text);
        Assert.Contains(said, Support.Fails(() => Read(folder)));
    }

    [Fact]
    public void A_missing_file_or_a_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("is missing", Support.Fails(() => Read(folder)));
        Directory.CreateDirectory(Path.Combine(folder.Path, "v"));
        Assert.Contains("is a directory", Support.Fails(() => Read(folder)));
    }

    [Fact]
    public void A_mutated_file_is_refused_or_read_as_it_is() => Support.Mutations("v", Encoding.UTF8.GetBytes(Plain), 200, (folder, bytes) =>
    {
        var (read, text) = (Read(folder).Of, Encoding.UTF8.GetString(bytes));
        Assert.EndsWith("\n", text);
        var said = text.Split('\n')[..^1].Select(line => line.Split(' ')).Select(f => (Word: string.Join(' ', f[..^2]), Vector: f[^2..]));
        foreach (var (word, vector) in read) Assert.Equal(said.First(s => s.Word == word).Vector.Select(x => float.Parse(x, CultureInfo.InvariantCulture)), vector);
        Assert.Equal(said.Select(s => s.Word).Intersect(["the", ". .", "dog"]), read.Keys);
    });

    [Fact]
    public void The_real_file_begins_as_published()
    {
        var folder = Path.Combine(Support.RealData(), "glove");
        var vectors = WordVectors.Read(folder, "glove.840B.300d.sick.txt", 300, new HashSet<string> { "the", "bmxs" });
        Assert.Equal([0.27204f, -0.06203f, -0.1884f], vectors.Of["the"][..3]);
        Assert.False(vectors.Of.ContainsKey("bmxs"));
        Assert.Equal("245e9d88ca512d0ef5be6b801dd19539b5ff23ec4b78b67fc6fca4ea5b7c3f4a", vectors.Sha256);
        var leaves = SentimentTree.Read(TextFile.Read(Path.Combine(Support.RealData(), "sst"), "train.txt")).SelectMany(tree => tree.Leaves).ToHashSet();
        Assert.Equal((18_280, 1_334), (leaves.Count, WordVectors.Read(folder, "glove.840B.300d.sick.txt", 300, leaves).Of.Count));
        using var lines = TextStream.Open(folder, "glove.840B.300d.sick.txt");
        Assert.Equal(2_402, lines.Lines().Count());
    }
}
