using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>A bar made of parts, with its name above it.</summary>
sealed record Bar(string Name, string Value, IReadOnlyList<double> Parts);

/// <summary>Horizontal bars, each made of the same parts.</summary>
/// <param name="Title">What is compared.</param>
/// <param name="XName">The quantity and its unit.</param>
/// <param name="Parts">The names of the parts, from the left; part k has the colour of series k.</param>
/// <param name="Bars">From top to bottom.</param>
sealed record BarPanel(string Title, string XName, IReadOnlyList<string> Parts, IReadOnlyList<Bar> Bars) : Panel(Title)
{
    const double Top = 26, Each = 34, Bottom = 38, Left = 10, Right = 14;

    public override double Height => Top + Each * Bars.Count + Bottom;

    public override string Label => $"{Title}, {XName}: " + string.Join("; ", Bars.Select(bar => $"{bar.Name} {bar.Value}"));

    public override void Draw(Markup svg)
    {
        var axis = Axis.Linear(0, Bars.Max(bar => bar.Parts.Sum()), 4);
        var down = Top + Each * Bars.Count;
        svg.Element("text", Title, ("class", "title"), ("x", 8), ("y", 16));
        foreach (var tick in axis.Ticks)
        {
            svg.Empty("line", ("class", tick.Minor ? "minor" : "grid"), ("x1", X(axis, tick.Value)), ("x2", X(axis, tick.Value)), ("y1", Top), ("y2", down));
            if (!tick.Minor) svg.Element("text", tick.Label, ("class", "tick"), ("x", X(axis, tick.Value)), ("y", down + 14), ("text-anchor", "middle"));
        }
        for (var k = 0; k < Bars.Count; k++) Draw(svg, axis, Bars[k], Top + Each * k);
        svg.Empty("line", ("class", "axis"), ("x1", X(axis, 0)), ("x2", X(axis, 0)), ("y1", Top), ("y2", down));
        svg.Element("text", XName, ("x", Width / 2), ("y", Height - 6), ("text-anchor", "middle"));
    }

    void Draw(Markup svg, Axis axis, Bar bar, double top)
    {
        svg.Element("text", Fit($"{bar.Name}  {bar.Value}", Width - Left), ("class", "halo"), ("x", Left + 4), ("y", top + 13));
        var from = 0.0;
        for (var k = 0; k < bar.Parts.Count; from += bar.Parts[k++])
            svg.Open("rect", ("class", $"bar {Theme.Fill(k)}"), ("x", X(axis, from)), ("y", top + 17), ("width", X(axis, from + bar.Parts[k]) - X(axis, from)), ("height", 12))
                .Element("title", $"{bar.Name}, {Parts[k]}: {Format.Significant(bar.Parts[k], 3)}").Close();
    }

    double X(Axis axis, double value) => Left + axis.At(value) * (Width - Left - Right);
}
