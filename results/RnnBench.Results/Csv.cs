using System.Globalization;
using Microsoft.Data.Analysis;

namespace RnnBench.Results;

/// <summary>
/// A data frame as CSV (RFC 4180): a header, lines that end in CR LF, quotes where a field needs them. Numbers are written so that they read
/// back the same, with a point; null is an empty field and empty text is <c>""</c>. Text is written as it is: whoever opens it in a spreadsheet
/// has to see to text that begins like a formula.
/// </summary>
public static class Csv
{
    /// <summary>Writes a frame.</summary>
    public static void Write(DataFrame frame, TextWriter to)
    {
        Line(frame.Columns.Select(c => (object?)c.Name), to);
        for (var row = 0L; row < frame.Rows.Count; row++) Line(frame.Columns.Select(c => c[row]), to);
    }

    static void Line(IEnumerable<object?> fields, TextWriter to)
    {
        to.Write(string.Join(',', fields.Select(Field)));
        to.Write("\r\n");
    }

    static string Field(object? value) => value switch
    {
        null => "",
        string text when text.Length == 0 || text.AsSpan().IndexOfAny(",\"\r\n") >= 0 => $"\"{text.Replace("\"", "\"\"")}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
