using System.Globalization;

namespace RnnBench.Reports.Documents;

/// <summary>A cell of a table: what it says, and what it is, so that a format can align, sort and split it.</summary>
abstract record Cell
{
    /// <summary>The cell as a reader sees it, before the escapes of a format.</summary>
    public abstract string Text { get; }
    /// <summary>The same with long numbers in groups of three digits.</summary>
    public virtual string ForReaders => Text;
    /// <summary>What it sorts by, where it is a number.</summary>
    public virtual double? Order => null;
    /// <summary>Whether it is set bold: a test says so.</summary>
    public bool Strong { get; init; }

    /// <summary>Plain words.</summary>
    public static implicit operator Cell(string text) => new Words(text);
    /// <summary>A whole number.</summary>
    public static implicit operator Cell(long value) => new Number(value.ToString(CultureInfo.InvariantCulture), value);
}

/// <summary>Words: a name, a remark.</summary>
sealed record Words(string Value) : Cell
{
    public override string Text => Value;
}

/// <summary>Nothing to show; a dash for the reader, an empty field in a file.</summary>
sealed record Missing : Cell
{
    public override string Text => "–";
}

/// <summary>A number that has been formatted; <paramref name="Plain"/> is what files and all formats carry.</summary>
/// <param name="Plain">Its digits, in the invariant culture.</param>
/// <param name="Value">What it was before it was rounded, for sorting and for drawing.</param>
/// <param name="Unit">What follows the digits, such as " %"; "" where there is nothing.</param>
/// <param name="Bound">Before the digits: "≥ " for a value that was cut off; "" where it is exact.</param>
sealed record Number(string Plain, double Value, string Unit = "", string Bound = "") : Cell
{
    public override string Text => Bound + Plain + Unit;
    public override string ForReaders => Bound + Format.ForReaders(Plain) + Unit;
    public override double? Order => double.IsNaN(Value) ? null : Value;

    /// <summary>To some significant digits; a dash where it is not finite.</summary>
    public static Cell Of(double value, int digits = 4) => double.IsFinite(value) ? new Number(Format.Significant(value, digits), value) : new Missing();

    /// <summary>A share of one, as per cent.</summary>
    public static Cell Percent(double share, int decimals = 1) =>
        double.IsFinite(share) ? new Number(Format.Decimals(100 * share, decimals), 100 * share, " %") : new Missing();
}

/// <summary>An estimate with its interval, all three to the same number of decimals.</summary>
/// <param name="Mean">The estimate.</param>
/// <param name="Low">The lower end, or null where there is no interval.</param>
/// <param name="High">The upper end.</param>
sealed record Interval(Number Mean, Number? Low, Number? High) : Cell
{
    public override string Text => Low is null || High is null ? Mean.Text : $"{Mean.Text} [{Low.Plain}, {High.Plain}]";
    public override string ForReaders => Low is null || High is null ? Mean.ForReaders
        : $"{Mean.ForReaders} [{Format.ForReaders(Low.Plain)}, {Format.ForReaders(High.Plain)}]";
    public override double? Order => Mean.Order;

    /// <summary>Formats an estimate and its interval; the width of the interval decides how many digits mean anything.</summary>
    public static Cell Of(double mean, double low = double.NaN, double high = double.NaN)
    {
        if (!double.IsFinite(mean)) return new Missing();
        if (!double.IsFinite(low) || !double.IsFinite(high)) return new Interval(new Number(Format.Significant(mean, 4), mean), null, null);
        var text = Format.Together((high - low) / 2, mean, low, high);
        return new Interval(new Number(text[0], mean), new Number(text[1], low), new Number(text[2], high));
    }
}
