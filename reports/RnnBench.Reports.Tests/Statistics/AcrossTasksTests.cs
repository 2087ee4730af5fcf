using MathNet.Numerics.Distributions;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Tests;

/// <summary>What is said over several tests, tasks and trials.</summary>
public sealed class AcrossTasksTests
{
    /// <summary>The fifteen p-values of Benjamini and Hochberg 1995, section 3.2 (Neuhaus et al. 1992).</summary>
    static readonly double[] thrombolysis = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];

    [Fact]
    public void Benjamini_and_hochberg_reject_four_where_holm_rejects_three()
    {
        var mixed = thrombolysis.Reverse().ToArray();
        Assert.Equal(4, Adjusted.BenjaminiHochberg(mixed).Count(q => q <= 0.05));
        Assert.Equal(3, Adjusted.Holm(mixed).Count(p => p <= 0.05));
        Assert.Equal(0.0095 * 15 / 4, Adjusted.BenjaminiHochberg(thrombolysis)[3], 1e-15);
    }

    [Fact]
    public void Holm_as_r_gives_it()
    {
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Adjusted.Holm([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1.0, 1.0], Adjusted.Holm([0.6, 0.7]));
        Assert.Empty(Adjusted.Holm([]));
    }

    [Fact]
    public void Holm_keeps_the_family_level_and_benjamini_hochberg_the_rate()
    {
        var random = Resampling.Generator(11);
        var (families, falseShare) = (0, 0.0);
        for (var k = 0; k < 4000; k++)
        {
            var p = Enumerable.Range(0, 10).Select(j => 2 * Normal.CDF(0, 1, -Math.Abs(Normal.Sample(random, j < 5 ? 0 : 3, 1)))).ToArray();
            if (Adjusted.Holm(p).Take(5).Any(x => x <= 0.05)) families++;
            var rejected = Adjusted.BenjaminiHochberg(p).Select(x => x <= 0.05).ToArray();
            falseShare += (double)rejected.Take(5).Count(x => x) / Math.Max(1, rejected.Count(x => x));
        }
        Assert.InRange(families / 4000.0, 0.02, 0.055);
        Assert.Equal(0.05 * 5 / 10, falseShare / 4000, 0.005);                                // q times the share of true null hypotheses
    }

    [Fact]
    public void The_interquartile_mean_drops_a_quarter_at_each_end()
    {
        Assert.Equal(4.5, InterquartileMean.Of([8, 7, 1, 2, 6, 3, 5, 4]));
        Assert.Equal(3, InterquartileMean.Of([1, 2, 3, 4, 100]));                             // scipy.stats.trim_mean(x, 0.25) cuts one of five
        Assert.True(double.IsNaN(InterquartileMean.Of([])));
    }

    [Fact]
    public void Stratified_intervals_cover_at_their_level()
    {
        var (random, draws) = (Resampling.Generator(12), Resampling.Generator(6));
        double[] means = [0, 1, 5];
        var covered = Enumerable.Range(0, 800).Count(_ =>
        {
            double[][] tasks = [.. means.Select(m => Enumerable.Range(0, 20).Select(_ => Normal.Sample(random, m, 1)).ToArray())];
            var interval = StratifiedInterval.Of(tasks, sample => sample.Average(task => task.Average()), 600, draws);
            return interval.Low <= 2 && 2 <= interval.High;
        }) / 800.0;
        Assert.InRange(covered, 0.92, 0.97);
    }

    [Fact]
    public void Strata_do_not_mix()
    {
        var interval = InterquartileMean.Over([[1, 1, 1], [5, 5, 5]], 200);
        Assert.Equal(interval, new StratifiedInterval(3, 3, 3));
    }

    [Fact]
    public void Probability_of_improvement_is_mann_and_whitneys_share()
    {
        Assert.Equal((1 + 0.5) / 4, ProbabilityOfImprovement.Of([1, 2], [1.5, 2]));
        // Gaussians one deviation apart: Φ(1/√2).
        var random = Resampling.Generator(13);
        double[] Draw(double mean) => [.. Enumerable.Range(0, 2000).Select(_ => Normal.Sample(random, mean, 1))];
        Assert.Equal(Normal.CDF(0, 1, 1 / Math.Sqrt(2)), ProbabilityOfImprovement.Of(Draw(1), Draw(0)), 0.02);
        Assert.Equal(0.75, ProbabilityOfImprovement.Over([[1, 2], [1, 1]], [[0, 0], [1, 1]], 100).Estimate);
    }

    [Fact]
    public void A_profile_falls_from_all_to_none()
    {
        double[][] tasks = [[0.2, 0.4], [0.6, 0.8, 1.0, 1.2]];
        Assert.Equal([1.0, (0.5 + 1) / 2, (0 + 0.75) / 2, 0.0], new[] { 0, 0.3, 0.7, 1.2 }.Select(level => PerformanceProfile.At(tasks, level)));
        Assert.All(PerformanceProfile.Over(tasks, [0.3, 0.7], 300), band => Assert.InRange(band.Estimate, band.Low, band.High));
    }

    [Fact]
    public void Best_of_k_runs_from_the_mean_to_the_best()
    {
        var expected = BestOfK.Of([3, 1, 2]);
        Assert.Equal([2, Math.Round(8.0 / 3, 12), 3], expected.Select(x => Math.Round(x, 12)));   // of 2: {1,2} 2, {1,3} 3, {2,3} 3
        // The best of k of n equally spaced values: k (n + 1) / (k + 1).
        var spaced = BestOfK.Of([.. Enumerable.Range(1, 20).Select(k => (double)k)]);
        for (var k = 1; k <= 20; k++) Assert.Equal(k * 21.0 / (k + 1), spaced[k - 1], 1e-10);
    }
}
