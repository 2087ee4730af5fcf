using System.Text;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Formats;

/// <summary>A LaTeX document that compiles as it is with pdflatex and what every TeX installation has.</summary>
static class LatexDocument
{
    const int LongTable = 32;      // rows from which a table may break over pages

    const string Preamble = """
        \documentclass[a4paper,10pt]{article}
        \usepackage[T1]{fontenc}
        \usepackage[utf8]{inputenc}
        \usepackage{amsmath,amssymb,booktabs,longtable,graphicx,textcomp}
        \usepackage[margin=22mm]{geometry}
        \setlength{\parindent}{0pt}\setlength{\parskip}{5pt}\setlength{\emergencystretch}{3em}
        % A table that is wider than the page is made smaller.
        \newcommand{\fit}[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}}
        % The figures are SVG files; convert them once (rsvg-convert -f pdf -o X.pdf X.svg) and they appear here.
        \newcommand{\plot}[1]{\IfFileExists{figures/#1.pdf}{\includegraphics[width=\linewidth]{figures/#1.pdf}}{\fbox{\texttt{figures/#1.svg}}}}

        """;

    public static string Write(Document document)
    {
        var text = new StringBuilder(Preamble).Append(LatexNumbers.Commands(document)).Append($"\\title{{{Escape(document.Title)}}}\n\\author{{}}\\date{{}}\n\\begin{{document}}\n\\maketitle\n");
        if (document.Question.Length > 0) text.Append($"\\emph{{{Escape(document.Question)}}}\n");
        foreach (var section in document.Sections)
        {
            text.Append($"\n\\section{{{Escape(section.Title)}}}\n");
            foreach (var block in section.Blocks) text.Append(Write(block)).Append("\n\n");
        }
        return text.Append("\\end{document}\n").ToString();
    }

    static string Write(Block block) => block switch
    {
        Heading x => $"\\subsection*{{{Escape(x.Text)}}}",
        Paragraph x => Escape(x.Text),
        Note x => $"\\textbf{{Note.}} {Escape(x.Text)}",
        Code x => $"{{\\ttfamily\\footnotesize\\raggedright {string.Join("\\\\\n", x.Text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(Line))}\\par}}",
        Equations x => $"\\[\n{x.Latex}\n\\]",
        Facts x => $"\\begin{{tabular}}{{@{{}}ll@{{}}}}\n{string.Concat(x.Items.Select(item => $"{Escape(item.Name)} & {Escape(item.Value)} \\\\\n"))}\\end{{tabular}}",
        Details x => $"\\subsection*{{{Escape(x.Title)}}}\n{string.Join("\n\n", x.Blocks.Select(Write))}",
        Figure x => $"\\begin{{figure}}[htbp]\n\\centering\\plot{{{x.Id}}}\n\\caption{{{Escape(x.Caption)}}}\n\\end{{figure}}",
        Table x => x.Rows.Count > LongTable ? Long(x.Shown) : Short(x.Shown),
        _ => throw new NotSupportedException($"LaTeX does not know the block {block.GetType().Name}"),
    };

    static string Short(Table table) =>
        $"\\begin{{table}}[htbp]\n\\centering\\small\n\\caption{{{Escape(table.Caption)}}}\n\\fit{{%\n\\begin{{tabular}}{{{Columns(table)}}}\n\\toprule\n{Header(table)}\\midrule\n"
        + $"{Rows(table)}\\bottomrule\n\\end{{tabular}}}}\n\\end{{table}}";

    static string Long(Table table) =>
        $"{{\\scriptsize\\setlength{{\\tabcolsep}}{{3pt}}\n\\begin{{longtable}}{{{Columns(table)}}}\n\\caption{{{Escape(table.Caption)}}}\\\\\n\\toprule\n{Header(table)}\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n"
        + $"{Rows(table)}\\end{{longtable}}}}";

    static string Columns(Table table) => $"@{{}}{string.Concat(table.Columns.Select((_, k) => table.IsNumeric(k) ? 'r' : 'l'))}@{{}}";

    static string Header(Table table) => $"{string.Join(" & ", table.Columns.Select(Escape))} \\\\\n";

    static string Rows(Table table) => string.Concat(table.Rows.Select(row => $"{string.Join(" & ", row.Select(cell => cell.Strong ? $"\\textbf{{{Escape(cell.ForReaders)}}}" : Guard(Escape(cell.ForReaders))))} \\\\\n"));

    /// <summary>A cell that begins with a bracket would be read as the option of the line break before it.</summary>
    static string Guard(string cell) => cell.StartsWith('[') || cell.StartsWith('*') ? "{}" + cell : cell;

    /// <summary>A line of code: it may be empty, and its indent counts.</summary>
    static string Line(string line)
    {
        var code = line.TrimStart(' ');
        return "\\mbox{}" + string.Concat(Enumerable.Repeat("~", line.Length - code.Length)) + Escape(code);
    }

    internal static string Escape(string content) => LatexText.Escape(content);
}
