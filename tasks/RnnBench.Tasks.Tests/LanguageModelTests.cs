using System.Text;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests;

/// <summary>What the texts have in common, on the real files; what is Penn Treebank's own is in <see cref="PennTreebankTests"/>.</summary>
public class LanguageModelTests
{
    static readonly string[] characters = ["ptb.char.train.txt", "ptb.char.valid.txt", "ptb.char.test.txt"];
    static readonly string[] wiki = ["wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens"];

    static WordCorpus? charactersRead, wikiRead;

    static WordCorpus Characters() => charactersRead ??= WordCorpus.Read(Path.Combine(Support.RealData(), "ptb"), characters[0], characters[1], characters[2], " ");

    static WordCorpus Wiki() => wikiRead ??= WordCorpus.Read(Path.Combine(Support.RealData(), "wikitext-2"), wiki[0], wiki[1], wiki[2]);

    [Fact]
    public void The_characters_are_the_published_ones()
    {
        var corpus = Characters();
        Assert.Equal([5_017_482, 393_042, 442_423], corpus.Splits.Values.Select(ids => ids.Length));
        Assert.Equal([42_068, 3_370, 3_761], corpus.Splits.Values.Select(ids => ids.Count(id => id == corpus.EndOfLineId)));
        Assert.Equal([50, 50, 48], corpus.Splits.Values.Select(ids => ids.Distinct().Count()));
        Assert.All(corpus.Words, word => Assert.True(word.Length == 1 || word == "<eos>"));
        Assert.StartsWith("aer_banknote_", string.Concat(corpus.Splits[Split.Train].Take(20).Select(id => corpus.Words[id])));
        Assert.Equal(DataSets.PennTreebankCharacters.Files.Select(f => f.Sha256), characters.Select(f => corpus.Provenance[f]));
    }

    [Fact]
    public void The_characters_are_those_of_the_words()
    {
        var (folder, corpus) = (Path.Combine(Support.RealData(), "ptb"), Characters());
        var words = TextFile.Read(folder, "ptb.test.txt").Lines().Select(line => line.Text.Trim(' ').Replace(' ', '_') + "<eos>");
        Assert.Equal(string.Concat(words), string.Concat(corpus.Splits[Split.Test].Select(id => corpus.Words[id])));
    }

    [Fact]
    public void WikiText_2_holds_what_is_published()
    {
        var corpus = Wiki();
        Assert.Equal([2_088_628, 217_646, 245_569], corpus.Splits.Values.Select(ids => ids.Length));
        Assert.Equal([33_278, 13_777, 14_143], corpus.Splits.Values.Select(ids => ids.Distinct().Count()));
        Assert.Equal([36_718, 3_760, 4_358], corpus.Splits.Values.Select(ids => ids.Count(id => corpus.Words[id] == "<eos>")));
        Assert.Equal([54_625, 11_718, 15_218], corpus.Splits.Values.Select(ids => ids.Count(id => corpus.Words[id] == "<unk>")));
        Assert.Equal(["<eos>", "=", "Valkyria", "Chronicles", "III"], corpus.Words.Take(5));
        Assert.Equal([0, 1, 2, 3, 4, 1, 0, 0, 5, 6], corpus.Splits[Split.Train].Take(10));
        Assert.Equal(DataSets.WikiText2.Files.Select(f => f.Sha256), wiki.Select(f => corpus.Provenance[f]));
    }

    [Theory, InlineData("ptb-char"), InlineData("wikitext-2")]
    public void The_baseline_is_the_loss_of_the_training_frequencies(string id)
    {
        var corpus = id == "ptb-char" ? Characters() : Wiki();
        var train = corpus.Splits[Split.Train].CountBy(token => token).ToDictionary();
        var loss = corpus.Splits[Split.Valid].Average(token => -Math.Log((double)train[token] / corpus.Splits[Split.Train].Length));
        Assert.Equal(Support.Task(id).Baseline!.Value, loss, 3);
        Assert.Null(Support.Task(id, ("tokens", "1000")).Baseline);
    }

    [Theory]
    [InlineData("ptb-char", 393_042, 442_423, "bits_per_character", 50)]
    [InlineData("wikitext-2", 217_646, 245_569, "bits_per_token", 33_278)]
    public void Every_token_is_evaluated_once(string id, int valid, int test, string bits, int types)
    {
        var task = Support.Task(id);
        Assert.Equal(["loss", "perplexity", bits, "accuracy"], task.Metrics.Select(m => m.Name));
        Assert.Equal((new InputKind.Tokens(types), new TargetKind.Classes(types)), (task.Input, task.Target));
        Assert.Contains($"({valid} validation, {test} test)", task.Protocol);

        using var data = task.Open(Support.Context(folder: Support.RealData()));
        Assert.Equal([valid, test], new[] { Split.Valid, Split.Test }.Select(split => (int)data.Evaluation(split).Sum(b => b.Groups["all"].Sum(w => (double)w))));
        Support.Same(data.Training(3), data.Training(3L + data.BatchesPerEpoch!.Value));
        Assert.Equal(task.Protocol, Support.Abroad(() => Support.Task(id).Protocol));
    }

    [Theory]
    [InlineData("a b \n ", new[] { 0, 1, 2 })]
    [InlineData("a \n b \n ", new[] { 0, 1, 2, 1 })]
    [InlineData(" ", null)]
    [InlineData("a b \n", null)]
    [InlineData("a b \n  ", null)]
    [InlineData("a b \n c", null)]
    [InlineData("a b ", null)]
    public void The_space_behind_the_last_line_is_demanded_where_it_belongs(string text, int[]? ids)
    {
        using var folder = new TemporaryFolder().Write("train", text).Write("valid", text).Write("test", text);
        WordCorpus Read() => WordCorpus.Read(folder.Path, "train", "valid", "test", " ");
        if (ids is not null) Assert.Equal(ids, Read().Splits[Split.Train]);
        else Assert.Contains("line ", Support.Fails(() => Read()));
    }

    [Theory, InlineData("ptb-char", "ptb/ptb.char", ".txt"), InlineData("wikitext-2", "wikitext-2/wiki", ".tokens")]
    public void Another_or_damaged_text_is_refused(string id, string stem, string end)
    {
        void Open(TemporaryFolder folder) => Support.Task(id).Open(Support.Context(folder: folder.Path));
        Assert.Contains("--data", Support.Fails(() => Support.Task(id).Open(Support.Context())));
        using var folder = new TemporaryFolder();
        Assert.Contains($".train{end} is missing", Support.Fails(() => Open(folder)));

        var last = id == "ptb-char" ? " a b \n " : " a b \n";
        foreach (var split in new[] { "train", "valid", "test" }) folder.Write($"{stem}.{split}{end}", last);
        Assert.Contains("has 3 ", Support.Fails(() => Open(folder)));
        folder.Write($"{stem}.test{end}", last[..^1]);
        Assert.Contains("line 1 is cut off", Support.Fails(() => Open(folder)).Replace("line 2", "line 1"));
        folder.Write($"{stem}.test{end}", [(byte)'a', 0xFF, .. Encoding.ASCII.GetBytes(last)]);
        Assert.Contains("line 1 is not valid UTF-8", Support.Fails(() => Open(folder)));
        File.Delete(Path.Combine(folder.Path, $"{stem}.test{end}"));
        folder.Write($"{stem}.test{end}.gz", Support.Packed(last)[..^3]);
        Assert.Contains("cut off or damaged", Support.Fails(() => Open(folder)));
    }
}
