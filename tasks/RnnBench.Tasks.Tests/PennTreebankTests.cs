using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests;

public class PennTreebankTests
{
    static readonly string[] files = ["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"];

    static WordCorpus Real() => WordCorpus.Read(Path.Combine(Support.RealData(), "ptb"), files[0], files[1], files[2]);

    [Fact]
    public void The_real_files_hold_what_is_published()
    {
        var corpus = Real();
        Assert.Equal([929_589, 73_760, 82_430], corpus.Splits.Values.Select(ids => ids.Length));
        Assert.Equal(10_000, corpus.Words.Count);
        Assert.Equal((24, "aer", "pierre", "<unk>", "N", "unilab"),
            (corpus.EndOfLineId, corpus.Words[0], corpus.Words[25], corpus.Words[26], corpus.Words[27], corpus.Words[9999]));
        Assert.Equal(DataSets.PennTreebank.Files.Select(f => f.Sha256), files.Select(f => corpus.Provenance[f]));

        var counts = corpus.Splits[Split.Train].CountBy(id => corpus.Words[id]).ToDictionary();
        Assert.Equal([50_770, 45_020, 42_068, 32_481, 24_400, 23_638], new[] { "the", "<unk>", "<eos>", "N", "of", "to" }.Select(w => counts[w]));
        foreach (var (split, types, ends, unknown, numbers, longest) in new[] { (Split.Train, 10_000, 42_068, 45_020, 32_481, 82), (Split.Valid, 6_022, 3_370, 3_485, 2_603, 74), (Split.Test, 6_049, 3_761, 4_794, 2_523, 77) })
        {
            var ids = corpus.Splits[split];
            Assert.Equal((types, ends, unknown, numbers), (ids.Distinct().Count(), ids.Count(id => id == 24), ids.Count(id => id == 26), ids.Count(id => id == 27)));
            Assert.Equal(longest, Longest(ids));
        }
    }

    /// <summary>The words of the longest line.</summary>
    static int Longest(int[] ids)
    {
        int[] ends = [-1, .. ids.Index().Where(token => token.Item == 24).Select(token => token.Index)];
        return ends.Zip(ends[1..], (before, end) => end - before - 1).Max();
    }

    [Fact]
    public void The_baseline_is_the_loss_of_the_training_frequencies()
    {
        var corpus = Real();
        var train = corpus.Splits[Split.Train].CountBy(id => id).ToDictionary();
        double Loss(Split split) => corpus.Splits[split].Average(id => -Math.Log((double)train[id] / corpus.Splits[Split.Train].Length));
        Assert.Equal(Support.Task("ptb").Baseline!.Value, Loss(Split.Valid), 3);
        Assert.Equal(6.460, Loss(Split.Test), 3);
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("1", 1)]
    public void Evaluation_counts_every_token_of_the_split_once(string rows, int size)
    {
        var corpus = Real();
        using var data = Support.Task("ptb", ("eval_batch", rows)).Open(Support.Context(folder: Support.RealData()));
        foreach (var split in new[] { Split.Valid, Split.Test })
        {
            var said = Enumerable.Range(0, size).Select(_ => new List<int>()).ToArray();
            foreach (var batch in data.Evaluation(split))
                for (var i = 0; i < batch.Labels!.Length; i++)
                    if (batch.Groups["all"][i] != 0) said[i % size].Add(batch.Labels[i]);
            Assert.Equal(corpus.Splits[split], said.SelectMany(row => row));
        }
        var first = data.Evaluation(Split.Test).First();
        Assert.Equal(24, first.Ids![0]);
    }

    [Fact]
    public void Training_has_the_usual_number_of_batches()
    {
        using var data = Support.Task("ptb").Open(Support.Context(20, 20, folder: Support.RealData()));
        Assert.Equal(2323, data.BatchesPerEpoch);   // (929 589 / 20 - 1) / 20
        Assert.Equal(files, data.Provenance.Keys);
    }

    [Fact]
    public void A_part_is_said_and_taken()
    {
        var task = Support.Task("ptb", ("eval_tokens", "1000"), ("tokens", "5000"));
        Assert.Equal("ptb(tokens=5000,eval_tokens=1000)", task.Text);
        Assert.Contains("first 5000 tokens only", task.Protocol);
        Assert.Contains("first 1000 tokens only", task.Protocol);
        Assert.Null(task.Baseline);
        Assert.Equal(new InputKind.Tokens(10_000), task.Input);

        using var data = task.Open(Support.Context(20, 20, folder: Support.RealData()));
        Assert.Equal(12, data.BatchesPerEpoch);
        int Counted(Split split) => (int)data.Evaluation(split).Sum(b => b.Groups["all"].Sum());
        Assert.Equal([5000, 1000, 1000], Enum.GetValues<Split>().Select(Counted));
    }

    [Fact]
    public void The_whole_protocol_is_said() => Assert.Equal(
        "Trained on all 929589 tokens. Evaluated on every token (73760 validation, 82430 test), each counted once, <eos> included, "
        + "the first predicted from <eos>. Evaluation batch 10: the split in as many contiguous rows, each from the zero state with the "
        + "token before it as first input, state carried along the row. Vocabulary of 10000; perplexity is exp of the mean loss.", Support.Task("ptb").Protocol);

    [Fact]
    public void Metrics_are_one_loss_in_three_scales()
    {
        var task = Support.Task("ptb");
        var totals = new Dictionary<string, Totals> { ["all"] = new(4, 4 * Math.Log(8), 1) };
        Assert.Equal(["loss", "perplexity", "bits_per_token", "accuracy"], task.Metrics.Select(m => m.Name));
        foreach (var (metric, expected) in task.Metrics.Zip([Math.Log(8), 8, 3, 0.25])) Assert.Equal(expected, metric.Of(totals), 12);
    }

    [Fact]
    public void Without_its_files_it_says_where_they_belong()
    {
        Assert.Contains("--data", Support.Fails(() => Support.Task("ptb").Open(Support.Context())));
        using var folder = new TemporaryFolder();
        var message = Support.Fails(() => Support.Task("ptb").Open(Support.Context(folder: folder.Path)));
        Assert.Contains(Path.Combine(folder.Path, "ptb", "ptb.train.txt"), message);
    }

    [Fact]
    public void Another_text_is_not_taken_for_it()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in files) folder.Write("ptb/" + file, " a b \n");
        var message = Support.Fails(() => Support.Task("ptb").Open(Support.Context(folder: folder.Path)));
        Assert.Contains("has 3 tokens", message);
        Assert.Contains("929589", message);
    }
}
