using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>A row of a forest plot: an effect with its interval; a filled mark says that it is significant.</summary>
readonly record struct Effect(string Name, double Mean, double Low, double High, bool Filled, int Series);

/// <summary>Effects with their intervals one below the other, a line at no effect, and a band for effects that do not matter.</summary>
/// <param name="Title">What is compared.</param>
/// <param name="XName">The quantity and its unit.</param>
/// <param name="Effects">From top to bottom.</param>
/// <param name="None">Where no effect lies: 0, or 1 for a ratio.</param>
/// <param name="Margin">The half width of the band; 0 for none.</param>
sealed record ForestPanel(string Title, string XName, IReadOnlyList<Effect> Effects, double None = 0, double Margin = 0) : Panel(Title)
{
    const double Top = 26, Each = 32, Bottom = 38, Left = 22, Right = 20;

    public override double Height => Top + Each * Effects.Count + Bottom;

    public override string Label => $"{Title}, {XName}: " + string.Join("; ", Effects.Select(Describe));

    public override void Draw(Markup svg)
    {
        var ends = Effects.SelectMany(e => new[] { e.Mean, e.Low, e.High }).Where(double.IsFinite).Append(None).Append(None + Margin).Append(None - Margin).ToArray();
        var axis = Axis.Linear(ends.Min(), ends.Max(), 4);
        var down = Top + Each * Effects.Count;
        svg.Element("text", ShortTitle, ("class", "title"), ("x", 8), ("y", 16));
        if (Margin > 0) svg.Empty("rect", ("class", "margin"), ("x", X(axis, None - Margin)), ("y", Top), ("width", X(axis, None + Margin) - X(axis, None - Margin)), ("height", down - Top));
        foreach (var tick in axis.Ticks.Where(tick => !tick.Minor))
        {
            svg.Empty("line", ("class", "grid"), ("x1", X(axis, tick.Value)), ("x2", X(axis, tick.Value)), ("y1", Top), ("y2", down));
            svg.Element("text", tick.Label, ("class", "tick"), ("x", X(axis, tick.Value)), ("y", down + 14), ("text-anchor", "middle"));
        }
        svg.Empty("line", ("class", "axis"), ("x1", X(axis, None)), ("x2", X(axis, None)), ("y1", Top), ("y2", down));
        for (var k = 0; k < Effects.Count; k++) Draw(svg, axis, Effects[k], Top + Each * k);
        svg.Element("text", XName, ("x", Width / 2), ("y", Height - 6), ("text-anchor", "middle"));
    }

    void Draw(Markup svg, Axis axis, Effect effect, double top)
    {
        svg.Element("text", Fit(effect.Name, Width - Left), ("class", "halo"), ("x", 10), ("y", top + 12));
        if (!double.IsFinite(effect.Mean)) return;
        var y = top + 21;
        svg.Open("g").Element("title", Describe(effect));
        if (double.IsFinite(effect.Low)) svg.Empty("line", ("class", $"line {Theme.Stroke(effect.Series)}"), ("x1", X(axis, effect.Low)), ("x2", X(axis, effect.High)), ("y1", y), ("y2", y));
        svg.Empty("circle", ("class", effect.Filled ? $"mark {Theme.Fill(effect.Series)}" : $"mark open {Theme.Stroke(effect.Series)}"), ("cx", X(axis, effect.Mean)), ("cy", y), ("r", 4.2)).Close();
    }

    static string Describe(Effect e) => !double.IsFinite(e.Mean) ? $"{e.Name}: none" : double.IsFinite(e.Low)
        ? $"{e.Name}: {Format.Significant(e.Mean, 3)} ({Format.Significant(e.Low, 3)} to {Format.Significant(e.High, 3)})" : $"{e.Name}: {Format.Significant(e.Mean, 3)}";

    double X(Axis axis, double value) => Left + Math.Clamp(axis.At(value), 0, 1) * (Width - Left - Right);
}
