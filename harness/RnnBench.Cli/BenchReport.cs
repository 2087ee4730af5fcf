using System.Globalization;
using RnnBench.Backends.Measuring;

namespace RnnBench.Cli;

/// <summary>A measured cell.</summary>
/// <param name="Part">Which part of the measurement it belongs to.</param>
/// <param name="Timing">What was measured.</param>
/// <param name="Product">GFLOP/s of the best product of its shape; null for a cell without products.</param>
sealed record BenchRow(string Part, CellTiming Timing, double? Product);

/// <summary>What <c>bench cells</c> found, and how it is printed.</summary>
sealed record BenchReport(double PeakOfOneCore, double Peak, int Threads, string DType, string Cpu, int VectorBits, IReadOnlyList<BenchRow> Rows)
{
    sealed record Column(string Name, Func<BenchReport, BenchRow, string> Value);

    static readonly Column[] columns =
    [
        new("cell",        (_, r) => r.Timing.Cell),
        new("T x B x H",   (_, r) => r.Timing.Shape.ToString()),
        new("eager ms",    (_, r) => Number(r.Timing.Eager.Median)),
        new("±%",          (_, r) => Percent(r.Timing.Eager.Spread)),
        new("library ms",  (_, r) => Number(r.Timing.Library?.Median)),
        new("±%",          (_, r) => Percent(r.Timing.Library?.Spread)),
        new("cpu ms",      (_, r) => Number(r.Timing.Cpu?.Median)),
        new("±%",          (_, r) => Percent(r.Timing.Cpu?.Spread)),
        new("cpu lowest",  (_, r) => Number(r.Timing.Cpu?.Lowest)),
        new("rows ms",     (_, r) => Number(r.Timing.Forms?.Rows.Median)),
        new("units ms",    (_, r) => Number(r.Timing.Forms?.Units.Median)),
        new("x eager",     (_, r) => Number(r.Timing.OverEager)),
        new("x library",   (_, r) => Number(r.Timing.OverLibrary)),
        new("GFLOP/s",     (_, r) => Whole(r.Timing.Gflops)),
        new("peak",        (_, r) => Whole(r.Timing.Peak)),
        new("% of peak",   (_, r) => Percent(r.Timing.OfPeak)),
        new("product",     (_, r) => Whole(r.Product)),
        new("copy ms",     (_, r) => Number(r.Timing.Copy)),
        new("bound ms",    (_, r) => Number(r.Timing.Bound)),
        new("build ms",    (_, r) => Whole(r.Timing.Build)),
    ];

    /// <summary>How many times faster than eager, the geometric mean over the cells of a part and shape.</summary>
    IEnumerable<(string Part, string Shape, double Mean, double Bound, int Count)> Means => Rows.Where(r => r.Timing.OverEager is not null)
        .GroupBy(r => (r.Part, Shape: r.Timing.Shape.ToString()))
        .Select(g => (g.Key.Part, g.Key.Shape, Geometric(g, t => t.OverEager!.Value), Geometric(g, t => t.BoundOverEager), g.Count()));

    static double Geometric(IEnumerable<BenchRow> rows, Func<CellTiming, double> value) => Math.Exp(rows.Average(r => Math.Log(value(r.Timing))));

    public void Write(TextWriter output)
    {
        output.WriteLine(FormattableString.Invariant($"{Cpu}, {VectorBits}-bit registers, {DType}, {Threads} threads: FMA peak {PeakOfOneCore:F0} GFLOP/s a core, {Peak:F0} together"));
        output.WriteLine("forward and backward, gradient of x included; medians, ± half the distance between the quartiles; peak: multiply-adds in registers, copy: moving the bytes of x, y and their gradients, both run in turn with the others; bound: products at that peak, or the copy, if nothing else took time\n");
        Columns.Write(output, [.. columns.Select(c => c.Name)], Rows.Select(row => columns.Select(c => c.Value(this, row)).ToArray()));
        output.WriteLine();
        foreach (var (part, shape, mean, bound, count) in Means)
            output.WriteLine(FormattableString.Invariant($"{part} {shape}: {mean:F2} x eager, geometric mean of {count}; {bound:F2} at the bound"));
    }

    /// <summary>Where the time of the compiled backend goes: each phase, and what is left, TorchSharp's calls and autograd's.</summary>
    public void WritePhases(TextWriter output)
    {
        var known = Rows.SelectMany(r => r.Timing.Phases.Keys).Distinct().ToArray();
        output.WriteLine("\nmean milliseconds of each phase on the backend cpu\n");
        Columns.Write(output, ["cell", "T x B x H", .. known, "rest"], Rows.Where(r => r.Timing.Cpu is not null).Select(r => (string[])
        [
            r.Timing.Cell, r.Timing.Shape.ToString(), .. known.Select(k => Number(r.Timing.Phases.TryGetValue(k, out var time) ? time : null)),
            Number(r.Timing.Cpu!.Mean - r.Timing.Phases.Values.Sum()),
        ]));
    }

    public void WriteCsv(TextWriter output)
    {
        output.WriteLine($"part,{string.Join(',', columns.Select((c, i) => c.Name == "±%" ? $"{columns[i - 1].Name} ±%" : c.Name))},highest peak");
        foreach (var row in Rows)
            output.WriteLine($"{row.Part},{string.Join(',', columns.Select(c => Quoted(c.Value(this, row))))},{Whole(Peak)}");
    }

    static string Quoted(string cell) => cell.Contains(',') ? $"\"{cell}\"" : cell;
    static string Number(double? value) => value?.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture) ?? "";
    static string Whole(double? value) => value?.ToString("F0", CultureInfo.InvariantCulture) ?? "";
    static string Percent(double? share) => Whole(100 * share);
}
