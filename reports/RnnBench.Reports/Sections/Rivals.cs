using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>The models of a task against the one with the best mean: paired differences, corrected tests, the probability of improvement.</summary>
sealed class Rivals
{
    const double Level = 0.05;

    readonly Dictionary<Group, (PairedComparison Comparison, double P)> against = [];

    /// <param name="task">The task.</param>
    /// <param name="figure">Its deciding figure.</param>
    public Rivals(TaskView task, TaskFigure figure)
    {
        var able = task.Groups.Where(group => group.BySeed(figure.Metric).Count > 0).ToArray();
        if (able.Length < 2) return;
        Best = figure.LowerIsBetter ? able.MinBy(Mean) : able.MaxBy(Mean);
        var others = able.Where(group => group != Best).ToArray();
        var comparisons = others.Select(group => PairedComparison.Of(group.BySeed(figure.Metric), Best!.BySeed(figure.Metric))).ToArray();
        var adjusted = Adjusted.Holm([.. comparisons.Select(c => c.P)]);
        for (var k = 0; k < others.Length; k++) against[others[k]] = (comparisons[k], adjusted[k]);

        double Mean(Group group) => group.BySeed(figure.Metric).Values.Average();
    }

    /// <summary>The model with the best mean; null where there is nothing to compare.</summary>
    public Group? Best { get; }

    /// <summary>Whether it is better than each other one by the corrected test: only then does a table print it bold.</summary>
    public bool BestIsSignificant => against.Count > 0 && against.Values.All(a => a.P <= Level);

    /// <summary>How many seeds a test needs, where none of the comparisons has as many; else null.</summary>
    public int? TooFew => against.Count > 0 && !against.Values.Any(a => a.Comparison.CanDecide(against.Count)) ? (int)SignFlip.PairsNeeded(against.Count) : null;

    /// <summary>The difference to the best, with its interval.</summary>
    public Cell Difference(Group group) => against.TryGetValue(group, out var a) ? Interval.Of(a.Comparison.Difference.Estimate, a.Comparison.Difference.Low, a.Comparison.Difference.High)
        : group == Best ? "best" : new Missing();

    /// <summary>The corrected p, or what is missing for one.</summary>
    public Cell P(Group group) => !against.TryGetValue(group, out var a) ? new Missing()
        : !a.Comparison.CanDecide(against.Count) ? $"too few seeds (needs {Format.Integer(SignFlip.PairsNeeded(against.Count))})"
        : new Number(Format.Significant(a.P, 2), a.P) { Strong = a.P <= Level };
}
