using System.Globalization;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>A histogram over [0, 1] at one moment.</summary>
/// <param name="Name">When.</param>
/// <param name="Shares">The share of all values in each bin.</param>
/// <param name="Below">The share near 0.</param>
/// <param name="Above">The share near 1.</param>
readonly record struct Ridge(string Name, IReadOnlyList<double> Shares, double Below, double Above);

/// <summary>Histograms over [0, 1] one below the other, from early to late; each is scaled to its own highest bin, and beside it stand the shares at its two ends.</summary>
sealed record RidgePanel(string Title, int Series, IReadOnlyList<Ridge> Ridges) : Panel(Title)
{
    const double Top = 40, Each = 30, Bottom = 36, Left = 84, Right = 42;

    public override double Width => 250;
    public override double Height => Top + Each * Ridges.Count + Bottom;

    public override string Label => $"{Title}: " + string.Join("; ", Ridges.Select(r => $"{r.Name}: {Percent(r.Below)} below 0.1, {Percent(r.Above)} above 0.9"));

    public override void Draw(Markup svg)
    {
        var (axis, down) = (Axis.Linear(0, 1), Top + Each * Ridges.Count);
        svg.Element("text", ShortTitle, ("class", "title"), ("x", 8), ("y", 16));
        svg.Element("text", "< 0.1", ("class", "tick"), ("x", Left - 8), ("y", 34), ("text-anchor", "end"));
        svg.Element("text", "> 0.9", ("class", "tick"), ("x", Width - Right + 6), ("y", 34));
        foreach (var tick in axis.Ticks.Where(tick => !tick.Minor))
        {
            svg.Empty("line", ("class", "grid"), ("x1", X(tick.Value)), ("x2", X(tick.Value)), ("y1", Top), ("y2", down));
            svg.Element("text", tick.Label, ("class", "tick"), ("x", X(tick.Value)), ("y", down + 14), ("text-anchor", "middle"));
        }
        for (var k = 0; k < Ridges.Count; k++) Draw(svg, Ridges[k], Top + Each * (k + 1));
        svg.Element("text", "gate value", ("x", Left + (Width - Left - Right) / 2), ("y", Height - 5), ("text-anchor", "middle"));
    }

    void Draw(Markup svg, Ridge ridge, double down)
    {
        var highest = Math.Max(ridge.Shares.Max(), 1e-12);
        var steps = ridge.Shares.Select((share, k) => string.Create(CultureInfo.InvariantCulture,
            $"L{X((double)k / ridge.Shares.Count):0.##} {down - (Each - 4) * share / highest:0.##}H{X((k + 1.0) / ridge.Shares.Count):0.##}"));
        svg.Open("path", ("class", $"bar {Theme.Fill(Series)}"), ("d", string.Create(CultureInfo.InvariantCulture, $"M{X(0):0.##} {down:0.##}{string.Concat(steps)}V{down:0.##}Z")))
            .Element("title", $"{ridge.Name}: highest bin {Format.Decimals(100 * highest, 1)} % of values").Close();
        svg.Empty("line", ("class", "axis"), ("x1", X(0)), ("x2", X(1)), ("y1", down), ("y2", down));
        svg.Element("text", ridge.Name, ("x", 8), ("y", down - 4));
        svg.Element("text", Percent(ridge.Below), ("class", "tick"), ("x", Left - 8), ("y", down - 4), ("text-anchor", "end"));
        svg.Element("text", Percent(ridge.Above), ("class", "tick"), ("x", Width - Right + 6), ("y", down - 4));
    }

    static string Percent(double share) => $"{Format.Decimals(100 * share, 0)} %";

    static double X(double value) => Left + value * (250 - Left - Right);
}
