namespace RnnBench.Tasks.Tests;

public class AddingTests
{
    static BenchTask Make(int T, string markers = "halves") => Support.Task("adding", ("T", $"{T}"), ("markers", markers));

    [Theory]
    [InlineData(2, "halves")]
    [InlineData(2, "anywhere")]
    [InlineData(7, "halves")]
    [InlineData(7, "anywhere")]
    [InlineData(50, "halves")]
    public void Two_steps_are_marked_and_the_last_asks_for_their_sum(int T, string markers)
    {
        using var data = Make(T, markers).Open(Support.Context(batch: 200));
        var batch = data.Training(0);
        Assert.Equal((T, 200, true), (batch.Steps, batch.Size, batch.StartsFresh));
        foreach (var (numbers, marks, b) in Rows(batch))
        {
            Assert.All(numbers, n => Assert.True(n is >= 0 and < 1));
            Assert.All(marks, m => Assert.True(m is 0 or 1));
            int[] marked = [.. Enumerable.Range(0, T).Where(t => marks[t] == 1)];
            Assert.Equal(2, marked.Length);
            if (markers == "halves") Assert.True(marked[0] < T / 2 && marked[1] >= T / 2, $"{marked[0]}, {marked[1]}");
            Assert.Equal(numbers[marked[0]] + numbers[marked[1]], batch.Targets![(T - 1) * 200 + b]);
        }
        Assert.Equal([.. new float[(T - 1) * 200], .. Enumerable.Repeat(1f, 200)], batch.Groups["all"]);
        Assert.Equal(["all"], batch.Groups.Keys);
    }

    [Fact]
    public void Halves_marks_each_step_of_a_half_alike()
    {
        // T = 7: the first of 0..2, the second of 3..6, 12 000 sequences.
        var counts = Marks(7, "halves");
        Assert.All(counts[..3], c => Assert.InRange(c, 3800, 4200));   // 4000 expected, standard deviation 52
        Assert.All(counts[3..], c => Assert.InRange(c, 2810, 3190));   // 3000 expected, standard deviation 47
    }

    [Fact]
    public void Anywhere_marks_every_step_and_every_pair_alike()
    {
        using var data = Make(5, "anywhere").Open(Support.Context(batch: 12_000));
        var pairs = Rows(data.Training(0)).CountBy(r => (Array.IndexOf(r.Marks, 1), Array.LastIndexOf(r.Marks, 1))).ToDictionary();
        Assert.Equal(10, pairs.Count);
        Assert.All(pairs.Values, c => Assert.InRange(c, 1065, 1335));   // 1200 expected, standard deviation 33
    }

    [Fact]
    public void Saying_one_scores_the_baseline_and_knowing_one_number_half_of_it()
    {
        var task = Make(10);
        using var data = task.Open(Support.Context());
        double one = 0, half = 0;
        long count = 0;
        for (var i = 0; i < 500; i++)
        {
            var batch = data.Training(i);
            foreach (var (numbers, marks, b) in Rows(batch))
            {
                var target = batch.Targets![9 * batch.Size + b];
                one += Math.Pow(target - 1, 2);
                half += Math.Pow(target - numbers[Array.IndexOf(marks, 1)] - 0.5, 2);
                count++;
            }
        }
        // 10 000 sequences; the squared error of saying 1 has standard deviation 0.197.
        Assert.InRange(one / count, task.Baseline!.Value - 0.008, task.Baseline.Value + 0.008);
        Assert.InRange(half / count, 1.0 / 12 - 0.004, 1.0 / 12 + 0.004);
        Assert.True(task.Solved < half / count / 5);
        Assert.Equal(one / count, task.Metrics[0].Of(new Dictionary<string, Totals> { ["all"] = new(count, one, 0) }));
    }

    [Fact]
    public void The_variant_is_stated()
    {
        Assert.Contains("each half", Make(10).Protocol);
        Assert.Contains("anywhere", Make(10, "anywhere").Protocol);
        Assert.Equal("adding(T=10,markers=anywhere)", Make(10, "anywhere").Text);
        Assert.Equal("adding", Make(100).Text);
    }

    static int[] Marks(int T, string markers)
    {
        using var data = Make(T, markers).Open(Support.Context(batch: 12_000));
        var counts = new int[T];
        foreach (var (_, marks, _) in Rows(data.Training(0)))
            for (var t = 0; t < T; t++) counts[t] += (int)marks[t];
        return counts;
    }

    static IEnumerable<(float[] Numbers, float[] Marks, int Row)> Rows(Batch batch) => Enumerable.Range(0, batch.Size).Select(b => (
        Enumerable.Range(0, batch.Steps).Select(t => batch.Values![(t * batch.Size + b) * 2]).ToArray(),
        Enumerable.Range(0, batch.Steps).Select(t => batch.Values![(t * batch.Size + b) * 2 + 1]).ToArray(), b));
}
