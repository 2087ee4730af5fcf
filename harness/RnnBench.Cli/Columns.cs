using System.Globalization;

namespace RnnBench.Cli;

/// <summary>Plain columns: a header and rows, each column as wide as its longest cell; numbers to the right.</summary>
static class Columns
{
    public static void Write(TextWriter output, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.Prepend(header).ToArray();
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        var numeric = header.Select((_, column) => all.Length > 1 && all.Skip(1).All(row => IsNumber(row[column]))).ToArray();
        foreach (var row in all)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => numeric[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <summary>Columns below a title, indented.</summary>
    public static void Section(TextWriter output, string title, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        output.WriteLine($"\n{title}");
        var text = new StringWriter();
        Write(text, header, rows);
        foreach (var line in text.ToString().TrimEnd().Split('\n')) output.WriteLine($"  {line}");
    }

    static bool IsNumber(string cell) => cell == "" || double.TryParse(cell, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);
}
