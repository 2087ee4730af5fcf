using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests;

public class SentimentTests
{
    static readonly SentimentTree[] trees =
    [
        new([3, 1, 3], ["good", "bad", null], [-1, -1, 0], [-1, -1, 1]),
        new([2, 4, 2, 2, 4], ["a", "film", "and", null, null], [-1, -1, -1, 1, 0], [-1, -1, -1, 2, 3]),
        new([0], ["bad"], [-1], [-1]),
    ];

    static readonly Dictionary<string, int> ids = new() { ["good"] = 0, ["bad"] = 1, ["a"] = 2, ["film"] = 3, ["and"] = 4 };

    static ITaskData Open(SentimentForm form, int batch = 2, Func<int, int?>? classOf = null) =>
        form.Open(Support.Context(batch), new[] { Split.Train, Split.Valid, Split.Test }.ToDictionary(s => s, _ => trees), ids, classOf ?? (label => label), new Dictionary<string, string>(), null);

    [Fact]
    public void Every_phrase_is_a_sequence_with_its_label()
    {
        using var data = Open(new SentimentForm(Trees: false, Phrases: true, Spans: 0, JudgesPhrases: false), batch: 4);
        Assert.Equal(3, data.BatchesPerEpoch);
        var seen = Enumerable.Range(0, 3).SelectMany(i => Sequences(data.Training(i))).Order().ToArray();
        Assert.Equal(new[] { "0: 3", "0 1: 3", "1: 1", "2: 2", "3: 4", "4: 2", "3 4: 2", "2 3 4: 4", "1: 0" }.Order(), seen);
        Assert.Equal(["1: 0", "0 1: 3", "2 3 4: 4"], data.Evaluation(Split.Valid).SelectMany(Sequences));
        Assert.Equal(seen, Enumerable.Range(3, 3).SelectMany(i => Sequences(data.Training(i))).Order());
    }

    [Fact]
    public void Drawn_phrases_come_with_the_sentence_and_change_with_the_epoch()
    {
        using var data = Open(new SentimentForm(Trees: false, Phrases: true, Spans: 1, JudgesPhrases: true), batch: 10);
        Assert.Equal(1, data.BatchesPerEpoch);
        var epochs = Enumerable.Range(0, 20).Select(i => Sequences(data.Training(i)).ToArray()).ToArray();
        Assert.All(epochs, epoch => Assert.Equal(5, epoch.Length));
        Assert.All(epochs, epoch => Assert.Superset(new HashSet<string> { "0 1: 3", "2 3 4: 4", "1: 0" }, epoch.ToHashSet()));
        Assert.True(epochs.Select(epoch => string.Join('|', epoch.Order())).Distinct().Count() > 3);
        Assert.Equal(9, data.Evaluation(Split.Test).Sum(batch => batch.Size));
        Support.Same(data.Training(7), Open(new SentimentForm(false, true, 1, true), batch: 10).Training(7));
    }

    [Fact]
    public void A_forest_holds_its_trees_one_after_the_other()
    {
        using var data = Open(new SentimentForm(Trees: true, Phrases: true, Spans: 0, JudgesPhrases: false), batch: 3);
        var batch = Assert.Single(data.Evaluation(Split.Valid));
        Assert.Equal((9, 1), (batch.Steps, batch.Size));
        Assert.Equal([0, 1, -1, 2, 3, 4, -1, -1, 1], batch.Ids!);
        Assert.Equal([-1, -1, -1, -1, 0, 1, -1, -1, -1, -1, -1, -1, 4, 5, 3, 6, -1, -1], batch.Children!);
        Assert.Equal([0f, 0, 1, 0, 0, 0, 0, 1, 1], batch.Groups[Batch.Trained]);
        Assert.Equal([3, 4, 0], batch.Labels!.Zip(batch.Groups[Batch.Trained]).Where(p => p.Second > 0).Select(p => p.First));
        Assert.All(data.Training(0).Groups[Batch.Trained], weight => Assert.Equal(1, weight));
    }

    [Fact]
    public void A_clause_ends_with_its_punctuation()
    {
        SentimentTree tree = new([2, 2, 2, 2, 2, 2, 2], ["good", ",", null, "bad", ".", null, null], [-1, -1, 0, -1, -1, 3, 2], [-1, -1, 1, -1, -1, 4, 5]);
        var known = new Dictionary<string, int> { ["good"] = 0, [","] = 1, ["bad"] = 2, ["."] = 3 };
        using var data = new SentimentForm(false, false, 0, false).Open(Support.Context(1), new[] { Split.Train, Split.Valid, Split.Test }.ToDictionary(s => s, _ => new[] { tree }),
            known, label => label, new Dictionary<string, string>(), null);
        Assert.Equal([0, 0, 1, 1], data.Training(0).Clauses!);
    }

