using RnnBench.Language;
using RnnBench.Reports;
using RnnBench.Tasks;

namespace RnnBench.Cli.Tests;

/// <summary>The published figures speak of models, tasks and figures that there are, in the notation that runs are stored under.</summary>
public sealed class PublishedFiguresTests
{
    public static TheoryData<PublishedFigure> All => [.. PublishedFigure.All];

    [Theory]
    [MemberData(nameof(All))]
    public void A_figure_can_be_met_by_a_run(PublishedFigure figure)
    {
        var task = TaskEntry.Build(Tasks.Catalog.All, Notation.Parse(figure.Task));
        Assert.Equal(figure.Task, task.Text);
        Assert.Contains(figure.Metric, task.Metrics.Select(metric => metric.Name));
        var written = Notation.Parse(figure.Model);
        var model = Model.Build(Architectures.Catalog.All, written.WithDefaults([KeyValuePair.Create("hidden", "32")]), 4);
        var settings = Notation.Parse(model.Text).Settings.Where(s => s.Key != "hidden" || written.Settings.Any(own => own.Key == "hidden"));
        Assert.Equal(written.Settings.ToHashSet(), settings.ToHashSet());
        Assert.Equal(written.Ablations, Notation.Parse(model.Text).Ablations);
        Assert.True(figure.Value > 0 && figure.Rounding < figure.Value && figure.Source.Length > 0 && figure.Catalogue.Contains(':', StringComparison.Ordinal));
    }
}
