using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>Figures as SVG: a panel for a page, or a whole figure for a file.</summary>
static class Drawing
{
    const double Widest = 1130;      // three line panels side by side, or two maps
    const double Gap = 14, LegendRow = 20;

    /// <summary>One panel as an svg element that scales with its box.</summary>
    public static void Inline(Markup page, Panel panel)
    {
        page.Open("svg", ("class", "plot"), ("viewBox", Box(panel.Width, panel.Height)), ("role", "img"), ("aria-label", panel.Label));
        panel.Draw(page);
        page.Close();
    }

    /// <summary>A legend entry's mark as an svg element.</summary>
    public static void InlineMark(Markup page, LegendEntry entry)
    {
        page.Open("svg", ("class", "plot mark"), ("viewBox", "0 0 26 12"), ("width", 26), ("height", 12), ("aria-hidden", "true"));
        DrawMark(page, entry, 0);
        page.Close();
    }

    /// <summary>A whole figure as an SVG file, with the light colours inside: legend on top, as many panels side by side as have room.</summary>
    public static string File(Figure figure)
    {
        var (each, down) = (figure.Panels.Max(panel => panel.Width), figure.Panels.Max(panel => panel.Height));
        var across = Across(figure);
        var width = across * each + (across - 1) * Gap;
        var legend = Layout(figure.Legend, width).ToArray();
        var top = legend.Length == 0 ? 0 : legend[^1].Y + LegendRow + 6;
        var height = top + (figure.Panels.Count + across - 1) / across * (down + Gap) - Gap;

        var svg = new Markup();
        svg.Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("class", "plot"), ("viewBox", Box(width, height)), ("width", width), ("height", height),
            ("role", "img"), ("aria-label", figure.Caption)).Line();
        svg.Element("style", Theme.FileStyle).Line();
        svg.Empty("rect", ("width", width), ("height", height), ("fill", "#ffffff")).Line();
        foreach (var (entry, x, y) in legend)
        {
            svg.Open("g", ("transform", System.FormattableString.Invariant($"translate({x:0.##} {y:0.##})")));
            DrawMark(svg, entry, 4);
            svg.Element("text", entry.Label, ("x", 32), ("y", 14)).Close().Line();
        }
        for (var k = 0; k < figure.Panels.Count; k++)
        {
            var panel = figure.Panels[k];
            svg.Open("svg", ("x", k % across * (each + Gap)), ("y", top + k / across * (down + Gap)), ("width", panel.Width), ("height", panel.Height));
            panel.Draw(svg);
            svg.Close().Line();
        }
        return svg.Close().Line().ToString();
    }

    /// <summary>The width of a figure's file as a share of the widest.</summary>
    public static double Share(Figure figure) => Math.Min(1, Across(figure) * (figure.Panels.Max(panel => panel.Width) + Gap) / Widest);

    static int Across(Figure figure) => Math.Clamp((int)((Widest + Gap) / (figure.Panels.Max(panel => panel.Width) + Gap)), 1, figure.Panels.Count);

    static IEnumerable<(LegendEntry Entry, double X, double Y)> Layout(IReadOnlyList<LegendEntry> legend, double width)
    {
        var (x, y) = (8.0, 2.0);
        foreach (var entry in legend)
        {
            var space = 32 + 6.4 * entry.Label.Length + 18;
            if (x + space > width && x > 8) (x, y) = (8, y + LegendRow);
            yield return (entry, x, y);
            x += space;
        }
    }

    static void DrawMark(Markup svg, LegendEntry entry, double down)
    {
        switch (entry.Mark)
        {
            case Mark.Line:
                svg.Empty("line", ("class", $"line {Theme.Stroke(entry.Series)}"), ("stroke-dasharray", Theme.Dash(entry.Series)), ("x1", 0), ("x2", 26), ("y1", down + 6), ("y2", down + 6));
                break;
            case Mark.Area:
                svg.Empty("rect", ("class", $"bar {Theme.Fill(entry.Series)}"), ("x", 4), ("y", down), ("width", 18), ("height", 12));
                break;
            case Mark.Outline:
                svg.Empty("rect", ("class", "axis"), ("fill", "none"), ("x", 4.5), ("y", down + 0.5), ("width", 17), ("height", 11));
                break;
            default:
                throw new NotSupportedException($"a legend has no mark {entry.Mark}");
        }
    }

    static string Box(double width, double height) => System.FormattableString.Invariant($"0 0 {width:0.##} {height:0.##}");
}
