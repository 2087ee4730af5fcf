using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>An effect with its interval; a filled mark says that it is significant. Effects of one name that follow each other share a row.</summary>
readonly record struct Effect(string Name, double Mean, double Low, double High, bool Filled, int Series)
{
    /// <summary>What tells it from others of its row.</summary>
    public string Of { get; init; } = "";
}

/// <summary>Effects with their intervals one below the other, a line at no effect, and a band for effects that do not matter.</summary>
/// <param name="Title">What is compared.</param>
/// <param name="XName">The quantity and its unit.</param>
/// <param name="Effects">From top to bottom.</param>
/// <param name="None">Where no effect lies: 0, or 1 for a ratio.</param>
/// <param name="Margin">The half width of the band; 0 for none.</param>
sealed record ForestPanel(string Title, string XName, IReadOnlyList<Effect> Effects, double None = 0, double Margin = 0) : Panel(Title)
{
    const double Top = 26, Name = 16, Each = 9, After = 7, Bottom = 38, Left = 22, Right = 20;

    IReadOnlyList<IReadOnlyList<Effect>> Rows { get; } = [.. Effects.Aggregate(new List<List<Effect>>(), (rows, effect) =>
    {
        if (rows.Count > 0 && rows[^1][0].Name == effect.Name) rows[^1].Add(effect);
        else rows.Add([effect]);
        return rows;
    })];

    public override double Height => Top + Rows.Sum(HeightOf) + Bottom;

    public override string Label => $"{Title}, {XName}: " + string.Join("; ", Effects.Select(Describe));

    public override void Draw(Markup svg)
    {
        var ends = Effects.SelectMany(e => new[] { e.Mean, e.Low, e.High }).Where(double.IsFinite).Append(None).Append(None + Margin).Append(None - Margin).ToArray();
        var axis = Axis.Linear(ends.Min(), ends.Max(), 4);
        var down = Height - Bottom;
        svg.Element("text", ShortTitle, ("class", "title"), ("x", 8), ("y", 16));
        foreach (var tick in axis.Ticks.Where(tick => !tick.Minor))
            svg.Element("text", tick.Label, ("class", "tick"), ("x", X(axis, tick.Value)), ("y", down + 14), ("text-anchor", "middle"));
        var top = Top;
        foreach (var row in Rows)
        {
            Draw(svg, axis, row, top);
            top += HeightOf(row);
        }
        svg.Element("text", XName, ("x", Width / 2), ("y", Height - 6), ("text-anchor", "middle"));
    }

    static double HeightOf(IReadOnlyList<Effect> row) => Name + Each * row.Count + After;

    /// <summary>A row: its name, and below it, so that nothing is drawn through the letters, band, grid and marks.</summary>
    void Draw(Markup svg, Axis axis, IReadOnlyList<Effect> row, double top)
    {
        svg.Element("text", Fit(row[0].Name, Width - Left), ("x", 10), ("y", top + 12));
        var (from, to) = (top + Name, top + Name + Each * row.Count + 1);
        if (Margin > 0) svg.Empty("rect", ("class", "margin"), ("x", X(axis, None - Margin)), ("y", from), ("width", X(axis, None + Margin) - X(axis, None - Margin)), ("height", to - from));
        foreach (var tick in axis.Ticks.Where(tick => !tick.Minor))
            svg.Empty("line", ("class", "grid"), ("x1", X(axis, tick.Value)), ("x2", X(axis, tick.Value)), ("y1", from), ("y2", to));
        svg.Empty("line", ("class", "axis"), ("x1", X(axis, None)), ("x2", X(axis, None)), ("y1", from), ("y2", to));
        for (var k = 0; k < row.Count; k++) Draw(svg, axis, row[k], from + Each * (k + 0.5) + 0.5);
    }

    void Draw(Markup svg, Axis axis, Effect effect, double y)
    {
        if (!double.IsFinite(effect.Mean)) return;
        svg.Open("g").Element("title", Describe(effect));
        if (double.IsFinite(effect.Low)) svg.Empty("line", ("class", $"line {Theme.Stroke(effect.Series)}"), ("x1", X(axis, effect.Low)), ("x2", X(axis, effect.High)), ("y1", y), ("y2", y));
        svg.Empty("circle", ("class", effect.Filled ? $"mark {Theme.Fill(effect.Series)}" : $"mark open {Theme.Stroke(effect.Series)}"), ("cx", X(axis, effect.Mean)), ("cy", y), ("r", 3.6)).Close();
    }

    static string Describe(Effect e) => (e.Of.Length == 0 ? e.Name : $"{e.Name}, {e.Of}") + (!double.IsFinite(e.Mean) ? ": none" : double.IsFinite(e.Low)
        ? $": {Format.Significant(e.Mean, 3)} ({Format.Significant(e.Low, 3)} to {Format.Significant(e.High, 3)})" : $": {Format.Significant(e.Mean, 3)}");

    double X(Axis axis, double value) => Left + Math.Clamp(axis.At(value), 0, 1) * (Width - Left - Right);
}
