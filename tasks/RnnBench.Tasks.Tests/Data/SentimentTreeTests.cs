using System.Text;
using CsCheck;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests.Data;

public class SentimentTreeTests
{
    const string Sentence = "(3 (2 A) (4 (3 (2 very) (3 good)) (2 idea)))\n";

    static SentimentTree[] Read(TemporaryFolder folder, string name = "a") => SentimentTree.Read(TextFile.Read(folder.Path, name));

    static SentimentTree[] Parsed(string text)
    {
        using var folder = new TemporaryFolder().Write("a", text);
        return Read(folder);
    }

    /// <summary>The tree as the file writes it.</summary>
    static string Written(SentimentTree tree)
    {
        return Node(tree.Nodes - 1);
        string Node(int j) => $"({tree.Labels[j]} {tree.Words[j] ?? $"{Node(tree.Left[j])} {Node(tree.Right[j])}"})";
    }

    [Fact]
    public void Nodes_are_numbered_children_first()
    {
        var tree = Assert.Single(Parsed(Sentence));
        Assert.Equal([2, 2, 3, 3, 2, 4, 3], tree.Labels);
        Assert.Equal(["A", "very", "good", null, "idea", null, null], tree.Words);
        Assert.Equal([-1, -1, -1, 1, -1, 3, 0], tree.Left);
        Assert.Equal([-1, -1, -1, 2, -1, 4, 5], tree.Right);
        Assert.Equal([(0, 1), (1, 2), (2, 3), (1, 3), (3, 4), (1, 4), (0, 4)], tree.Spans);
        Assert.Equal(["A", "very", "good", "idea"], tree.Leaves);
        Assert.Equal(3, tree.Root);
    }

    [Fact]
    public void A_no_break_space_belongs_to_a_word() => Assert.Equal(["8\u00A01\\/2"], Parsed("(2 8\u00A01\\/2)\n")[0].Leaves);

    [Fact]
    public void A_deep_tree_takes_no_stack()
    {
        const int Depth = 100_000;
        var text = string.Concat(Enumerable.Repeat("(2 (2 a) ", Depth)) + "(2 b)" + new string(')', Depth) + "\n";
        Assert.Equal(2 * Depth + 1, Parsed(text)[0].Nodes);
    }

    [Theory]
    [InlineData("(3 (2 A) (4 b)", "brackets open")]
    [InlineData("(3 (2 A) (4 b)))", "more behind")]
    [InlineData("(5 a)", "the label 5 is not one of 0 to 4")]
    [InlineData("(-1 a)", "label")]
    [InlineData("(3 a b)", "one word or two subtrees")]
    [InlineData("(3 (2 a))", "1 subtrees and no word")]
    [InlineData("(3 (2 a) (2 b) (2 c))", "one word or two subtrees")]
    [InlineData("(3 (2 a) b)", "one word or two subtrees")]
    [InlineData("(3 )", "0 subtrees and no word")]
    [InlineData("a", "begins with a bracket")]
    [InlineData(")", "never opened")]
    [InlineData("(3a)", "a label from 0 to 4 and a space")]
    public void What_is_no_tree_is_refused_with_line_and_column(string line, string said)
    {
        var message = Support.Fails(() => Parsed(Sentence + line + "\n"));
        Assert.Contains("line 2 is no tree: at column", message);
        Assert.Contains(said, message);
    }

    /// <summary>Whatever is changed in a file, what is read is what stands there, or the file is refused.</summary>
    [Fact]
    public void A_mutated_file_is_refused_or_read_as_it_is()
    {
        Support.Mutations("a", Encoding.UTF8.GetBytes(Sentence + "(0 (1 é) (2 b))\n"), 200, (folder, said) =>
            Assert.Equal(Spaceless(Encoding.UTF8.GetString(said)), Spaceless(string.Concat(Read(folder).Select(tree => Written(tree) + "\n")))));

        static string Spaceless(string text) => text.Replace(" ", "");
    }

    [Theory]
    //                     trees   nodes    leaves   types   roots                                nodes by label
    [InlineData("train.txt", 8544, 318_582, 163_563, 18_280, new[] { 1092, 2218, 1624, 2322, 1288 }, new[] { 8245, 34362, 219788, 44194, 11993 })]
    [InlineData("dev.txt",   1101, 41_447,  21_274,  5374,   new[] { 139, 289, 229, 279, 165 },      new[] { 1070, 4613, 28305, 5781, 1678 })]
    [InlineData("test.txt",  2210, 82_600,  42_405,  8547,   new[] { 279, 633, 389, 510, 399 },      new[] { 2008, 9255, 56548, 10998, 3791 })]
    public void The_real_files_hold_what_was_published(string name, int trees, int nodes, int leaves, int types, int[] roots, int[] labels)
    {
        var read = SentimentTree.Read(TextFile.Read(Path.Combine(Support.RealData(), "sst"), name));
        Assert.Equal((trees, nodes, leaves), (read.Length, read.Sum(t => t.Nodes), read.Sum(t => t.Leaves.Count)));
        Assert.Equal(types, read.SelectMany(t => t.Leaves).Distinct().Count());
        Assert.Equal(roots, Counts(read.Select(t => t.Root)));
        Assert.Equal(labels, Counts(read.SelectMany(t => t.Labels)));

        static IEnumerable<int> Counts(IEnumerable<int> all) => all.CountBy(label => label).OrderBy(c => c.Key).Select(c => c.Value);
    }
}
