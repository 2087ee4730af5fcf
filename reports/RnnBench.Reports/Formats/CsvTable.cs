using System.Text;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Formats;

/// <summary>A table as comma-separated values, RFC 4180. An interval takes three columns; numbers stand bare, without units.</summary>
static class CsvTable
{
    public static string Write(Table table)
    {
        var intervals = Enumerable.Range(0, table.Columns.Count).Select(k => table.Rows.Any(row => row[k] is Interval)).ToArray();
        var text = new StringBuilder();
        Row(table.Columns.SelectMany((column, k) => intervals[k] ? [Quote(column), Quote($"{column} low"), Quote($"{column} high")] : new[] { Quote(column) }));
        foreach (var row in table.Rows) Row(row.SelectMany((cell, k) => Fields(cell, intervals[k])));
        return text.ToString();

        void Row(IEnumerable<string> fields) => text.AppendJoin(',', fields).Append('\n');
    }

    static string[] Fields(Cell cell, bool interval) => (cell, interval) switch
    {
        (Interval x, _) => [x.Mean.Plain, x.Low?.Plain ?? "", x.High?.Plain ?? ""],
        (_, true) => [Field(cell), "", ""],
        _ => [Field(cell)],
    };

    static string Field(Cell cell) => cell switch
    {
        Number { Bound.Length: > 0 } x => Quote(x.Bound + x.Plain),
        Number x => x.Plain,
        Missing => "",
        _ => Quote(cell.Text),
    };

    /// <summary>Quotes where needed. Text that a spreadsheet would take for a formula begins with an apostrophe, which spreadsheets do not show.</summary>
    internal static string Quote(string text)
    {
        if (text.Length > 0 && (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '＝' or '＋' or '－' or '＠')) text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
