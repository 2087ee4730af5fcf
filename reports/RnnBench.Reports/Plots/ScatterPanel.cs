using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Plots;

/// <summary>Points of a series.</summary>
/// <param name="Series">Its number, which fixes the colour.</param>
/// <param name="Name">What it is.</param>
/// <param name="Points">Shares, both of [0, 1].</param>
readonly record struct Cloud(int Series, string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>The saturation plot of Karpathy, Johnson and Li 2015: a point for each unit, its right-saturated share against its left-saturated one; all lie below the diagonal.</summary>
sealed record ScatterPanel(string Title, string XName, string YName, IReadOnlyList<Cloud> Clouds) : Panel(Title)
{
    const int Most = 600;

    public override double Width => 250;
    public override double Height => 236;

    public override string Label => $"{Title}: {YName} against {XName}. " + string.Join("; ", Clouds.Where(c => c.Points.Count > 0)
        .Select(c => $"{c.Name}: {Format.Count(c.Points.Count, "unit")}, mean {Format.Significant(c.Points.Average(p => p.X), 2)} and {Format.Significant(c.Points.Average(p => p.Y), 2)}"));

    public override void Draw(Markup svg)
    {
        var frame = new Frame(this, Axis.Linear(0, 1), Axis.Linear(0, 1), XName, YName);
        frame.Draw(svg);
        svg.Empty("line", ("class", "reference"), ("x1", frame.X(0)), ("y1", frame.Y(1)), ("x2", frame.X(1)), ("y2", frame.Y(0)));
        foreach (var cloud in Clouds)
            foreach (var (x, y) in cloud.Points.Where((_, k) => k % (1 + cloud.Points.Count / Most) == 0))
                svg.Open("circle", ("class", $"point {Theme.Fill(cloud.Series)}"), ("cx", frame.X(x)), ("cy", frame.Y(y)), ("r", 3.2))
                    .Element("title", $"{cloud.Name}: {Format.Decimals(100 * x, 0)} % open, {Format.Decimals(100 * y, 0)} % closed").Close();
    }
}
