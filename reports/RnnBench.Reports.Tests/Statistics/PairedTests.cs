using MathNet.Numerics.Distributions;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Tests;

/// <summary>Tests and intervals of paired differences.</summary>
public sealed class PairedTests
{
    /// <summary>Darwin's maize, crossed minus self-fertilised, in eighths of an inch; Fisher 1935, section 17.</summary>
    static readonly double[] maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

    [Fact]
    public void Sign_flips_of_darwins_maize() => Assert.Equal(2 * 863 / 32768.0, SignFlip.P(maize), 1e-15);      // Fisher 1935, section 21: 5.267 %

    [Fact]
    public void Sign_flips_are_counted_as_by_hand()
    {
        double[] differences = [0.3, -0.1, 0.25, 0.4, 0.05, -0.2];
        var extreme = Enumerable.Range(0, 64).Count(pattern => Math.Abs(differences.Select((d, k) => (pattern >> k & 1) == 0 ? d : -d).Sum()) >= 0.7 - 1e-12);
        Assert.Equal(extreme / 64.0, SignFlip.P(differences));
        Assert.Equal(1, SignFlip.P([]));
        Assert.Equal(1, SignFlip.P([0, 0, 0]));
        Assert.Equal(0.0625, SignFlip.P([1, 2, 3, 4, 5]));
        Assert.Equal(0.0625, SignFlip.P([1, 2, 0, 3, 4, 5]));                                 // a zero decides nothing
    }

    [Fact]
    public void Many_pairs_are_tested_by_random_signs()
    {
        var doubled = maize.Concat(maize).ToArray();
        var z = doubled.Sum() / Math.Sqrt(doubled.Sum(d => d * d));
        Assert.Equal(2 * Normal.CDF(0, 1, -z), SignFlip.P(doubled), 0.005);                   // the normal limit
    }

    [Fact]
    public void Sign_flips_reject_at_their_level()
    {
        var random = Resampling.Generator(1);
        var rejected = Enumerable.Range(0, 20_000).Count(_ => SignFlip.P(Gaussians(random, 8)) <= 0.05) / 20_000.0;
        Assert.Equal(12.0 / 256, rejected, 0.005);                                            // the largest level of 2^-7 steps below 0.05
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(150, 1)]
    public void Bca_covers_at_its_level(int count, int kind)
    {
        var (random, draws) = (Resampling.Generator(2), Resampling.Generator(5));
        Func<double> value = kind == 0 ? () => Normal.Sample(random, 0, 1) : () => -Math.Log(1 - random.NextDouble());    // exponential: skewed, mean 1
        var covered = Enumerable.Range(0, 1500).Count(_ => BcaInterval.Of([.. Enumerable.Range(0, count).Select(_ => value())], resamples: 400, random: draws) is var interval
            && interval.Low <= kind && kind <= interval.High) / 1500.0;
        Assert.InRange(covered, 0.93, 0.97);
    }

    [Fact]
    public void Bca_of_a_symmetric_sample_is_nearly_the_percentile_interval()
    {
        var interval = BcaInterval.Of([-3, -2, -1, 0, 1, 2, 3]);
        Assert.Equal(0, interval.Estimate);
        Assert.Equal(-interval.Low, interval.High, 0.15);
        Assert.Equal(1.96 * Math.Sqrt(4.0 / 7), interval.High, 0.1);                          // the normal limit: variance 28/7, over 7
    }

    [Fact]
    public void Bca_of_equal_values_is_a_point_and_of_one_has_no_ends()
    {
        Assert.Equal(new BcaInterval(2, 2, 2), BcaInterval.Of([2, 2, 2]));
        Assert.True(BcaInterval.Of([2]) is { Estimate: 2, Low: double.NaN });
        Assert.True(double.IsNaN(BcaInterval.Of([]).Estimate));
    }

