using MathNet.Numerics;

namespace RnnBench.Reports.Statistics;

/// <summary>
/// How the influence of the past fades: summaries of ρ(k), the gradient norm of the last loss with respect to the state k steps before the
/// end, divided by that at the end itself.
/// </summary>
/// <param name="Rate">β: exp of the slope of the least-squares line of ln ρ over 1 ≤ k ≤ T-1; 1 keeps, below fades, above explodes. NaN below two points.</param>
/// <param name="HalfLife">The smallest k from which on ρ stays below 1/2; T if none.</param>
/// <param name="MemoryHundredth">The largest k with ρ(k) ≥ 0.01.</param>
/// <param name="MemoryTenth">The largest k with ρ(k) ≥ 0.1.</param>
/// <param name="Centre">Σ k ρ(k) / Σ ρ(k), in steps.</param>
/// <param name="Exploding">Whether ρ passes 100 anywhere.</param>
/// <param name="Steps">T; a memory length of T-1 is censored, it may be longer.</param>
public readonly record struct GradientDecay(double Rate, int HalfLife, int MemoryHundredth, int MemoryTenth, double Centre, bool Exploding, int Steps)
{
    const double Floor = 1e-12;      // below it a norm says more about rounding than about memory

    /// <summary>Summarises norms by lag.</summary>
    /// <param name="norms">The norm at lag 0, 1, ..., T-1; the first one above 0.</param>
    /// <returns>The summary, or null where lag 0 has no gradient to compare with.</returns>
    public static GradientDecay? Of(IReadOnlyList<double> norms)
    {
        if (norms.Count == 0 || !(norms[0] > 0) || norms.Any(g => !double.IsFinite(g))) return null;
        var ratio = norms.Select(g => g / norms[0]).ToArray();
        var lags = Enumerable.Range(0, ratio.Length).ToArray();
        var line = lags.Skip(1).Where(k => ratio[k] > Floor).ToArray();
        var slope = line.Length < 2 ? double.NaN : Fit.Line([.. line.Select(k => (double)k)], [.. line.Select(k => Math.Log(ratio[k]))]).B;
        return new(Math.Exp(slope), Last(0.5) + 1, Last(0.01), Last(0.1), lags.Sum(k => k * ratio[k]) / ratio.Sum(), ratio.Max() > 100, ratio.Length);

        int Last(double level) => lags.Last(k => ratio[k] >= level);
    }
}
