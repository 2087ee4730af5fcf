using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Statistics;

namespace RnnBench.Reports.Sections;

/// <summary>Published figures beside ours: each that is of a model and a task of the report, whether it came out again, and why it was not tried where it was not.</summary>
static class Ledger
{
    /// <summary>Settings of a task that take a part of its data, or make it easier; any other makes it another task.</summary>
    static readonly HashSet<string> parts = ["tokens", "sentences", "cut", "digits", "set=subset"];

    const double Sizes = 1.5;      // a number of parameters within this factor counts as the same

    public static IEnumerable<Block> Write(ReportData data)
    {
        var entries = PublishedFigure.All.SelectMany(figure => data.Tasks.Where(task => Less(figure, task) is { } less && less.All(s => parts.Contains(s.Key) || parts.Contains($"{s.Key}={s.Value}")))
            .SelectMany(task => task.Groups.Where(group => IsOf(figure.Model, group)).Select(group => Entry.Of(figure, task, group)))).ToArray();
        if (entries.Length == 0) return [];
        int Count(string verdict) => entries.Count(entry => entry.Verdict == verdict);
        return [
            new Paragraph($"Of the {Format.Integer(PublishedFigure.All.Count)} published figures that the catalogue of architectures has, {Format.Integer(entries.Length)} are of a model and a task of this report: "
                + $"{Count(Entry.Reproduced)} reproduced, {Count(Entry.Outside)} outside, {Count(Entry.NotAttempted)} not attempted. Reproduced means that the published figure lies, but for its rounding, where a further "
                + "run of ours would (95 % prediction interval by Student's t over our seeds): papers mostly print a single run. A run on other data or of another size is no attempt."),
            Details.IfLong("Published figures and ours", new Table("ledger", "Published figures and ours, on test, with the 95 % interval for a further run.",
                ["model", "task", "figure", "published", "ours", "seeds", "verdict", "why", "source", "catalogue"], [.. entries.Select(entry => entry.Row)])),
        ];
    }

    /// <summary>The settings of our task that theirs has not, how much is evaluated apart; null where it is not theirs at all.</summary>
    static KeyValuePair<string, string>[]? Less(PublishedFigure figure, TaskView task) => (Names.Read(figure.Task), Names.Read(task.Text)) is ({ } asked, { } ours)
        && asked.Id == ours.Id && asked.Settings.All(ours.Settings.Contains) ? [.. ours.Settings.Except(asked.Settings).Where(s => !s.Key.StartsWith("eval_", StringComparison.Ordinal))] : null;

    /// <summary>Whether a group is of the figure's model, sizes apart.</summary>
    static bool IsOf(string model, Group group) => (Names.Read(model), Names.Read(group.First.Model)) is ({ } asked, { } ours) && asked.Id == ours.Id
        && asked.Ablations.SequenceEqual(ours.Ablations) && Others(asked).ToHashSet().SetEquals(Others(ours));

    static IEnumerable<KeyValuePair<string, string>> Others(Language.Notation model) => model.Settings.Where(s => !Grouping.IsSize(s.Key));

    sealed record Entry(PublishedFigure Figure, TaskView Task, Group Group, Cell Ours, int Seeds, string Verdict, string Why)
    {
        public const string Reproduced = "reproduced", Outside = "outside", NotAttempted = "not attempted";

        public IReadOnlyList<Cell> Row => [Group.Label, Task.Label, Figure.Metric.Replace('_', ' '), new Number(Figure.Digits, Figure.Value), Ours, Seeds,
            new Words(Verdict) { Strong = Verdict == Reproduced }, Why, Figure.Source, Figure.Catalogue];

        public static Entry Of(PublishedFigure figure, TaskView task, Group group)
        {
            var finals = group.Finals(figure.Metric);
            if (WhyNot(figure, task, group) is { } why) return new(figure, task, group, new Missing(), finals.Count, NotAttempted, why);
            var mean = MeanInterval.Of(finals);
            var (low, high) = (mean.Mean - (mean.Mean - mean.Low) * Math.Sqrt(mean.Count + 1), mean.Mean + (mean.High - mean.Mean) * Math.Sqrt(mean.Count + 1));
            var inside = figure.Value >= low - figure.Rounding && figure.Value <= high + figure.Rounding;
            var better = task.Figures.First(f => f.Metric == figure.Metric).LowerIsBetter == mean.Mean < figure.Value;
            return new(figure, task, group, Interval.Of(mean.Mean, low, high), finals.Count, inside ? Reproduced : Outside, inside ? "" : better ? "ours is better" : "ours is worse");
        }

        static string? WhyNot(PublishedFigure figure, TaskView task, Group group)
        {
            var (model, ours) = (Names.Read(figure.Model)!, Names.Read(group.First.Model)!);
            if (Less(figure, task) is { Length: > 0 } less) return $"ours is {string.Join(", ", less.Select(s => $"{s.Key}={s.Value}"))}";
            if (model.Settings.Where(s => Grouping.IsSize(s.Key)).Except(ours.Settings).Select(s => $"{s.Key}={s.Value}").FirstOrDefault() is { } size) return $"theirs is {size}";
            var parameters = group.First.Parameters + group.First.ParametersOutside;
            if (figure.Parameters is { } theirs && (parameters > Sizes * theirs || theirs > Sizes * parameters))
                return $"{Format.Integer(parameters)} parameters, theirs {Format.Level(theirs, 3)}";
            return group.Finals(figure.Metric).Count switch { 0 => "no such figure of ours", 1 => "a single seed has no interval", _ => null };
        }
    }
}
