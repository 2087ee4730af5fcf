using System.Globalization;

namespace RnnBench.Reports.Tests;

/// <summary>The habits of cultures that could leak into a report. The program runs without culture data, so they are put together by hand.</summary>
static class Cultures
{
    public static IReadOnlyList<string> Names { get; } = ["invariant", "de-DE", "tr-TR", "ar-SA"];

    public static CultureInfo Like(string name)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        var (numbers, dates) = (culture.NumberFormat, culture.DateTimeFormat);
        switch (name)
        {
            case "invariant": break;
            case "de-DE":
                (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, dates.DateSeparator) = (",", ".", ".");
                break;
            case "tr-TR":
                (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, numbers.PercentSymbol, dates.DateSeparator) = (",", ".", "yüzde", ".");
                break;
            case "ar-SA":
                (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, numbers.NegativeSign, numbers.NaNSymbol, dates.TimeSeparator) = ("٫", "٬", "\u061c-", "ليس رقمًا", "٫");
                break;
            default: throw new NotSupportedException(name);
        }
        return culture;
    }

    /// <summary>Does some work under a culture.</summary>
    public static T Under<T>(string name, Func<T> work)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = Like(name);
        try { return work(); }
        finally { CultureInfo.CurrentCulture = before; }
    }
}
