using System.Globalization;
using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>Tokens a second and the share of the machine's limit against batch, length and hidden size, wherever runs differ in one of them alone.</summary>
static class SpeedScaling
{
    /// <summary>A training step does the work of the forward pass once more for the inputs' gradient and once more for the weights'.</summary>
    const double Passes = 3;

    static readonly (string Name, Func<Shape, long?> Of)[] axes = [("batch", s => s.Batch), ("length, steps", s => s.Length), ("hidden size", s => s.Hidden)];

    public static IEnumerable<Block> Write(ReportData data)
    {
        var rows = data.Tasks.SelectMany(task => task.Groups.Select(group => Row.Of(data, task, group))).OfType<Row>().ToArray();
        var series = rows.Select(row => row.Model).Distinct().ToArray();
        var sweeps = axes.SelectMany((axis, k) => Sweeps(rows, k)).ToArray();
        if (sweeps.Length == 0) return [];
        var table = Table(rows);
        var known = rows.Any(row => double.IsFinite(row.Percent));
        return [
            new Paragraph("A line joins runs of a model that differ in one quantity alone; medians over runs, from the slowest to the fastest. "
                + (known ? "The limit is the peak of multiply-adds in registers, measured on this machine for the same type and number of threads when the report was written; the arithmetic is that of the recurrent "
                    + "part, forward and backward. What the output layer and the embedding do takes time but does not count." : "The share of the machine's limit is not known: the report was written elsewhere.")),
            new Figure("scaling", "Tokens a second of training; higher is faster. Both axes are logarithmic.", Legend(series, sweeps), [.. sweeps.Select(sweep => Panel(sweep, series, "tokens/s", true, row => row.Rate))], table),
            .. known ? [new Figure("limit", "The arithmetic of the recurrent part, in per cent of the measured limit.", Legend(series, sweeps),
                [.. sweeps.Select(sweep => Panel(sweep, series, "% of the limit", false, row => (row.Percent, double.NaN, double.NaN)))], table)] : Enumerable.Empty<Block>(),
            Details.IfLong("Speed by shape, in numbers", table),
        ];
    }

    readonly record struct Shape(long? Batch, long? Length, long? Hidden);

    sealed record Row(string Task, string Model, Shape Shape, (double Median, double Low, double High) Rate, double Gflops, double Percent, string Path)
    {
        public static Row? Of(ReportData data, TaskView task, Group group)
        {
            var (run, rates) = (group.First, group.Runs.Select(r => r.Timing).OfType<Timing>().Where(t => t.Seconds > 0 && t.Tokens > 0).Select(t => t.Tokens / t.Seconds).ToArray());
            if (rates.Length == 0 || Names.Read(run.Model) is not { } model) return null;
            var named = Names.Read(task.Text);
            var shape = new Shape(Number(Grouping.Setting(run, "batch")), Number(named?.Settings.FirstOrDefault(s => s.Key == "T").Value), Number(model.Settings.FirstOrDefault(s => s.Key == "hidden").Value));
            var median = Quantiles.Median(rates);
            var gflops = run.Flops > 0 ? Passes * run.Flops * median / 1e9 : double.NaN;
            var limit = data.Limit(run);
            return new(named?.Id ?? task.Text, Names.Without(run.Model, Grouping.IsSize) + (Grouping.Setting(run, "backend") is { } backend and not "auto" ? $"@{backend}" : ""), shape,
                (median, rates.Min(), rates.Max()), gflops, 100 * gflops / limit, run.Path);
        }

        static long? Number(string? text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    sealed record Sweep(int Axis, string Title, IReadOnlyList<IReadOnlyList<Row>> Lines);

    /// <summary>Rows that agree in task and in the other two quantities; a panel for each such agreement in which some model was run with two values or more.</summary>
    static IEnumerable<Sweep> Sweeps(Row[] rows, int axis)
    {
        var others = axes.Where((_, k) => k != axis).ToArray();
        return rows.Where(row => axes[axis].Of(row.Shape) is not null).GroupBy(row => (row.Task, First: others[0].Of(row.Shape), Second: others[1].Of(row.Shape)))
            .Select(same => (same.Key, Lines: same.GroupBy(row => row.Model).Select(line => (IReadOnlyList<Row>)[.. line.DistinctBy(row => axes[axis].Of(row.Shape)).OrderBy(row => axes[axis].Of(row.Shape))])
                .Where(line => line.Count > 1).ToArray()))
            .Where(sweep => sweep.Lines.Length > 0)
            .Select(sweep => new Sweep(axis, $"{sweep.Key.Task}{Said(others[0].Name, sweep.Key.First)}{Said(others[1].Name, sweep.Key.Second)}", sweep.Lines));

        static string Said(string name, long? value) => value is { } given ? $", {name.Split(',')[0]} {Format.Integer(given)}" : "";
    }

    static IReadOnlyList<LegendEntry> Legend(string[] series, Sweep[] sweeps) =>
        [.. series.Select((model, k) => new LegendEntry(k, model)).Where(entry => sweeps.Any(sweep => sweep.Lines.Any(line => line[0].Model == entry.Label)))];

    static LinePanel Panel(Sweep sweep, string[] series, string name, bool log, Func<Row, (double Y, double Low, double High)> of) => new(sweep.Title, axes[sweep.Axis].Name, name, log,
        [.. sweep.Lines.Select(line => new Line(Array.IndexOf(series, line[0].Model), line[0].Model, [.. line.Select(row => (X: axes[sweep.Axis].Of(row.Shape)!.Value, At: of(row)))
            .Where(point => double.IsFinite(point.At.Y)).Select(point => new Point(point.X, point.At.Y, point.At.Low, point.At.High))]))], []) { LogX = true, Include = log ? [] : [0] };

    static Table Table(Row[] rows) => new("scaling", "Training speed by shape. GFLOP/s are those of the recurrent part, forward and backward.",
        ["task", "model", "batch", "length", "hidden", "tokens/s", "slowest", "fastest", "GFLOP/s", "% of the limit", "path"],
        [.. rows.Select(row => (IReadOnlyList<Cell>)[row.Task, row.Model, Whole(row.Shape.Batch), Whole(row.Shape.Length), Whole(row.Shape.Hidden),
            Rate(row.Rate.Median), Rate(row.Rate.Low), Rate(row.Rate.High), Number.Of(row.Gflops, 3), Number.Of(row.Percent, 2), row.Path])]);

    static Cell Whole(long? value) => value is { } given ? given : new Missing();

    static Cell Rate(double rate) => new Number(Format.Significant(Format.Rounded(rate, 3), 3), rate);
}