    [Fact]
    public void Bca_moves_towards_the_long_tail()
    {
        double[] skewed = [0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.5, 0.7, 1.2, 4.0];
        var interval = BcaInterval.Of(skewed);
        Assert.True(interval.High - interval.Estimate > 1.3 * (interval.Estimate - interval.Low));
        Assert.Equal(interval, BcaInterval.Of(skewed));                                       // a fixed generator
    }

    [Fact]
    public void Equivalence_is_an_interval_within_the_margin()
    {
        // Two differences have one degree of freedom, where t is a Cauchy variable: P(T > 2) = 1/2 - atan(2)/π.
        var tost = Equivalence.Of([-1, 1], 2);
        Assert.Equal(0.5 - Math.Atan(2) / Math.PI, tost.P, 1e-12);
        Assert.Equal(Math.Tan(0.45 * Math.PI), tost.High, 1e-9);
        Assert.Equal((0, 1, 0.5), (Equivalence.Of([1, 1, 1], 2).P, Equivalence.Of([3, 3, 3], 2).P, Equivalence.Of([2, 2, 2], 2).P));
        Assert.True(double.IsNaN(Equivalence.Of([1], 2).P));
    }

    [Fact]
    public void Equivalence_keeps_its_level_at_the_margin_and_finds_what_is_equal()
    {
        var random = Resampling.Generator(3);
        double Declared(double difference) => Enumerable.Range(0, 8000).Count(_ => Equivalence.Of([.. Gaussians(random, 12).Select(x => x + difference)], 1).P <= 0.05) / 8000.0;
        Assert.InRange(Declared(1), 0.04, 0.06);
        Assert.InRange(Declared(-1), 0.04, 0.06);
        Assert.True(Declared(0) > 0.8);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public void The_detectable_effect_is_detected_as_often_as_it_says(int pairs)
    {
        var effect = DetectableEffect.Of(pairs)!.Value;
        var random = Resampling.Generator(4);
        var power = Enumerable.Range(0, 8000).Count(_ => SignFlip.P([.. Gaussians(random, pairs).Select(x => x + effect)]) <= 0.05) / 8000.0;
        Assert.Equal(0.8, power, 0.025);
    }

    [Fact]
    public void Six_pairs_must_all_agree()
    {
        // p = 1/32 needs six equal signs: Φ(d)^6 = 0.8 in closed form.
        Assert.Equal(Normal.InvCDF(0, 1, Math.Pow(0.8, 1.0 / 6)), DetectableEffect.Of(6)!.Value, 0.06);
        Assert.Null(DetectableEffect.Of(5));
        Assert.Null(DetectableEffect.Of(6, comparisons: 2));
    }

    [Theory]     // Cohen 1988, table 2.3.5 and G*Power 3: paired t, two-sided 0.05, power 0.80.
    [InlineData(34, 0.5)]
    [InlineData(15, 0.78)]
    public void The_detectable_effect_of_many_pairs_is_that_of_the_t_test(int pairs, double effect) => Assert.Equal(effect, DetectableEffect.Of(pairs)!.Value, 0.01);

    [Fact]
    public void Power_of_the_t_test_without_an_effect_is_its_level() => Assert.Equal(0.05, DetectableEffect.PowerOfT(0, 20, 0.05), 1e-6);

    [Fact]
    public void Pairs_are_those_that_both_have()
    {
        var comparison = PairedComparison.Of(new Dictionary<long, double> { [1] = 3, [2] = 5, [4] = 9 }, new Dictionary<long, double> { [2] = 4, [1] = 1, [3] = 0 });
        Assert.Equal([2.0, 1.0], comparison.Differences);
        Assert.Equal((2, 1.5, 0.5, 0.75), (comparison.Pairs, comparison.Difference.Estimate, comparison.P, comparison.Improvement));
        Assert.False(comparison.CanDecide(1));
    }

    static double[] Gaussians(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => Normal.Sample(random, 0, 1))];
}