    [Fact]
    public void What_has_no_class_is_left_out()
    {
        Func<int, int?> binary = label => label < 2 ? 0 : label > 2 ? 1 : null;
        using var sequences = Open(new SentimentForm(Trees: false, Phrases: true, Spans: 0, JudgesPhrases: false), batch: 9, binary);
        Assert.Equal(new[] { "0: 1", "0 1: 1", "1: 0", "3: 1", "2 3 4: 1", "1: 0" }.Order(), Sequences(sequences.Training(0)).Order());
        using var forests = Open(new SentimentForm(Trees: true, Phrases: true, Spans: 0, JudgesPhrases: false), batch: 9, binary);
        Assert.Equal(6, forests.Training(0).Groups[Batch.Trained].Sum());
    }

    /// <summary>Each sequence of a batch and its class, with the padding left out.</summary>
    static IEnumerable<string> Sequences(Batch batch) => Enumerable.Range(0, batch.Size).Select(b =>
        $"{string.Join(' ', Enumerable.Range(0, batch.Lengths?[b] ?? batch.Steps).Select(t => batch.Ids![t * batch.Size + b]))}: {batch.Labels![b]}");

    [Theory]
    [InlineData("sst-5", 8544, 318_582, 1101, 41_447)]
    [InlineData("sst-2", 6920, 0, 872, 0)]
    public void The_real_trees_are_as_many_as_published(string id, int sentences, int nodes, int judged, int judgedNodes)
    {
        var folder = Support.RealData();
        using var root = Support.Task(id, ("labels", "root")).Open(Support.Context(1, folder: folder));
        Assert.Equal((sentences, judged), (root.BatchesPerEpoch, root.Evaluation(Split.Valid).Sum(b => b.Size)));
        using var forest = Support.Task(id, ("form", "tree"), ("evaluate", "phrases")).Open(Support.Context(1, folder: folder));
        Assert.Equal(sentences, forest.BatchesPerEpoch);
        if (nodes == 0) return;
        Assert.Equal(judgedNodes, forest.Evaluation(Split.Valid).Sum(b => b.Steps));
        using var phrases = Support.Task(id).Open(Support.Context(1, folder: folder));
        Assert.Equal(nodes, phrases.BatchesPerEpoch);
    }

    [Fact]
    public void Word_vectors_are_found_by_name_and_by_path()
    {
        var (folder, name) = (Support.RealData(), "glove.840B.300d.sick");
        foreach (var vectors in new[] { name, Path.Combine(folder, "glove", name + ".txt"), Path.Combine(folder, "glove", name + ".txt.gz") })
        {
            var task = Support.Task("sst-5", ("labels", "root"), ("vectors", vectors));
            using var data = task.Open(Support.Context(1, folder: folder));
            Assert.Equal(Enumerable.Range(0, 21_701), data.Vectors!.Keys);
            Assert.All(data.Vectors!.Values, vector => Assert.Equal(300, vector.Length));
            var unknown = data.Vectors!.Values.Where(vector => vector.All(x => Math.Abs(x) <= 0.05f)).ToArray();
            Assert.InRange(21_701 - unknown.Length, 1334, 1700);
            Assert.InRange(unknown.Max(vector => vector.Max()), 0.0499f, 0.05f);
            Assert.Equal("245e9d88ca512d0ef5be6b801dd19539b5ff23ec4b78b67fc6fca4ea5b7c3f4a", data.Provenance[name + ".txt"]);
            Assert.Contains($"vectors of {Path.GetFileName(vectors)}", task.Protocol);
        }
        Assert.Contains("nowhere.txt is missing", Support.Fails(() => Support.Task("sst-5", ("vectors", "/no/nowhere.txt")).Open(Support.Context(1, folder: folder))));
    }

    [Fact]
    public void A_tree_of_the_grammar_follows_its_rules()
    {
        static Grammar.Derivation Word(string word) => new(word, []);
        static Grammar.Derivation Of(params Grammar.Derivation[] parts) => new("X", parts);
        // (a dog) (fears ((the bad) cats)): what is bad is feared, so that the whole is good.
        var tree = PcfgSentiment.Tree(Of(Of(Word("a"), Word("dog")), Of(Word("fears"), Of(Of(), Of(Word("the"), Of(Word("bad"), Word("cats")))))));
        Assert.Equal(["a", "dog", "fears", "the", "bad", "cats"], tree.Leaves);
        Assert.Equal(3, tree.Root);
        Assert.Equal([1, 1, 3, 3], tree.Labels[^4..]);
    }

