using System.Globalization;

namespace RnnBench.Reports.Documents;

/// <summary>Numbers as text, in the invariant culture: the one place that decides on digits.</summary>
static class Format
{
    /// <summary>The number to some significant digits; with an exponent where it is below 1e-4 or from 1e9 on.</summary>
    public static string Significant(double value, int digits)
    {
        if (!double.IsFinite(value)) return "–";
        if (value == 0) return "0";
        var exponent = Exponent(value);
        return exponent is < -4 or > 8 ? Scientific(value, digits - 1) : Decimals(value, Math.Max(0, digits - 1 - exponent));
    }

    /// <summary>The number to some decimals.</summary>
    public static string Decimals(double value, int decimals)
    {
        var text = value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.TrimStart('-').Trim('0', '.').Length == 0 ? text.TrimStart('-') : text;       // no "-0.00"
    }

    /// <summary>A level that was chosen, such as a baseline or a step: without the zeros that would claim precision.</summary>
    public static string Level(double value, int digits = 4) =>
        Significant(value, digits) is var text && text.Contains('.', StringComparison.Ordinal) && !text.Contains('e', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;

    /// <summary>A large number rounded to some digits, without an exponent: 1234567 to three is 1230000.</summary>
    public static double Rounded(double value, int digits)
    {
        if (value == 0 || !double.IsFinite(value)) return value;
        var unit = Math.Pow(10, Math.Max(0, Exponent(value) - digits + 1));
        return Math.Round(value / unit) * unit;
    }

    /// <summary>A whole number.</summary>
    public static string Integer(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Numbers that are read together, to as many decimals as give two digits of <paramref name="uncertainty"/>.</summary>
    public static string[] Together(double uncertainty, params double[] values)
    {
        var largest = values.Max(Math.Abs);
        var precision = uncertainty > 0 ? Exponent(uncertainty) - 1 : Exponent(largest) - 3;
        precision = Math.Max(precision, Exponent(largest) - 5);                                    // never more than six digits
        return largest == 0 ? [.. values.Select(_ => "0")]
            : Exponent(largest) is < -4 or > 8 ? [.. values.Select(v => v == 0 ? "0" : Scientific(v, Math.Max(0, Exponent(v) - precision)))]
            : [.. values.Select(v => Decimals(v, Math.Max(0, -precision)))];
    }

    /// <summary>Seconds as a person says them: 8.3 s, 12 min, 3 h 20 min.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 60 => $"{Significant(seconds, 2)} s",
        < 3600 => $"{Decimals(seconds / 60, seconds < 600 ? 1 : 0)} min",
        _ => $"{Integer((long)seconds / 3600)} h {Integer((long)seconds % 3600 / 60)} min",
    };

    /// <summary>The noun with its count: 1 run, 3 runs.</summary>
    public static string Count(long count, string noun) => $"{Integer(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>Thousands apart, by narrow no-break spaces, in numbers of five digits and more; and a true minus. For readers, not for files.</summary>
    public static string ForReaders(string number)
    {
        var start = number.StartsWith('-') ? 1 : 0;
        var end = start;
        while (end < number.Length && char.IsAsciiDigit(number[end])) end++;
        var whole = number[start..end];
        if (whole.Length >= 5)
            for (var at = whole.Length - 3; at > 0; at -= 3) whole = whole.Insert(at, "\u202f");
        return (start == 1 ? "−" : "") + whole + number[end..].Replace("e-", "e−", StringComparison.Ordinal);
    }

    static string Scientific(double value, int decimals) =>
        value.ToString("0" + (decimals > 0 ? "." + new string('0', decimals) : "") + "e0", CultureInfo.InvariantCulture);

    static int Exponent(double value) => value == 0 ? 0 : (int)Math.Floor(Math.Log10(Math.Abs(value)));
}
