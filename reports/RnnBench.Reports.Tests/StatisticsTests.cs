using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Tests;

/// <summary>Each statistic against a closed form, a published example and, where it claims coverage, by simulation.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void Mean_interval_of_students_sleep_data()
    {
        // Student 1908, the differences in hours of sleep; R's t.test gives mean 1.58 and [0.7001142, 2.4598858].
        var interval = MeanInterval.Of([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]);
        Assert.Equal(1.58, interval.Mean, 1e-12);
        Assert.Equal(0.7001142, interval.Low, 1e-7);
        Assert.Equal(2.4598858, interval.High, 1e-7);
    }

    [Fact]
    public void Mean_interval_of_two_values_follows_the_cauchy_quantile()
    {
        // With one degree of freedom t(0.975) = tan(0.475 π), and s / sqrt(2) of {0, 2} is 1.
        var interval = MeanInterval.Of([0, 2]);
        Assert.Equal(1 + Math.Tan(0.475 * Math.PI), interval.High, 1e-9);
    }

    [Fact]
    public void One_seed_has_no_interval_and_none_has_no_mean()
    {
        Assert.True(MeanInterval.Of([3.5]) is { Mean: 3.5, Low: double.NaN, High: double.NaN, Count: 1 });
        Assert.True(double.IsNaN(MeanInterval.Of([]).Mean));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void Mean_interval_covers_at_its_level(int seeds)
    {
        var random = new Random(20260115);
        Covers(20_000, () =>
        {
            var interval = MeanInterval.Of([.. Enumerable.Range(0, seeds).Select(_ => 5 + 2 * Gaussian(random))]);
            return interval.Low <= 5 && 5 <= interval.High;
        });
    }

    [Theory]     // Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson_interval_of_newcombes_examples(int successes, int trials, double low, double high)
    {
        var interval = WilsonInterval.Of(successes, trials);
        Assert.Equal(low, interval.Low, 5e-5);
        Assert.Equal(high, interval.High, 5e-5);
    }

    [Fact]
    public void Wilson_interval_covers_at_its_level()
    {
        var random = new Random(7);
        Covers(20_000, () =>
        {
            var interval = WilsonInterval.Of(Enumerable.Range(0, 100).Count(_ => random.NextDouble() < 0.3), 100);
            return interval.Low <= 0.3 && 0.3 <= interval.High;
        });
    }

    [Fact]
    public void Wilson_interval_is_mirrored_and_stays_within_bounds()
    {
        for (var k = 0; k <= 12; k++)
        {
            var (one, other) = (WilsonInterval.Of(k, 12), WilsonInterval.Of(12 - k, 12));
            Assert.Equal(one.Low, 1 - other.High, 1e-12);
            Assert.InRange(one.Low, 0, one.Share);
            Assert.InRange(one.High, one.Share, 1);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(3, 2));
    }

    [Fact]
    public void Quantiles_are_those_of_r_type_7()
    {
        double[] values = [4, 1, 3, 2];
        Assert.Equal([1, 1.75, 2.5, 3.25, 4], new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(p => Quantiles.Of(values, p)));
        Assert.Equal(7, Quantiles.Median([7]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void The_smallest_p_is_that_of_all_sign_patterns(int pairs)
    {
        // Differences that all point one way: only the pattern itself and its mirror are as extreme.
        var differences = Enumerable.Range(1, pairs).Select(k => (double)k).ToArray();
        var extreme = Enumerable.Range(0, 1 << pairs).Count(pattern => Math.Abs(differences.Select((d, k) => (pattern >> k & 1) == 0 ? d : -d).Sum()) >= differences.Sum() - 1e-9);
        Assert.Equal((double)extreme / (1 << pairs), SignFlip.SmallestP(pairs));
    }

    [Fact]
    public void Five_pairs_cannot_reach_the_level_and_six_can()
    {
        Assert.Equal(0.0625, SignFlip.SmallestP(5));
        Assert.Equal(6, SignFlip.PairsNeeded(1));
        Assert.Equal(7, SignFlip.PairsNeeded(2));       // 2^-6 = 0.0156 against 0.025
    }

    [Fact]
    public void A_geometric_fade_has_its_closed_form()
    {
        var decay = GradientDecay.Of([.. Enumerable.Range(0, 60).Select(k => 3 * Math.Pow(0.9, k))])!.Value;
        Assert.Equal(0.9, decay.Rate, 1e-10);
        Assert.Equal(7, decay.HalfLife);                // 0.9^6 = 0.531, 0.9^7 = 0.478
        Assert.Equal(21, decay.MemoryTenth);            // 0.9^21 = 0.1094, 0.9^22 = 0.0985
        Assert.Equal(43, decay.MemoryHundredth);        // 0.9^43 = 0.0108, 0.9^44 = 0.0097
        Assert.Equal(0.9 / 0.1 - 60 * Math.Pow(0.9, 60) / (1 - Math.Pow(0.9, 60)), decay.Centre, 1e-9);   // Σ k r^k / Σ r^k over k < 60
        Assert.False(decay.Exploding);
    }

    [Fact]
    public void What_does_not_fade_is_censored_and_what_grows_explodes()
    {
        var flat = GradientDecay.Of([1, 1, 1, 1])!.Value;
        Assert.Equal((1, 4, 3), (Math.Round(flat.Rate, 12), flat.HalfLife, flat.MemoryHundredth));
        Assert.True(GradientDecay.Of([1, 20, 400])!.Value.Exploding);
        Assert.Null(GradientDecay.Of([0, 1]));
        Assert.Null(GradientDecay.Of([1, double.NaN]));
    }

    [Fact]
    public void Points_below_the_floor_are_no_part_of_the_fit()
    {
        var decay = GradientDecay.Of([1, 0.5, 0.25, 0.125, 0, 0])!.Value;
        Assert.Equal(0.5, decay.Rate, 1e-12);
        Assert.True(double.IsNaN(GradientDecay.Of([1, 0, 0])!.Value.Rate));
    }

    static void Covers(int times, Func<bool> covered) => Assert.InRange(Enumerable.Range(0, times).Count(_ => covered()) / (double)times, 0.93, 0.97);

    static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
