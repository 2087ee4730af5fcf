using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>What a mark in the legend looks like.</summary>
enum Mark
{
    /// <summary>A line in the colour and pattern of the series.</summary>
    Line,
    /// <summary>A filled box.</summary>
    Area,
    /// <summary>The outline of a box.</summary>
    Outline,
}

/// <summary>A line of a legend: the series' number fixes its colour and pattern.</summary>
readonly record struct LegendEntry(int Series, string Label, Mark Mark = Mark.Line);

/// <summary>One set of axes with something drawn inside. It draws itself as the content of an svg element of its size.</summary>
abstract record Panel(string Title)
{
    /// <summary>Its width in user units, which are pixels at full size: a phone shows it at about that size.</summary>
    public virtual double Width => 340;
    /// <summary>Its height.</summary>
    public virtual double Height => 236;
    /// <summary>What it shows, for those who cannot see it.</summary>
    public abstract string Label { get; }
    /// <summary>Draws it.</summary>
    public abstract void Draw(Markup svg);

    /// <summary>As much of the title as fits; its letters are bold and wider.</summary>
    public string ShortTitle => Fit(Title, (Width - 14) / 1.12);

    /// <summary>The first words of a text, so that it fits into some width at about 6.2 units a character.</summary>
    protected static string Fit(string text, double width)
    {
        var most = Math.Max(4, (int)(width / 6.2));
        return text.Length <= most ? text : text[..(most - 1)] + "…";
    }
}

/// <summary>The frame of a panel with two axes: title, grid, ticks, axis names; and where a value stands in it.</summary>
sealed class Frame(Panel panel, Axis x, Axis y, string xName, string yName)
{
    const double Left = 46, Right = 12, Top = 42, Bottom = 36;

    /// <summary>The inner width.</summary>
    public double Width => panel.Width - Left - Right;
    /// <summary>The bottom of the plot area.</summary>
    public double Base => panel.Height - Bottom;
    /// <summary>The right end of the plot area.</summary>
    public double End => panel.Width - Right;

    /// <summary>Horizontal place of a value.</summary>
    public double X(double value) => Left + x.At(value) * Width;
    /// <summary>Vertical place of a value; what lies outside of the axis stays at its edge, and so does a zero on a logarithmic one.</summary>
    public double Y(double value) => Base - (y.At(value) is var at && double.IsNaN(at) ? 0 : Math.Clamp(at, 0, 1)) * (Base - Top);

    /// <summary>Draws it, below everything else.</summary>
    public void Draw(Markup svg)
    {
        svg.Element("text", panel.ShortTitle, ("class", "title"), ("x", 8), ("y", 16));
        svg.Element("text", yName, ("x", 8), ("y", 31));
        foreach (var tick in y.Ticks)
        {
            svg.Empty("line", ("class", tick.Minor ? "minor" : "grid"), ("x1", Left), ("x2", End), ("y1", Y(tick.Value)), ("y2", Y(tick.Value)));
            if (!tick.Minor) svg.Element("text", tick.Label, ("class", "tick"), ("x", Left - 6), ("y", Y(tick.Value) + 3.8), ("text-anchor", "end"));
        }
        foreach (var tick in x.Ticks)
        {
            svg.Empty("line", ("class", tick.Minor ? "minor" : "grid"), ("x1", X(tick.Value)), ("x2", X(tick.Value)), ("y1", Top), ("y2", Base));
            if (!tick.Minor) svg.Element("text", tick.Label, ("class", "tick"), ("x", Math.Min(X(tick.Value), panel.Width - 3.2 * tick.Label.Length - 1)), ("y", Base + 14), ("text-anchor", "middle"));
        }
        svg.Empty("line", ("class", "axis"), ("x1", Left), ("x2", End), ("y1", Base), ("y2", Base));
        svg.Element("text", xName, ("x", Left + Width / 2), ("y", panel.Height - 5), ("text-anchor", "middle"));
    }
}
