using RnnBench.Backends.Measuring;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>The measuring itself, not the speed: figures that no machine could give are refused.</summary>
public sealed class MeasuringTests
{
    [Fact]
    public void A_timing_sums_up_its_repetitions()
    {
        var timing = Timing.Of([5, 1, 3, 2, 4]);
        Assert.Equal(new Timing(3, 1, 1.0 / 3, 5, 3), timing);
    }

    [Fact]
    public void All_pieces_of_work_run_equally_often()
    {
        var counts = new int[3];
        var times = Timing.Interleaved([.. Enumerable.Range(0, 3).Select(k => (Action)(() => { counts[k]++; Thread.Sleep(1); }))], 0.05);
        Assert.True(times.All(t => t.Count == times[0].Count && t.Lowest >= 0.9 && t.Median >= t.Lowest));
        Assert.True(counts.All(n => n > times[0].Count));
    }

    [Theory]
    [InlineData("35x20x200", 35, 20, 200)]
    [InlineData("1x1x1", 1, 1, 1)]
    public void A_shape_is_read_as_it_is_written(string text, int steps, int batch, int hidden)
    {
        Assert.Equal(new BenchShape(steps, batch, hidden), BenchShape.Parse(text));
        Assert.Equal(text, BenchShape.Parse(text).ToString());
    }

    [Theory]
    [InlineData("35x20")]
    [InlineData("35x0x200")]
    [InlineData("ax1x1")]
    public void Another_text_is_no_shape(string text) => Assert.Contains(text, Assert.Throws<UserError>(() => BenchShape.Parse(text)).Message);

    [Theory]
    [InlineData("lstm", true)]
    [InlineData("mgu", false)]
    public void Cells_are_timed_on_every_backend_that_has_them(string cell, bool library)
    {
        var row = new CellBench(ScalarType.Float32, 1, 0.02).Measure((Stack)Case.Of($"{cell}(hidden=8)", 8), new BenchShape(3, 2, 8));
        Assert.Equal(library, row.Library is not null);
        Assert.True(row.Eager.Median > 0 && row.Cpu!.Median > 0 && row.OverEager > 0);
        Assert.Equal(3.0 * 2 * 3 * 2 * (cell == "lstm" ? 4 : 2) * 2 * 64, row.Flops);
    }

    [Fact]
    public void No_product_is_faster_than_the_registers_allow()
    {
        var peak = Peak.Fma(ScalarType.Float32, 1, 0.05);
        Assert.InRange(Peak.Product(ScalarType.Float32, 1, 64, 64, 64, 0.02), 0.01, 1.3 * peak);   // the clock is not the same all the time
    }

    [Fact]
    public void Recurrences_alone_hold_no_products() =>
        Assert.All(Recurrences.Of(5), model => Assert.DoesNotContain(model.Scans[0].Cell.Nodes, e => e is Product));
}
