using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Sections;

namespace RnnBench.Reports.Tests;

/// <summary>Published figures beside ours. Gauged on Zaremba et al. 2014: two layers of 200, test perplexity 114.5.</summary>
public sealed class LedgerTests
{
    [Theory]
    [InlineData("lstm(hidden=200,layers=2)", "ptb",              new[] { 114.0, 114.8, 115.2 }, "reproduced", "")]
    [InlineData("lstm(hidden=200,layers=2)", "ptb",              new[] { 104.0, 104.8, 105.2 }, "outside", "ours is better")]
    [InlineData("lstm(hidden=200,layers=2)", "ptb",              new[] { 124.0, 124.8, 125.2 }, "outside", "ours is worse")]
    [InlineData("lstm(hidden=200,layers=2)", "ptb",              new[] { 114.54, 114.54 },      "reproduced", "")]              // no spread, but the rounding
    [InlineData("lstm(hidden=200,layers=2)", "ptb",              new[] { 114.5 },               "not attempted", "a single seed has no interval")]
    [InlineData("lstm(hidden=100,layers=2)", "ptb",              new[] { 114.0, 115.0 },        "not attempted", "theirs is hidden=200")]
    [InlineData("lstm(hidden=200,layers=2)", "ptb(tokens=1000)", new[] { 114.0, 115.0 },        "not attempted", "ours is tokens=1000")]
    public void A_figure_is_reproduced_where_a_further_run_would_give_it(string model, string task, double[] finals, string verdict, string why)
    {
        var row = Rows(model, task, 4_650_000, finals).Single(r => r[8].Text == "Zaremba et al. 2014" && r[3].Text == "114.5");
        Assert.Equal((verdict, why), (row[6].Text, row[7].Text));
    }

    [Fact]
    public void A_model_of_another_number_of_parameters_is_no_attempt() =>
        Assert.Contains(Rows("lstm(hidden=200,layers=2)", "ptb", 1_000_000, [114, 115]), row => row[8].Text == "Bai et al. 2018, table 1" && row[7].Text.EndsWith("parameters, theirs 13000000", StringComparison.Ordinal));

    [Fact]
    public void Models_that_differ_in_more_than_size_are_others() => Assert.Empty(Rows("lstm(hidden=200,layers=2,forget_bias=2)", "ptb", 1, [114, 115]));

    [Theory]
    [InlineData("114.5", 0.05)]
    [InlineData("5.3e-5", 5e-7)]
    [InlineData("60", 0.5)]
    public void Rounding_is_half_the_last_digit(string digits, double half) => Assert.Equal(half, new PublishedFigure("", "", "", digits, null, "", "").Rounding, 1e-12);

    static IReadOnlyList<IReadOnlyList<Cell>> Rows(string model, string task, long parameters, double[] finals)
    {
        var data = new ReportData
        {
            Runs = [.. finals.Select((value, k) => new Run($"{k}", model, task, k, "plain", "done", null, "eager", "cpu", "float32", 1, parameters, 0, 100, 1, "2026-01-15T09:00:00Z", null, 1, "{}")
                { Finals = [new("perplexity", "test", value)] })],
            Files = [], Machines = [], Studies = [], Figures = new[] { new TaskFigure("perplexity", "perplexity", true, true, double.NaN, double.NaN, "") }.ToLookup(_ => task),
        };
        return [.. new Document("", [new("", "", [.. Ledger.Write(data)])]).Tables.SelectMany(table => table.Rows)];
    }
}
