using System.Globalization;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>A point of a line; the band reaches from Low to High, and is left out where they are NaN.</summary>
readonly record struct Point(double X, double Y, double Low = double.NaN, double High = double.NaN);

/// <summary>A line over x, with a band where its points have one.</summary>
/// <param name="Series">Its number, which fixes colour and pattern.</param>
/// <param name="Name">What the tooltips call it.</param>
/// <param name="Points">By rising x.</param>
/// <param name="Broken">Whether it ends before its time: drawn thin, with a cross at the end.</param>
sealed record Line(int Series, string Name, IReadOnlyList<Point> Points, bool Broken = false);

/// <summary>A level that lines are compared with.</summary>
readonly record struct Reference(double Y, string Name);

/// <summary>Lines with bands; few points are marked.</summary>
sealed record LinePanel(string Title, string XName, string YName, bool LogY, IReadOnlyList<Line> Lines, IReadOnlyList<Reference> References) : Panel(Title)
{
    const int MostPoints = 240, MostTips = 40, FewPoints = 12;

    /// <summary>The least value that is shown; null lets the data decide.</summary>
    public double? Floor { get; init; }
    /// <summary>Values that the y axis takes in too, so that panels which are compared have the same axis.</summary>
    public IReadOnlyList<double> Include { get; init; } = [];
    /// <summary>Whether x counts something: marks at whole numbers, and no room for an x of 0 that nobody has.</summary>
    public bool WholeX { get; init; }
    /// <summary>Whether the points of a short line are marked; the corners of a staircase are none.</summary>
    public bool Marked { get; init; } = true;
    /// <summary>Whether x is logarithmic, for a quantity that is doubled and doubled.</summary>
    public bool LogX { get; init; }
    /// <summary>Bands are drawn for so many lines at most: more would cover each other.</summary>
    public int MostBands { get; init; } = 6;

    public override string Label => $"{Title}: {YName} against {XName}. " + string.Join("; ", Lines.Where(line => !line.Broken && line.Points.Count > 0)
        .Select(line => $"{line.Name} ends at {Format.Significant(line.Points[^1].Y, 3)}"));

    public override void Draw(Markup svg)
    {
        var frame = new Frame(this, XAxis(), YAxis(), XName, YName);
        frame.Draw(svg);
        foreach (var reference in References.Where(reference => Shown(reference.Y)))
            svg.Empty("line", ("class", "reference"), ("x1", frame.X(XAxis().Low)), ("x2", frame.End), ("y1", frame.Y(reference.Y)), ("y2", frame.Y(reference.Y)));
        if (Lines.Count(line => !line.Broken) <= MostBands)
            foreach (var line in Lines) Band(svg, frame, line);
        foreach (var line in Lines) Stroke(svg, frame, line);
        Names(svg, frame);
        foreach (var line in Lines) Tips(svg, frame, line);
    }

    Axis XAxis()
    {
        var xs = Lines.SelectMany(line => line.Points).Select(point => point.X).DefaultIfEmpty(0).ToArray();
        return LogX && xs.Min() > 0 ? xs.Distinct().Count() <= FewPoints ? Axis.LogAt(xs) : Axis.Log(xs.Min(), xs.Max()) : Axis.Linear(WholeX ? xs.Min() : Math.Min(0, xs.Min()), xs.Max(), round: false, whole: WholeX);
    }

    Axis YAxis()
    {
        var ys = Lines.SelectMany(line => line.Points).SelectMany(point => new[] { point.Y, point.Low, point.High })
            .Concat(References.Select(reference => reference.Y)).Concat(Include).Where(Shown).DefaultIfEmpty(1).ToArray();
        return LogY ? Axis.Log(ys.Min(), ys.Max()) : Axis.Linear(ys.Min(), ys.Max());
    }

    bool Shown(double y) => double.IsFinite(y) && (!LogY || y > 0) && y >= (Floor ?? double.MinValue);

    static void Band(Markup svg, Frame frame, Line line)
    {
        var band = Thin(line.Points, MostPoints).Where(point => double.IsFinite(point.Low) && double.IsFinite(point.High)).ToArray();
        if (band.Length < 2) return;
        var outline = band.Select(point => At(frame, point.X, point.High)).Concat(band.Reverse().Select(point => At(frame, point.X, point.Low)));
        svg.Empty("polygon", ("class", $"band {Theme.Fill(line.Series)}"), ("points", string.Join(' ', outline)));
    }

    void Stroke(Markup svg, Frame frame, Line line)
    {
        var points = Thin(line.Points, MostPoints).Where(point => Shown(point.Y)).ToArray();
        if (points.Length == 0) return;
        svg.Empty("polyline", ("class", $"line {Theme.Stroke(line.Series)}{(line.Broken ? " thin" : "")}"), ("stroke-dasharray", Theme.Dash(line.Series)),
            ("points", string.Join(' ', points.Select(point => At(frame, point.X, point.Y)))));
        if (!line.Broken) return;
        var (x, y) = (frame.X(points[^1].X), frame.Y(points[^1].Y));
        svg.Open("path", ("class", $"end {Theme.Stroke(line.Series)}"), ("d", Markup($"M{x - 3.5:0.##} {y - 3.5:0.##}l7 7m0 -7l-7 7")))
            .Element("title", $"{line.Name} ended here, at {Format.Level(points[^1].X, 7)}").Close();
    }

    void Names(Markup svg, Frame frame)
    {
        foreach (var reference in References.Where(reference => Shown(reference.Y)))
            svg.Element("text", $"{reference.Name} {Format.Level(reference.Y)}", ("class", "halo"), ("x", frame.End - 3),
                ("y", frame.Y(reference.Y) - 4), ("text-anchor", "end"));
    }

    void Tips(Markup svg, Frame frame, Line line)
    {
        foreach (var point in Thin(line.Points, MostTips).Where(point => Shown(point.Y)))
        {
            var band = double.IsFinite(point.Low) ? $" ({Format.Significant(point.Low, 3)} to {Format.Significant(point.High, 3)})" : "";
            var few = Marked && line.Points.Count <= FewPoints;
            svg.Open("circle", ("class", $"{(few ? "mark" : "dot")} {Theme.Fill(line.Series)}"), ("cx", frame.X(point.X)), ("cy", frame.Y(point.Y)), ("r", few ? 2.4 : 4))
                .Element("title", $"{line.Name}, {XName} {Format.Level(point.X, 7)}: {Format.Significant(point.Y, 4)}{band}").Close();
        }
    }

    static string At(Frame frame, double x, double y) => Markup($"{frame.X(x):0.##},{frame.Y(y):0.##}");

    static string Markup(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>At most so many points, evenly chosen, the first and the last among them.</summary>
    static IEnumerable<Point> Thin(IReadOnlyList<Point> points, int most) => points.Count <= most ? points
        : Enumerable.Range(0, most).Select(k => points[(int)((long)k * (points.Count - 1) / (most - 1))]);
}