    [Theory, InlineData("sequence"), InlineData("tree")]
    public void The_grammars_sentences_can_be_judged(string form)
    {
        using var data = Support.Task("pcfg", ("form", form), ("sentences", "2000"), ("labels", "root"), ("eval_sentences", "50")).Open(Support.Context(2000));
        var batch = data.Training(0);
        var labels = batch.Labels!.Zip(batch.Groups[Batch.Trained]).Where(p => p.Second > 0).Select(p => p.First).ToArray();
        Assert.Equal(2000, labels.Length);
        var shares = Enumerable.Range(0, 5).Select(c => labels.Count(label => label == c) / 2000.0).ToArray();
        Assert.All(shares, share => Assert.InRange(share, 0.01, 0.6));
    }
}

public class ImdbTests
{
    [Fact]
    public void Words_are_runs_of_letters_and_single_signs() =>
        Assert.Equal(["it", "doesn't", "work", ".", ".", "10", "/", "10", "!", "né"], Imdb.Words("It doesn't work..<br /><br />10/10! NÉ"));

    [Fact]
    public void The_real_subset_is_divided_as_the_protocol_says()
    {
        using var data = Support.Task("imdb", ("set", "subset"), ("cut", "50"), ("vocabulary", "1000")).Open(Support.Context(10, folder: Support.RealData()));
        Assert.Equal(45, data.BatchesPerEpoch);
        var valid = data.Evaluation(Split.Valid).ToArray();
        Assert.Equal((50, 25), (valid.Sum(b => b.Size), valid.Sum(b => b.Labels!.Sum())));
        Assert.Equal(500, data.Evaluation(Split.Test).Sum(b => b.Size));
        Assert.All(data.Evaluation(Split.Test), b => Assert.InRange(b.Steps, 1, 50));
        Assert.InRange(data.Training(0).Ids!.Max(), 500, 1000);
        Assert.Null(data.Vectors);
    }

    [Fact]
    public void Reviews_may_start_from_word_vectors_too()
    {
        var folder = Support.RealData();
        using var data = Support.Task("imdb", ("set", "subset"), ("cut", "50"), ("vocabulary", "1000"), ("vectors", "glove.840B.300d.sick")).Open(Support.Context(10, folder: folder));
        Assert.Equal(Enumerable.Range(0, 1001), data.Vectors!.Keys);
        Assert.InRange(data.Vectors!.Values.Count(vector => vector.Any(x => Math.Abs(x) > 0.05f)), 300, 900);
        Assert.Equal(["aclImdb_subset1000.tar", "glove.840B.300d.sick.txt"], data.Provenance.Keys.Order());
    }
}

public class MovingDigitsTests
{
    [Theory]
    [InlineData(16, 2), InlineData(17, 1), InlineData(64, 3)]
    public void Each_target_is_the_next_frame(int size, int objects)
    {
        using var data = Support.Task("moving-digits", ("size", $"{size}"), ("objects", $"{objects}"), ("T", "6")).Open(Support.Context(3));
        var batch = data.Training(0);
        var frame = 3 * size * size;
        Assert.Equal(6 * frame, batch.Values!.Length);
        Assert.Equal(batch.Values[frame..], batch.Bits![..^frame]);
        for (var t = 0; t < 6 * 3; t++) Assert.InRange(batch.Values.Skip(t * size * size).Take(size * size).Sum(), 4, objects * 28 * 28);
        Assert.NotEqual(batch.Values[..frame], batch.Bits[..frame]);
        Support.Same(batch, data.Training(0));
    }

    [Fact]
    public void Digits_keep_their_ink_when_they_are_made_smaller()
    {
        var task = Support.Task("moving-digits", ("source", "digits"), ("size", "32"), ("objects", "1"), ("T", "2"));
        using var data = task.Open(Support.Context(200, folder: Support.RealData()));
        var mean = data.Training(0).Values!.Average();
        // 0.1307 is MNIST's mean; a digit covers 14 x 14 of 32 x 32 pixels.
        Assert.Equal(0.1307 * 14 * 14 / (32 * 32), mean, 0.003);
        Assert.Equal(2, data.Provenance.Count);
    }
}
