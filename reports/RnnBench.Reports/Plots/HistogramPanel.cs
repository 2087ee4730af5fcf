using System.Globalization;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>A histogram over [0, 1] as bars, and an earlier one as an outline above it. Heights are shares of all values.</summary>
/// <param name="Title">What is counted.</param>
/// <param name="Series">Its number, which fixes the colour.</param>
/// <param name="Bars">The share in each bin.</param>
/// <param name="Outline">The shares of the earlier histogram, as many bins, or null.</param>
/// <param name="Highest">The top of the y axis, common to the panels of a figure.</param>
sealed record HistogramPanel(string Title, int Series, IReadOnlyList<double> Bars, IReadOnlyList<double>? Outline, double Highest) : Panel(Title)
{
    public override double Width => 250;
    public override double Height => 176;

    public override string Label => $"{Title}: share of values in {Bars.Count} bins from 0 to 1; "
        + $"{Format.Decimals(100 * Bars.Take(Bars.Count / 10).Sum(), 0)} % lie below 0.1, {Format.Decimals(100 * Bars.TakeLast(Bars.Count / 10).Sum(), 0)} % above 0.9";

    public override void Draw(Markup svg)
    {
        var frame = new Frame(this, Axis.Linear(0, 1), Axis.Linear(0, 100 * Highest, 3), "gate value", "% of values");
        frame.Draw(svg);
        for (var k = 0; k < Bars.Count; k++)
        {
            var (left, right, top) = (frame.X((double)k / Bars.Count), frame.X((k + 1.0) / Bars.Count), frame.Y(100 * Bars[k]));
            svg.Open("rect", ("class", $"bar {Theme.Fill(Series)}"), ("x", left), ("y", top), ("width", right - left - 0.4), ("height", frame.Base - top))
                .Element("title", $"{Edge(k)} to {Edge(k + 1)}: {Format.Decimals(100 * Bars[k], 2)} %{(Outline is null ? "" : $", before training {Format.Decimals(100 * Outline[k], 2)} %")}").Close();
        }
        if (Outline is null) return;
        var steps = Outline.Select((share, k) => string.Create(CultureInfo.InvariantCulture,
            $"{(k == 0 ? "M" : "L")}{frame.X((double)k / Outline.Count):0.##} {frame.Y(100 * share):0.##}H{frame.X((k + 1.0) / Outline.Count):0.##}"));
        svg.Empty("path", ("class", "axis"), ("fill", "none"), ("d", string.Concat(steps)));
    }

    string Edge(int k) => Format.Decimals((double)k / Bars.Count, 2);
}
