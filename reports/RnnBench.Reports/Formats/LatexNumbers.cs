using System.Text;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Formats;

/// <summary>A LaTeX command for each headline number, so that running text quotes what the tables say: <c>\resultLstmAddingTFiveZero</c>, <c>\verdictForgetMatters</c>.</summary>
static class LatexNumbers
{
    static readonly string[] digits = ["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

    public static string Commands(Document document)
    {
        var tables = document.Tables.ToDictionary(table => table.Id);
        var numbers = (tables.TryGetValue("overview", out var overview) ? overview.Rows.SelectMany(row => row.Skip(1).Select((cell, k) => (Name: $"result{Letters(row[0].Text)}{Letters(overview.Columns[k + 1])}", Cell: cell))) : [])
            .Concat(tables.TryGetValue("verdicts", out var verdicts) ? verdicts.Rows.Select(row => (Name: $"verdict{Letters(row[0].Text)}", Cell: row[1])) : []);
        return string.Concat(numbers.Where(n => n.Cell is not Missing).DistinctBy(n => n.Name).Select(n => $"\\newcommand{{\\{n.Name}}}{{{LatexText.Escape(n.Cell.ForReaders)}}}\n"));
    }

    /// <summary>A name of letters alone: words begin with a capital, digits are spelled.</summary>
    static string Letters(string text)
    {
        var (name, starts) = (new StringBuilder(), true);
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c)) name.Append(digits[c - '0']);
            else if (char.IsAsciiLetter(c)) name.Append(starts ? char.ToUpperInvariant(c) : c);
            starts = !char.IsAsciiLetter(c);
        }
        return name.ToString();
    }
}
