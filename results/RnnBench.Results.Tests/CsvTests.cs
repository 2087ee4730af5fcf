using CsCheck;
using Microsoft.Data.Analysis;

namespace RnnBench.Results.Tests;

public sealed class CsvTests
{
    static string Written(params DataFrameColumn[] columns)
    {
        var text = new StringWriter();
        Csv.Write(new DataFrame(columns), text);
        return text.ToString();
    }

    [Fact]
    public void Fields_are_quoted_where_they_must_be() => Assert.Equal(
        "name,\"a,b\",x\r\n"
            + "plain,1,0.1\r\n" + "\"with \"\"quotes\"\"\",,-1E-300\r\n"
            + "\"two\r\nlines\",-9223372036854775808,NaN\r\n" + ",0,\r\n" + "\"\",0,1E+300\r\n",
        Written(
            new StringDataFrameColumn("name", new[] { "plain", "with \"quotes\"", "two\r\nlines", null, "" }),
            new Int64DataFrameColumn("a,b", new long?[] { 1, null, long.MinValue, 0, 0 }),
            new DoubleDataFrameColumn("x", new double?[] { 0.1, -1e-300, double.NaN, null, 1e300 })));

    [Fact]
    public void Without_rows_there_is_the_header() => Assert.Equal("a,b\r\n", Written(new StringDataFrameColumn("a", 0), new Int64DataFrameColumn("b")));

    [Fact]
    public void Numbers_read_back_the_same() => Gen.Double.Array[1, 20].Sample(values =>
        Written(new DoubleDataFrameColumn("x", values)).Split("\r\n")[1..^1].Select(t => double.Parse(t, System.Globalization.CultureInfo.InvariantCulture))
            .SequenceEqual(values), iter: 200, seed: "0000000000000");
}
