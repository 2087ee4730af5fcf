using CsCheck;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Formats;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Tests;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1.0 / 6, "0.1667")]
    [InlineData(-12.3456, "-12.35")]
    [InlineData(123456, "123456")]
    [InlineData(3.14159e-5, "3.142e-5")]
    [InlineData(2.5e12, "2.500e12")]
    [InlineData(double.NaN, "–")]
    public void Significant_digits(double value, string expected) => Assert.Equal(expected, Format.Significant(value, 4));

    [Theory]
    [InlineData(0.0017, "0.0017")]
    [InlineData(1.0 / 6, "0.1667")]
    [InlineData(100, "100")]
    public void Levels_claim_no_precision(double value, string expected) => Assert.Equal(expected, Format.Level(value));

    [Theory]
    [InlineData(4.8123, 4.7889, 4.8357, "4.812 [4.789, 4.836]")]
    [InlineData(0.0003, -0.0001, 0.0007, "0.00030 [-0.00010, 0.00070]")]
    [InlineData(3.21e-5, 2.2e-5, 4.2e-5, "3.2e-5 [2.2e-5, 4.2e-5]")]
    [InlineData(120.7, double.NaN, double.NaN, "120.7")]
    [InlineData(1, 1, 1, "1.000 [1.000, 1.000]")]
    public void The_width_of_an_interval_decides_its_digits(double mean, double low, double high, string expected) =>
        Assert.Equal(expected, Interval.Of(mean, low, high).Text);

    [Theory]
    [InlineData("1234", "1234")]
    [InlineData("-1234567.89", "−1\u202f234\u202f567.89")]
    [InlineData("3.1e-5", "3.1e−5")]
    public void Long_numbers_are_grouped_for_readers(string plain, string expected) => Assert.Equal(expected, Format.ForReaders(plain));

    [Theory]
    [InlineData(8.34, "8.3 s")]
    [InlineData(96, "1.6 min")]
    [InlineData(12034, "3 h 20 min")]
    public void Durations(double seconds, string expected) => Assert.Equal(expected, Format.Duration(seconds));

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@x", "'@x")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("a,\"b\"\nc", "\"a,\"\"b\"\"\nc\"")]
    [InlineData("lstm(hidden=8)", "lstm(hidden=8)")]
    public void Csv_fields(string text, string expected) => Assert.Equal(expected, CsvTable.Quote(text));

    [Fact]
    public void Csv_splits_intervals_and_leaves_negative_numbers_bare()
    {
        var table = new Table("t", "", ["model", "loss"], [["a", Interval.Of(-1, -2, 0)], ["b", Interval.Of(3)], ["c", new Missing()]]);
        Assert.Equal("model,loss,loss low,loss high\na,-1.0,-2.0,0.0\nb,3.000,,\nc,,,\n", CsvTable.Write(table));
    }

    [Fact]
    public void Latex_escapes() => Assert.Equal(@"\textbackslash{}a\_b\{\}\%\&\#\$\textasciicircum{}\textasciitilde{}\textless{}-{}-{}x[U+4E2D]$\beta$é",
        LatexDocument.Escape("\\a_b{}%&#$^~<--x中βé"));

    [Fact]
    public void Markdown_escapes() => Assert.Equal(@"a\|b\_c\*&lt;i&gt;&amp;\`\[x\] d", Markdown.Escape("a|b_c*<i>&`[x]\nd"));

    [Fact]
    public void Markup_escapes_and_replaces_what_xml_cannot_carry() => Assert.Equal("&lt;a b=&quot;c&quot;&gt;&amp;\ufffd", Markup.Escape("<a b=\"c\">&\u0001"));

    [Fact]
    public void Linear_axes_have_round_marks_and_hold_their_values() => Check.Sample(
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Double[1e-3, 1e6]), values =>
        {
            var (low, high) = (values.Item1, values.Item1 + values.Item2);
            var axis = Axis.Linear(low, high);
            Assert.True(axis.At(low) >= -1e-9 && axis.At(high) <= 1 + 1e-9);
            var labelled = axis.Ticks.Where(tick => !tick.Minor).ToArray();
            Assert.InRange(labelled.Length, 2, 9);
            var step = labelled[1].Value - labelled[0].Value;
            var mantissa = Math.Round(step / Math.Pow(10, Math.Floor(Math.Log10(step) + 1e-6)), 3);
            Assert.Contains(mantissa, new[] { 1.0, 2, 5 });
        });

    [Fact]
    public void Logarithmic_axes_mark_decades()
    {
        Assert.Equal(["10⁻⁴", "10⁻³", "0.01", "0.1", "1"], Axis.Log(1e-4, 1).Ticks.Where(tick => !tick.Minor).Select(tick => tick.Label));
        Assert.Equal(["2", "5", "10", "20"], Axis.Log(1.5, 22).Ticks.Where(tick => !tick.Minor).Select(tick => tick.Label));
        Assert.True(double.IsNaN(Axis.Log(1, 10).At(0)));
    }

    [Fact]
    public void A_line_panel_draws_each_line_and_names_its_levels()
    {
        var svg = new Markup();
        new LinePanel("adding", "step", "loss", true, [new Line(0, "lstm", [new(0, 1, 0.5, 2), new(10, 0.01, 0.005, 0.02)])], [new(0.167, "baseline")]).Draw(svg);
        var text = svg.ToString();
        Assert.Contains("baseline 0.167", text, StringComparison.Ordinal);
        Assert.Contains("<polygon class=\"band f0\"", text, StringComparison.Ordinal);
        Assert.Contains("lstm, step 10: 0.01000 (0.00500 to 0.0200)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
    }
}
