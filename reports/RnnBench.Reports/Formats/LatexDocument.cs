using System.Text;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Formats;

/// <summary>A LaTeX document that compiles as it is with pdflatex and what every TeX installation has.</summary>
static class LatexDocument
{
    const string Preamble = """
        \documentclass[a4paper,10pt]{article}
        \usepackage[T1]{fontenc}
        \usepackage[utf8]{inputenc}
        \usepackage{amsmath,amssymb,array,booktabs,float,longtable,graphicx,textcomp}
        \usepackage[margin=22mm]{geometry}
        \setlength{\parindent}{0pt}\setlength{\parskip}{5pt}\setlength{\emergencystretch}{3em}\setlength{\belowcaptionskip}{5pt}
        % A table that is wider than the page is made smaller.
        \newcommand{\fit}[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}}
        % The figures are SVG files; convert them once (rsvg-convert -f pdf -o X.pdf X.svg) and they appear here.
        \newcommand{\plot}[2]{\IfFileExists{figures/#2.pdf}{\includegraphics[width=#1\linewidth,height=0.8\textheight,keepaspectratio]{figures/#2.pdf}}{\fbox{\texttt{figures/#2.svg}}}}

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
        Figure x => $"\\begin{{figure}}[H]\n\\centering\\plot{{{Format.Decimals(Plots.Drawing.Share(x), 2)}}}{{{x.Id}}}\n\\caption{{{Escape(x.Caption)}}}\n\\end{{figure}}",
        Table x => LatexTable.Write(x),
        _ => throw new NotSupportedException($"LaTeX does not know the block {block.GetType().Name}"),
    };

    /// <summary>A line of code: it may be empty, and its indent counts.</summary>
    static string Line(string line)
    {
        var code = line.TrimStart(' ');
        return "\\mbox{}" + string.Concat(Enumerable.Repeat("~", line.Length - code.Length)) + Escape(code);
    }

    internal static string Escape(string content) => LatexText.Escape(content);
}
