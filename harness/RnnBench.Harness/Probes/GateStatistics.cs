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
            Share(value => value < Closed), Share(value => value > Open), histogram);

        double Share(Func<double, bool> chosen) => (double)all.Count(chosen) / all.Length;
    }
}
