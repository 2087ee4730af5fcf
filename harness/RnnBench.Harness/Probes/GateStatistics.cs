using RnnBench.Results;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>How open a gate stands: a histogram of its values and the shares near closed and open.</summary>
static class GateStatistics
{
    const int Bins = 50;
    const double Closed = 0.1, Open = 0.9;

    /// <summary>The row of a gate.</summary>
    /// <param name="name">Its full name: <c>layer0.f</c>.</param>
    /// <param name="values">[T,B,W]. A value outside [0, 1], as some cells have, counts in the outermost bin.</param>
    /// <param name="step">Steps done.</param>
    public static GateRow Of(string name, Tensor values, long step)
    {
        using var flat = values.detach().to(ScalarType.Float64).cpu().contiguous();
        var all = flat.data<double>().ToArray();
        var histogram = new long[Bins];
        foreach (var value in all) histogram[double.IsNaN(value) ? 0 : (int)Math.Clamp(value * Bins, 0, Bins - 1)]++;
        var mean = all.Average();
        var deviation = Math.Sqrt(all.Average(value => (value - mean) * (value - mean)));
        var dot = name.LastIndexOf('.');
        return new GateRow(step, dot < 0 ? "" : name[..dot], name[(dot + 1)..], mean, deviation,
            Share(value => value < Closed), Share(value => value > Open), histogram) { UnitsBelow = Units(value => value < Closed), UnitsAbove = Units(value => value > Open) };

        double Share(Func<double, bool> chosen) => (double)all.Count(chosen) / all.Length;

        // Karpathy et al. 2015 draw one point for each unit; the units are the last axis.
        double[] Units(Func<double, bool> chosen)
        {
            var counts = new int[values.shape[^1]];
            foreach (var (place, value) in all.Index()) if (chosen(value)) counts[place % counts.Length]++;
            return [.. counts.Select(count => Math.Round((double)count * counts.Length / all.Length, 4))];
        }
    }
}
