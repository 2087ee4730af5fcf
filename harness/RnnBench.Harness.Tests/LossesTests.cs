using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

public class LossesTests
{
    static Batch Classes(int[] labels, params (string Name, float[] Weights)[] groups) => new()
    {
        Steps = labels.Length / 2, Size = 2, Labels = labels, StartsFresh = true, Groups = groups.ToDictionary(g => g.Name, g => g.Weights),
    };

    static RowLosses Judged(Tensor outputs, Batch batch, long[]? rows)
    {
        var each = Losses.Each(outputs, batch, rows);
        return new RowLosses(each.sum(), each, batch.Labels is null ? null : () => outputs.argmax(1).eq(Losses.Labels(batch, rows)));
    }

    [Fact]
    public void Cross_entropy_is_counted_by_group()
    {
        var batch = Classes([0, 1, 1, 0], (Batch.Trained, [1, 1, 1, 0]), ("last", [0, 0, 1, 0]));
        var rows = Losses.Rows(batch, batch.Groups.Keys);
        Assert.Equal([0L, 1, 2], rows!);
        // Scores 0 and ln 3: probabilities 1/4 and 3/4.
        using var outputs = tensor(new double[] { 0, Math.Log(3), 0, Math.Log(3), Math.Log(3), 0 }, [3, 2]);
        var totals = Losses.Sum(Judged(outputs, batch, rows), batch, rows);
        Assert.Equal((3L, 1L), (totals[Batch.Trained].Count, totals[Batch.Trained].Correct));
        Assert.Equal(Math.Log(4) - Math.Log(0.75) + Math.Log(4), totals[Batch.Trained].Loss, 1e-12);
        Assert.Equal((1L, 0L), (totals["last"].Count, totals["last"].Correct));
        Assert.Equal(Math.Log(4), totals["last"].Loss, 1e-12);
    }

    [Fact]
    public void Squared_error_is_a_mean_over_outputs()
    {
        var batch = new Batch
        {
            Steps = 2, Size = 1, Targets = [9, 9, 1, 2], StartsFresh = true, Groups = new Dictionary<string, float[]> { [Batch.Trained] = [0, 1] },
        };
        var rows = Losses.Rows(batch, [Batch.Trained]);
        using var outputs = tensor(new double[] { 2, 4 }, [1, 2]);
        Assert.Equal(new Totals(1, 2.5, 0), Losses.Sum(Judged(outputs, batch, rows), batch, rows)[Batch.Trained]);
    }

    [Fact]
    public void Bits_are_a_sum_over_outputs_and_steps_that_do_not_count_change_nothing()
    {
        var batch = new Batch
        {
            Steps = 2, Size = 2, Bits = [1, 0, 0, 1, 0, 0, 1, 1], StartsFresh = true,
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = [1, 1, 0, 1], ["last"] = [0, 0, 0, 1] },
        };
        var rows = Losses.Rows(batch, batch.Groups.Keys);
        // Log-odds 0 and ln 3: probabilities 1/2 and 3/4 that a bit is 1.
        using var outputs = tensor(new double[] { Math.Log(3), 0, Math.Log(3), Math.Log(3), -Math.Log(3), 1000 }, [3, 2]);
        var totals = Losses.Sum(Judged(outputs, batch, rows), batch, rows);
        Assert.Equal((3L, 0L), (totals[Batch.Trained].Count, totals[Batch.Trained].Correct));
        Assert.Equal(-Math.Log(0.75) + Math.Log(2) + Math.Log(4) - Math.Log(0.75) + Math.Log(4), totals[Batch.Trained].Loss, 1e-12);
        Assert.Equal(Math.Log(4), totals["last"].Loss, 1e-12);
    }

    [Fact]
    public void Rows_are_null_where_every_position_counts() =>
        Assert.Null(Losses.Rows(Classes([0, 0], (Batch.Trained, [1, 0]), ("other", [0, 1])), [Batch.Trained, "other"]));

    [Fact]
    public void Sums_are_made_in_double_precision()
    {
        const int count = 100_000;
        var batch = Classes([.. Enumerable.Repeat(0, count)], (Batch.Trained, [.. Enumerable.Repeat(1f, count)]));
        using var outputs = zeros(count, 2);
        using var each = Losses.Each(outputs, batch, null);
        Assert.Equal(count * (double)each[0].item<float>(), Losses.Sum(Judged(outputs, batch, null), batch, null)[Batch.Trained].Loss, 1e-7);
    }

    [Theory]
    [InlineData("mean", 0.25)]
    [InlineData("sum_steps", 0.5)]
    public void The_training_loss_is_a_mean_or_a_sum_over_steps(string loss, double expected) => Assert.Equal(expected, 1 / Losses.Divisors[loss](4, 2));
}
