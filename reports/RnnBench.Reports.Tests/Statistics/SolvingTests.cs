using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Tests;

/// <summary>Statistics of what is solved or not, and when.</summary>
public sealed class SolvingTests
{
    /// <summary>Weeks of remission under 6-mercaptopurine; Freireich et al. 1963, as in Kalbfleisch and Prentice 1980, table 1.1. True: relapsed.</summary>
    static readonly (double, bool)[] remission =
    [
        (6, true), (6, true), (6, true), (6, false), (7, true), (9, false), (10, true), (10, false), (11, false), (13, true), (16, true), (17, false),
        (19, false), (20, false), (22, true), (23, true), (25, false), (32, false), (32, false), (34, false), (35, false),
    ];

    [Theory]
    [InlineData(5, 1)]
    [InlineData(6, 0.857)]
    [InlineData(7, 0.807)]
    [InlineData(12, 0.753)]
    [InlineData(13, 0.690)]
    [InlineData(16, 0.627)]
    [InlineData(22, 0.538)]
    [InlineData(40, 0.448)]
    public void Kaplan_meier_of_freireichs_remissions(double week, double survival) => Assert.Equal(survival, KaplanMeier.Of(remission).At(week), 5e-4);

    [Fact]
    public void Kaplan_meier_has_greenwoods_interval_and_a_median()
    {
        var estimate = KaplanMeier.Of(remission);
        Assert.Equal(23, estimate.Median);                                                    // R: survfit(..., conf.type="log-log")
        Assert.Equal((0.6197, 0.9516), (Math.Round(estimate.Steps[0].Low, 4), Math.Round(estimate.Steps[0].High, 4)));
        Assert.Null(KaplanMeier.Of([(1, true), (5, false), (5, false)]).Median);
    }

    [Fact]
    public void Without_censoring_it_is_the_share_that_is_left()
    {
        var estimate = KaplanMeier.Of([(1, true), (2, true), (2, true), (4, true)]);
        Assert.Equal([1, 0.75, 0.25, 0], new[] { 0.5, 1, 3, 4 }.Select(estimate.At));
        Assert.Equal(2, estimate.Median);
        Assert.Empty(KaplanMeier.Of([(3, false)]).Steps);
    }

    [Fact]
    public void Kaplan_meier_finds_an_exponential_under_censoring_and_covers_it()
    {
        var random = Resampling.Generator(21);
        var (sum, covered, truth) = (0.0, 0, Math.Exp(-1));
        for (var k = 0; k < 2000; k++)
        {
            var estimate = KaplanMeier.Of([.. Enumerable.Range(0, 60).Select(_ =>
            {
                var (event_, cut) = (-Math.Log(1 - random.NextDouble()), -2 * Math.Log(1 - random.NextDouble()));
                return (Math.Min(event_, cut), event_ <= cut);
            })]);
            var last = estimate.Steps.Last(step => step.Time <= 1);
            sum += last.Survival;
            if (last.Low <= truth && truth <= last.High) covered++;
        }
        Assert.Equal(truth, sum / 2000, 0.005);
        Assert.InRange(covered / 2000.0, 0.93, 0.97);
    }

    [Theory]     // Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10.
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(10, 10, 0, 20, 0.6791, 1.0)]
    [InlineData(5, 56, 0, 29, -0.0381, 0.1926)]
    public void Difference_of_shares_of_newcombes_examples(int a, int m, int b, int n, double low, double high)
    {
        var difference = ShareDifference.Of(WilsonInterval.Of(a, m), WilsonInterval.Of(b, n));
        Assert.Equal((double)a / m - (double)b / n, difference.Difference, 1e-12);
        Assert.Equal(low, difference.Low, 6e-5);
        Assert.Equal(high, difference.High, 6e-5);
    }
}
