using System.Text.Json;

namespace RnnBench.Cli.Tests;

/// <summary>The command <c>bench</c>.</summary>
public sealed class BenchTests
{
    static readonly string[] small = ["bench", "cells", "--models", "lstm,mgu", "--shapes", "3x2x8", "--parts", "shapes", "--threads", "1", "--seconds", "0.02"];

    [Fact]
    public void It_prints_a_table_a_list_of_values_or_json()
    {
        var table = Call.Of(small);
        Assert.Equal(0, table.Code);
        Assert.Contains("FMA peak", table.Output);
        Assert.Contains("geometric mean of 2", table.Output);
        var csv = Call.Of([.. small, "--csv"]).Output.Trim().Split('\n');
        Assert.Equal(3, csv.Length);
        Assert.All(csv, line => Assert.Equal(csv[0].Count(c => c == ','), line.Count(c => c == ',')));
        using var json = JsonDocument.Parse(Call.Of([.. small, "--json"]).Output);
        Assert.Equal(["lstm(hidden=8)", "mgu(hidden=8)"], json.RootElement.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("timing").GetProperty("cell").GetString()));
    }

    [Fact]
    public void It_sets_levels_of_a_forest_against_single_nodes()
    {
        using var json = JsonDocument.Parse(Call.Of("bench", "trees", "--shapes", "8x6x4", "--seconds", "0.02", "--threads", "1", "--json").Output);
        var rows = json.RootElement.EnumerateArray().ToArray();
        Assert.Equal(["tree-lstm-childsum(hidden=4)", "tree-lstm-nary(hidden=4)"], rows.Select(row => row.GetProperty("model").GetString()));
        Assert.All(rows, row => Assert.True(row.GetProperty("ratio").GetDouble() > 1, row.ToString()));      // 88 rounds against five or so
    }

    [Theory]
    [InlineData("--shapes", "3x2", "T x B x H")]
    [InlineData("--parts", "none", "recurrences")]
    [InlineData("--threads", "0", "above 0")]
    [InlineData("--models", "nought", "unknown model nought")]
    public void A_mistake_is_named(string option, string value, string part)
    {
        var result = Call.Of(["bench", "cells", option, value]);
        Assert.Equal(2, result.Code);
        Assert.Contains(part, result.Error);
    }
}
