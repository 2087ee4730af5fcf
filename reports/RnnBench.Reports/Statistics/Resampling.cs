using MathNet.Numerics.Random;

namespace RnnBench.Reports.Statistics;

/// <summary>What all resampling has in common: how often, and generators that give the same numbers on every machine and in every version of .NET.</summary>
public static class Resampling
{
    /// <summary>Resamples of one sample of differences.</summary>
    public const int Resamples = 10_000;
    /// <summary>Resamples where tasks are put together.</summary>
    public const int StratifiedResamples = 50_000;
    const int Seed = 20150706;

    /// <summary>A generator (Blackman and Vigna 2018, xoshiro256**) from a fixed seed, so that a report has the same bytes each time it is written.</summary>
    /// <param name="stream">Another number gives other draws.</param>
    public static Random Generator(int stream = 0) => new Xoshiro256StarStar(Seed + stream, threadSafe: false);

    /// <summary>Draws as many values with replacement as there are.</summary>
    /// <param name="values">From these.</param>
    /// <param name="into">Where they go; as long as <paramref name="values"/>.</param>
    /// <param name="random">Draws.</param>
    internal static void Draw(IReadOnlyList<double> values, double[] into, Random random)
    {
        for (var k = 0; k < into.Length; k++) into[k] = values[random.Next(values.Count)];
    }

    /// <summary>The quantile of sorted values by linear interpolation (Hyndman and Fan 1996, type 7).</summary>
    internal static double Sorted(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var low = (int)Math.Floor(place);
        return low + 1 < sorted.Length ? sorted[low] + (place - low) * (sorted[low + 1] - sorted[low]) : sorted[low];
    }
}
