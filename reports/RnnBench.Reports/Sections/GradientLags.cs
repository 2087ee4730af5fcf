using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>How the influence of the past fades: ρ(k), the gradient of the last loss with respect to the state k steps before, relative to that at the end.</summary>
static class GradientLags
{
    const double Lowest = 1e-8;      // below it a plot would be all noise

    public static IEnumerable<Block> Write(ReportData data)
    {
        var fades = data.Tasks.SelectMany(task => task.Groups.SelectMany(group => Fades(task, group))).ToArray();
        if (fades.Length == 0) return [];
        return [
            new Paragraph("ρ(k) is the norm of the gradient of the loss at the last step with respect to the state k steps before it, divided by that at k = 0; a mean over a "
                + "fixed probe batch. Panels of the input have the gradient with respect to x in the place of the state. The faster it falls, the less a model can learn from what lies far back."),
            new Figure("gradient-lag", "Gradient against lag. The line is the geometric mean over seeds, the band reaches from the least to the largest.",
                [.. fades.Select(f => f.Group).DistinctBy(g => g.Series).OrderBy(g => g.Series).Select(g => new LegendEntry(g.Series, g.Label))],
                [.. fades.GroupBy(f => (f.Task, f.Layer, f.After)).Select(g => Panel([.. g], [.. fades.Where(f => f.Task == g.Key.Task && f.Layer == g.Key.Layer)]))],
                Points(fades)),
            Details.IfLong("How fast it fades, in numbers", Table(fades)),
        ];
    }

    /// <summary>The ratios of each seed at one moment: [seed][lag].</summary>
    sealed record Fade(TaskView Task, Group Group, string Layer, bool After, IReadOnlyList<IReadOnlyList<double>> Ratios)
    {
        public string When => After ? "after training" : "before training";

        /// <summary>The geometric mean over seeds, with the least and the largest.</summary>
        public IReadOnlyList<Point> Line { get; } = [.. Enumerable.Range(0, Ratios.Min(r => r.Count)).Select(k =>
        {
            var values = Ratios.Select(r => r[k]).ToArray();
            var mean = Math.Exp(values.Average(Math.Log));
            return values.Length == 1 ? new Point(k, mean) : new Point(k, mean, values.Min(), values.Max());
        })];
    }

    static IEnumerable<Fade> Fades(TaskView task, Group group) => group.Done.SelectMany(run => run.Lags).Select(moment => moment.Layer).Distinct().SelectMany(layer =>
    {
        var seeds = group.Done.Select(run => run.Lags.Where(m => m.Layer == layer && GradientDecay.Of(m.Norms) is not null).OrderBy(m => m.Step).ToArray())
            .Where(moments => moments.Length > 0).ToArray();
        return seeds.Length == 0 ? Enumerable.Empty<Fade>() : [
            new Fade(task, group, layer, false, [.. seeds.Select(moments => Ratio(moments[0]))]),
            new Fade(task, group, layer, true, [.. seeds.Select(moments => Ratio(moments[^1]))])];
    });

    static double[] Ratio(LagMoment moment) => [.. moment.Norms.Select(g => g / moment.Norms[0])];

    /// <summary>The panel of one moment; its axis is that of all moments, so that they can be compared.</summary>
    static LinePanel Panel(Fade[] fades, Fade[] all) => new(
        $"{fades[0].Task.Label}{fades[0].Layer switch { "" => "", "x" => ", input", var layer => $", {layer}" }}, {fades[0].When}", "lag k, steps", "ρ(k)", true,
        [.. fades.Select(f => new Line(f.Group.Series, f.Group.Label, f.Line))], [])
        {
            Floor = Lowest, Include = [.. all.SelectMany(f => f.Line).SelectMany(point => new[] { point.Y, point.Low, point.High })],
        };

    static Table Table(Fade[] fades) => new("gradient-decay", "How fast it fades. β is the factor a step of the least-squares line through ln ρ (1 keeps, below 1 fades, above 1 explodes); the "
        + "half-life is the lag from which on ρ stays below 1/2; the memory length is the largest lag with ρ at or above a level, with ≥ where it reaches the end of the sequence. Medians over seeds.",
        ["task", "model", "layer", "when", "β", "ln β a step", "half-life", "memory (0.1)", "memory (0.01)", "centre of mass", "exploding"],
        [.. fades.Select(f =>
        {
            var decays = f.Ratios.Select(ratios => GradientDecay.Of(ratios)).OfType<GradientDecay>().ToArray();
            double Median(Func<GradientDecay, double> of) => decays.Any(d => double.IsNaN(of(d))) ? double.NaN : Quantiles.Median(decays.Select(of));
            var last = decays.Max(d => d.Steps) - 1;
            return (IReadOnlyList<Cell>)[
                f.Task.Label, f.Group.Label, f.Layer, f.When, Number.Of(Median(d => d.Rate)), Number.Of(Median(d => Math.Log(d.Rate)), 3),
                Steps(Median(d => d.HalfLife), last + 1), Steps(Median(d => d.MemoryTenth), last), Steps(Median(d => d.MemoryHundredth), last),
                Number.Of(Median(d => d.Centre), 3), $"{decays.Count(d => d.Exploding)} of {decays.Length}"];
        })]);

    static Cell Steps(double steps, int censored) => new Number(Format.Decimals(steps, steps % 1 == 0 ? 0 : 1), steps, Bound: steps >= censored ? "≥ " : "");

    static Table Points(Fade[] fades) => new("gradient-lag", "Gradient against lag", ["task", "model", "layer", "when", "lag", "ρ", "least", "largest"],
        [.. fades.SelectMany(f => f.Line.Select(p => (IReadOnlyList<Cell>)[
            f.Task.Label, f.Group.Label, f.Layer, f.When, (long)p.X, Number.Of(p.Y), Number.Of(p.Low), Number.Of(p.High)]))]);
}
