namespace RnnBench.Tasks.Tests;

public class CopyTests
{
    static Copy Make(int T = 100, int symbols = 8, int length = 10) =>
        (Copy)Support.Task("copy", ("T", $"{T}"), ("symbols", $"{symbols}"), ("length", $"{length}"));

    [Theory]
    [InlineData(100, 8, 10)]
    [InlineData(1, 2, 1)]
    [InlineData(7, 3, 4)]
    [InlineData(2, 9, 20)]
    public void Sequences_look_as_the_definition_draws_them(int T, int symbols, int length)
    {
        using var data = Make(T, symbols, length).Open(Support.Context(batch: 6));
        var batch = data.Training(3);

        Assert.Equal((T + 2 * length, 6, true), (batch.Steps, batch.Size, batch.StartsFresh));
        for (var b = 0; b < 6; b++)
        {
            int[] input = Row(batch.Ids!, batch, b), target = Row(batch.Labels!, batch, b), said = input[..length];
            Assert.All(said, s => Assert.InRange(s, 1, symbols));
            Assert.Equal([.. said, .. new int[T - 1], symbols + 1, .. new int[length]], input);
            Assert.Equal([.. new int[T + length], .. said], target);
            Assert.Equal(Enumerable.Repeat(1f, T + 2 * length), Row(batch.Groups["all"], batch, b));
            Assert.Equal([.. new float[T + length], .. Enumerable.Repeat(1f, length)], Row(batch.Groups["recall"], batch, b));
        }
    }

    [Fact]
    public void The_delimiter_stands_where_the_catalogue_says()
    {
        using var data = Make().Open(Support.Context(batch: 1));
        Assert.Equal(109, Array.IndexOf(data.Training(0).Ids!, 9));
    }

    [Fact]
    public void Symbols_are_uniform_with_repetition()
    {
        using var data = Make(T: 1).Open(Support.Context(batch: 4000));
        var said = data.Training(0).Ids!.Take(10 * 4000).ToArray();
        foreach (var symbol in Enumerable.Range(1, 8))
            Assert.InRange(said.Count(s => s == symbol), 4750, 5250);   // 5000 expected, standard deviation 66
    }

    [Theory]
    [InlineData(100, 0.1733)]
    [InlineData(200, 0.0945)]
    [InlineData(300, 0.0650)]
    [InlineData(500, 0.0400)]
    [InlineData(1000, 0.0204)]
    [InlineData(2000, 0.0103)]
    public void Baseline_is_the_published_table(int T, double published) => Assert.Equal(published, Make(T).Baseline!.Value, 4);

    [Fact]
    public void Baseline_is_what_a_model_without_memory_scores()
    {
        // Blank for certain up to the recall, then all symbols alike: ln 8 at ten of 120 steps.
        var task = Make();
        var totals = new Dictionary<string, Totals> { ["all"] = new(120, 10 * Math.Log(8), 110), ["recall"] = new(10, 10 * Math.Log(8), 1) };
        Assert.Equal(task.Baseline!.Value, task.Metrics[0].Of(totals), 12);
        Assert.Equal([10 * Math.Log(8) / 120, Math.Log(8), 0.1], task.Metrics.Select(m => m.Of(totals)));
    }

    [Fact]
    public void The_solved_level_proves_99_percent_recall()
    {
        // The cheapest way to be wrong at 1 % of the recall steps: a tie (ln 2) there and certainty everywhere else.
        var task = Make();
        const int sequences = 1000;
        var totals = new Dictionary<string, Totals> { ["all"] = new(120 * sequences, 0.01 * 10 * sequences * Math.Log(2), 0) };
        Assert.Equal(task.Solved!.Value, task.Metrics[0].Of(totals), 12);
        Assert.Equal(1.0 / 300, task.Solved.Value / task.Baseline!.Value, 12);
    }

    [Fact]
    public void Input_and_target_have_the_sizes_of_the_definition()
    {
        Assert.Equal(new InputKind.OneHot(10), Make().Input);
        Assert.Equal(new TargetKind.Classes(9), Make().Target);
    }

    static X[] Row<X>(X[] values, Batch batch, int b) => [.. Enumerable.Range(0, batch.Steps).Select(t => values[t * batch.Size + b])];
}
