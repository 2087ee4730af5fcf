using System.Globalization;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Formats;

/// <summary>
/// A table in LaTeX that fits the page: long words of a column are set in a paragraph of its own width, headers over several lines, and a table of many rows breaks
/// over pages. Widths are counted in letters, half an em each.
/// </summary>
sealed class LatexTable
{
    const int LongTable = 40;       // lines from which a table may break over pages
    const int AcrossSmall = 104, AcrossTiny = 122, LeastSmall = 20, LeastTiny = 10, Header = 13;

    readonly Table table;
    readonly bool isLong;
    readonly int[] letters;

    LatexTable(Table table)
    {
        this.table = table.Shown;
        letters = [.. Enumerable.Range(0, this.table.Columns.Count).Select(k => Math.Max(HeaderLines(k).Max(line => line.Length), this.table.Rows.Select(row => row[k].ForReaders.Length).DefaultIfEmpty(0).Max()))];
        var wide = letters.ToArray();
        Fit(AcrossSmall, LeastSmall);      // what is still too wide is made smaller as a whole
        isLong = this.table.Rows.Sum(Lines) > LongTable;
        if (!isLong) return;
        letters = wide;
        Fit(AcrossTiny, LeastTiny);
    }

    public static string Write(Table table)
    {
        var layout = new LatexTable(table);
        return layout.isLong ? layout.Long() : layout.Short();
    }

    string Short() => $"\\begin{{table}}[H]\n\\centering\\small\n\\caption{{{Escape(table.Caption)}}}\n\\fit{{%\n\\begin{{tabular}}{{{Columns}}}\n\\toprule\n{Head}\\midrule\n{Rows}\\bottomrule\n"
        + "\\end{tabular}}\n\\end{table}";

    string Long() => $"{{\\scriptsize\\setlength{{\\tabcolsep}}{{3pt}}\\setlength{{\\LTcapwidth}}{{0.8\\linewidth}}\n\\begin{{longtable}}{{{Columns}}}\n\\caption{{{Escape(table.Caption)}}}\\\\\n"
        + $"\\toprule\n{Head}\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n{Rows}\\end{{longtable}}}}";

    /// <summary>Columns of long words give way, the widest first, until the table fits or nothing more can be taken.</summary>
    void Fit(int across, int least)
    {
        while (letters.Sum(l => l + 2) > across && letters.Index().Where(l => l.Item > least && !table.IsNumeric(l.Index)).ToArray() is { Length: > 0 } able)
            letters[able.MaxBy(l => l.Item).Index]--;
    }

    /// <summary>How many lines a row takes.</summary>
    int Lines(IReadOnlyList<Cell> row) => row.Select((cell, k) => table.IsNumeric(k) ? 1 : (cell.ForReaders.Length + letters[k] - 1) / Math.Max(1, letters[k])).Max();

    string Columns => $"@{{}}{string.Concat(letters.Select((width, k) => table.IsNumeric(k) ? "r" : Widest(k) > width ? $">{{\\raggedright\\arraybackslash}}p{{{Em(width)}em}}" : "l"))}@{{}}";

    int Widest(int column) => table.Rows.Select(row => row[column].ForReaders.Length).DefaultIfEmpty(0).Max();

    static string Em(int width) => (width * 0.5).ToString("0.#", CultureInfo.InvariantCulture);

    string Head => $"{string.Join(" & ", table.Columns.Select((_, k) => HeaderLines(k) switch
    {
        [var one] => Escape(one),
        var lines => $"\\shortstack[{(table.IsNumeric(k) ? 'r' : 'l')}]{{{string.Join("\\\\", lines.Select(Escape))}}}",
    }))} \\\\\n";

    /// <summary>A header over as many lines as keep it narrow.</summary>
    IReadOnlyList<string> HeaderLines(int column) => table.Columns[column].Split(' ').Aggregate(new List<string>(), (lines, word) =>
    {
        if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= Header) lines[^1] += " " + word;
        else lines.Add(word);
        return lines;
    });

    string Rows => string.Concat(table.Rows.Select(row => $"{string.Join(" & ", row.Select(Cell))} \\\\\n"));

    string Cell(Cell cell, int column)
    {
        var text = !table.IsNumeric(column) && Widest(column) > letters[column] ? LatexText.Breakable(cell.ForReaders) : Escape(cell.ForReaders);
        return cell.Strong ? $"\\textbf{{{text}}}" : Guard(text);
    }

    /// <summary>A cell that begins with a bracket would be read as the option of the line break before it.</summary>
    static string Guard(string cell) => cell.StartsWith('[') || cell.StartsWith('*') ? "{}" + cell : cell;

    static string Escape(string content) => LatexText.Escape(content);
}
