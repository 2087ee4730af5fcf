using RnnBench.Language;

namespace RnnBench.Tasks.Tests;

public class GeneratedDataTests
{
    static BenchTask Make(string id, int evaluated = 30) =>
        Support.Task(id, [.. id is "copy" or "adding" ? new[] { ("T", "9") } : [], ("eval_sequences", $"{evaluated}")]);

    [Theory, InlineData("copy"), InlineData("adding"), InlineData("arithmetic"), InlineData("xml"), InlineData("memorise")]
    public void A_batch_depends_on_its_number_alone(string id)
    {
        using var data = Make(id).Open(Support.Context());
        Batch[] forwards = [.. Enumerable.Range(0, 5).Select(i => data.Training(i))];
        using var again = Make(id).Open(Support.Context());
        for (var i = 4; i >= 0; i--) Support.Same(forwards[i], again.Training(i));
        Support.Same(forwards[2], data.Training(2));
        Assert.Null(data.BatchesPerEpoch);
    }

    [Theory, InlineData("copy"), InlineData("adding"), InlineData("arithmetic"), InlineData("xml"), InlineData("memorise")]
    public void Batches_seeds_and_sets_differ(string id)
    {
        using var data = Make(id).Open(Support.Context());
        using var other = Make(id).Open(Support.Context(seed: 2));
        Batch[] all = [data.Training(0), data.Training(1), other.Training(0), .. Enum.GetValues<Split>().SelectMany(data.Evaluation)];
        var firsts = all.Select(Content).ToArray();
        Assert.Equal(firsts.Length, firsts.Distinct().Count());

        static string Content(Batch b) => b.Ids is { } ids ? string.Join(",", ids.Take(b.Size * 10)) : string.Join(",", b.Values!.Take(b.Size * 10));
    }

    [Theory, InlineData("copy"), InlineData("adding"), InlineData("arithmetic"), InlineData("xml"), InlineData("memorise")]
    public void Evaluation_is_fixed_whatever_the_training_batch(string id)
    {
        foreach (var split in Enum.GetValues<Split>())
        {
            using var small = Make(id, 250).Open(Support.Context(batch: 1));
            using var large = Make(id, 250).Open(Support.Context(batch: 50));
            Batch[] expected = [.. small.Evaluation(split)], actual = [.. large.Evaluation(split)];
            Assert.Equal([100, 100, 50], actual.Select(b => b.Size));
            foreach (var (a, b) in expected.Zip(actual)) Support.Same(a, b);
            foreach (var (a, b) in expected.Zip(small.Evaluation(split))) Support.Same(a, b);
            Assert.All(actual, b => Assert.True(b.StartsFresh));
        }
    }

    [Theory, InlineData("copy"), InlineData("adding"), InlineData("arithmetic"), InlineData("xml"), InlineData("memorise")]
    public void A_larger_set_begins_with_the_smaller_one(string id)
    {
        using var small = Make(id, 100).Open(Support.Context());
        using var large = Make(id, 300).Open(Support.Context());
        Support.Same(small.Evaluation(Split.Test).Single(), large.Evaluation(Split.Test).First());
    }

    [Fact]
    public void Another_culture_changes_nothing()
    {
        using var data = Make("adding").Open(Support.Context());
        Support.Same(data.Training(1234567), Support.Abroad(() => Make("adding").Open(Support.Context()).Training(1234567)));
        Assert.Equal(Make("copy").Protocol, Support.Abroad(() => Make("copy").Protocol));
        Assert.Equal(Support.Task("copy", ("T", "5")).Text, Support.Abroad(() => Support.Task("copy", ("T", "5")).Text));
    }

    [Fact]
    public void A_batch_that_cannot_be_held_is_refused()
    {
        var task = Support.Task("copy", ("T", "100000"), ("symbols", "1000"));
        Assert.Contains("smaller batch", Support.Fails(() => task.Open(Support.Context(batch: 1_000_000))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make("copy").Open(Support.Context(batch: 0)));
    }

    [Fact]
    public void A_negative_number_is_no_batch()
    {
        using var data = Make("copy").Open(Support.Context());
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Training(-1));
    }
}
