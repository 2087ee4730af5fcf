using RnnBench.Reports.Data;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Verdicts;

/// <summary>A quantity of a run that a claim can be about.</summary>
/// <param name="Title">In words, with its unit.</param>
/// <param name="LargerIsBetter">Its direction.</param>
/// <param name="After">Its value; NaN where the run has none.</param>
/// <param name="Before">Its value before training, for claims about a change; null where there is none.</param>
/// <param name="IsExact">Whether it is the same for every seed.</param>
sealed record Measure(string Title, bool LargerIsBetter, Func<Run, double> After, Func<Run, double>? Before = null, bool IsExact = false)
{
    /// <summary>The quantity of a name: one of the table, <c>saturation.f</c> for one gate, or a figure of the task.</summary>
    /// <param name="name">As rules write it.</param>
    /// <param name="task">The task.</param>
    /// <param name="compared">The models of the test, for a quantity that depends on what they reach.</param>
    /// <returns>Null where the task has no such figure.</returns>
    public static Measure? Of(string name, TaskView task, IReadOnlyList<Group> compared) => (name, task.Deciding) switch
    {
        ("figure", { } figure)            => Figure(figure),
        ("solved", { } figure)            => double.IsNaN(figure.Solved) ? null : new("solved, share of runs", true, run => IsJudged(run) ? Solved(run, figure) : double.NaN),
        ("steps_to_solve", { } figure)    => double.IsNaN(figure.Solved) ? null : new("steps to solve", false, run => IsJudged(run) ? run.SolvedAt ?? run.Steps : double.NaN),
        ("time_to_target", { } figure)    => TimeToTarget(figure, compared),
        ("parameters", _)                 => new("parameters", false, run => run.Parameters, IsExact: true),
        ("tokens_per_second", _)          => new("tokens/s", true, run => run.Timing is { Seconds: > 0 } t ? t.Tokens / t.Seconds : double.NaN),
        ("memory", _)                     => new("memory, MB", false, run => run.Timing is { PeakMemory: > 0 } t ? t.PeakMemory / 1e6 : double.NaN),
        ("step_memory", _)                => new("memory of a training step, MB", false, run => run.Timing?.StepMemory is > 0 and var bytes ? bytes / 1e6 : double.NaN),
        ("seconds", _)                    => new("training time, s", false, run => run.IsDone ? run.Seconds : double.NaN),
        ("decay", _)                      => new("ln β of the gradient a step", true, run => Decay(run, true, d => Math.Log(d.Rate)), run => Decay(run, false, d => Math.Log(d.Rate))),
        ("memory_length", _)              => new("memory length at 0.01, steps", true, run => Decay(run, true, d => d.MemoryHundredth), run => Decay(run, false, d => d.MemoryHundredth)),
        ("saturation", _)                 => Saturation(null),
        _ when name.StartsWith("saturation.", StringComparison.Ordinal) => Saturation(name["saturation.".Length..]),
        _ => task.Figures.FirstOrDefault(f => f.Metric == name) is { } figure ? Figure(figure) : null,
    };

    /// <summary>The largest difference that does not matter, where a rule says none.</summary>
    public double Margin { get; init; } = 0.02;

    static Measure Figure(TaskFigure figure) =>
        new(figure.Title, !figure.LowerIsBetter, run => run.IsDone ? run.Final(figure.Metric, "test") : double.NaN) { Margin = GateEffects.Margin(figure) };

    static Measure Saturation(string? gate) => new($"share of {(gate is null ? "gate values" : $"values of gate {gate}")} below 0.1 or above 0.9", true, run => Saturated(run, gate, true), run => Saturated(run, gate, false));

    /// <summary>Training time to the level that the median run of the worse model reaches at its best on valid; a run that never gets there has none.</summary>
    static Measure? TimeToTarget(TaskFigure figure, IReadOnlyList<Group> compared)
    {
        var sign = figure.LowerIsBetter ? 1 : -1;
        var reached = compared.Select(group => group.Done.Select(run => Valid(run).Select(p => sign * p.Value).DefaultIfEmpty(double.NaN).Min()).Where(double.IsFinite).ToArray())
            .Where(best => best.Length > 0).Select(Quantiles.Median).ToArray();
        if (reached.Length == 0) return null;
        var target = reached.Max();
        return new($"training time to {figure.Metric.Replace('_', ' ')} {Documents.Format.Significant(sign * target, 3)} on valid, s", false, run =>
            Valid(run).Where(p => sign * p.Value <= target).Select(p => run.Seconds * p.Step / run.Steps).DefaultIfEmpty(double.NaN).Min());

        IEnumerable<CurvePoint> Valid(Run run) => run.Curve.Where(p => p.Metric == figure.Metric && p.Split == "valid" && double.IsFinite(p.Value));
    }

    static bool IsJudged(Run run) => run.Status is "done" or "diverged";

    static double Solved(Run run, TaskFigure figure) => run.IsDone && figure.Solves(run.Final(figure.Metric, "test")) ? 1 : 0;

    /// <summary>Over the layers with a state of their own, the slowest decay: the layer that reaches furthest back.</summary>
    static double Decay(Run run, bool after, Func<GradientDecay, double> of)
    {
        if (!run.IsDone || run.Lags.Count == 0) return double.NaN;
        var step = after ? run.Lags.Max(m => m.Step) : run.Lags.Min(m => m.Step);
        var decays = run.Lags.Where(m => m.Step == step && m.Layer != "x").Select(m => GradientDecay.Of(m.Norms)).OfType<GradientDecay>().Select(of).Where(double.IsFinite).ToArray();
        return decays.Length == 0 ? double.NaN : decays.Max();
    }

    static double Saturated(Run run, string? gate, bool after)
    {
        var gates = run.Gates.Where(g => gate is null || g.Gate == gate).ToArray();
        if (!run.IsDone || gates.Length == 0) return double.NaN;
        var step = after ? gates.Max(g => g.Step) : gates.Min(g => g.Step);
        return gates.Where(g => g.Step == step).Average(g => g.Below + g.Above);
    }
}
