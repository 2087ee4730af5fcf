using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>A cell of a heat map: a number, how strongly it is coloured from -1 to 1, and whether it is marked.</summary>
readonly record struct Heat(double Value, double Strength, bool Marked)
{
    /// <summary>The number as it is printed; two digits where nothing else is said.</summary>
    public string Text { get => field ?? Format.Significant(Value, 2); init; }
}

/// <summary>A table of colours: orange for what is above 0, blue for what is below, the number inside; a missing value stays empty.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Rows">Names from top to bottom.</param>
/// <param name="Columns">Names from left to right.</param>
/// <param name="Cells">[row][column]; NaN where there is none.</param>
sealed record HeatPanel(string Title, IReadOnlyList<string> Rows, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Heat>> Cells) : Panel(Title)
{
    const double Top = 28, Down = 26, Head = 20, Letter = 6.2;

    double Each { get; } = Math.Clamp(10 + Letter * Columns.Max(column => column.Length), 64, 150);

    double Names { get; } = Math.Clamp(14 + Letter * Rows.Max(row => row.Length), 90, 210);

    public override double Width => Math.Max(340, Names + Each * Columns.Count + 8);
    public override double Height => Top + Head + Down * Rows.Count + 10;

    public override string Label => $"{Title}: " + string.Join("; ", Rows.SelectMany((row, r) => Columns.Select((column, c) => (row, column, Cells[r][c])))
        .Where(x => double.IsFinite(x.Item3.Value)).Select(x => $"{x.row}, {x.column} {x.Item3.Text}"));

    public override void Draw(Markup svg)
    {
        svg.Element("text", ShortTitle, ("class", "title"), ("x", 8), ("y", 16));
        for (var c = 0; c < Columns.Count; c++) svg.Element("text", Fit(Columns[c], Each - 4), ("x", Names + Each * (c + 0.5)), ("y", Top + 12), ("text-anchor", "middle"));
        for (var r = 0; r < Rows.Count; r++)
        {
            var top = Top + Head + Down * r;
            svg.Element("text", Fit(Rows[r], Names - 10), ("x", Names - 8), ("y", top + 17), ("text-anchor", "end"));
            for (var c = 0; c < Columns.Count; c++) Draw(svg, Cells[r][c], $"{Rows[r]}, {Columns[c]}", Names + Each * c, top);
        }
    }

    void Draw(Markup svg, Heat heat, string name, double left, double top)
    {
        var there = double.IsFinite(heat.Value);
        svg.Open("g").Element("title", there ? $"{name}: {Format.Significant(heat.Value, 3)}{(heat.Marked ? ", significant" : "")}" : $"{name}: none");
        svg.Empty("rect", ("class", "cell"), ("x", left + 1), ("y", top + 1), ("width", Each - 2), ("height", Down - 2));
        if (there)
        {
            svg.Empty("rect", ("class", Theme.Fill(heat.Strength >= 0 ? 1 : 0)), ("fill-opacity", 0.75 * Math.Min(1, Math.Abs(heat.Strength))), ("x", left + 1), ("y", top + 1), ("width", Each - 2), ("height", Down - 2));
            svg.Element("text", Format.ForReaders(heat.Text) + (heat.Marked ? " *" : ""), ("class", "value"), ("x", left + Each / 2), ("y", top + 17), ("text-anchor", "middle"));
        }
        svg.Close();
    }
}
