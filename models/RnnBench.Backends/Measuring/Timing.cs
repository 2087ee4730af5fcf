using System.Diagnostics;
using System.Runtime;

namespace RnnBench.Backends.Measuring;

/// <summary>How long something took, over many repetitions; milliseconds.</summary>
/// <param name="Median">The middle of all.</param>
/// <param name="Lowest">The shortest: what the machine can do when nothing disturbs it.</param>
/// <param name="Spread">Half the distance between the quartiles, as a share of the median.</param>
/// <param name="Count">The number of repetitions.</param>
/// <param name="Mean">The mean of all.</param>
public sealed record Timing(double Median, double Lowest, double Spread, int Count, double Mean)
{
    /// <summary>Sums up repetitions.</summary>
    /// <param name="milliseconds">At least one.</param>
    public static Timing Of(IEnumerable<double> milliseconds)
    {
        double[] sorted = [.. milliseconds.Order()];
        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
        return new Timing(At(0.5), sorted[0], (At(0.75) - At(0.25)) / 2 / At(0.5), sorted.Length, sorted.Average());
    }

    /// <summary>
    /// Times several pieces of work in turn, in one process: what disturbs the machine disturbs all alike. Each is first run until it has
    /// settled, so that neither compilation nor cold caches are in the figures.
    /// </summary>
    /// <param name="work">The pieces.</param>
    /// <param name="seconds">For all together, warming up left out; each runs five times at least.</param>
    public static IReadOnlyList<Timing> Interleaved(IReadOnlyList<Action> work, double seconds)
    {
        foreach (var one in work) Warm(one, Math.Max(0.15, seconds / work.Count / 4));
        Settle(work, Math.Min(5, 10 * seconds));
        var found = work.Select(_ => new List<double>()).ToArray();
        var watch = Stopwatch.StartNew();
        for (var round = 0; watch.Elapsed.TotalSeconds < seconds || round < 5; round++)
            for (var i = 0; i < work.Count; i++)
            {
                var k = (i + round) % work.Count;                   // nobody always runs behind the same neighbour
                found[k].Add(Once(work[k]));
            }
        return [.. found.Select(Of)];
    }

    /// <summary>Milliseconds of one run.</summary>
    public static double Once(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>
    /// Goes on until the runtime has compiled for good what it found to be called often: it does so in the background, in the first seconds of a
    /// process, and takes a core for it.
    /// </summary>
    static void Settle(IReadOnlyList<Action> work, double longest)
    {
        const double still = 0.3;                                   // seconds; the runtime waits 0.1 before it begins
        var (watch, methods, since) = (Stopwatch.StartNew(), 0L, 0.0);
        while (watch.Elapsed.TotalSeconds is var now && now < longest && now - since < still)
        {
            if (JitInfo.GetCompiledMethodCount() is var count && count != methods) (methods, since) = (count, now);
            foreach (var one in work) one();
        }
    }

    static void Warm(Action work, double seconds)
    {
        var watch = Stopwatch.StartNew();
        for (var times = 0; times < 3 || watch.Elapsed.TotalSeconds < seconds; times++) work();
    }
}
