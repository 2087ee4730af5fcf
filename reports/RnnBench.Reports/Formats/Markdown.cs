using System.Text;
using RnnBench.Reports.Documents;

namespace RnnBench.Reports.Formats;

/// <summary>GitHub's Markdown; figures are links to the SVG files beside it.</summary>
static class Markdown
{
    public static string Write(Document document)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Escape(document.Title)).Append("\n\n");
        if (document.Question.Length > 0) text.Append(Escape(document.Question)).Append("\n\n");
        foreach (var section in document.Sections)
        {
            text.Append("## ").Append(Escape(section.Title)).Append("\n\n");
            foreach (var block in section.Blocks) text.Append(Write(block)).Append("\n\n");
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    static string Write(Block block) => block switch
    {
        Heading x => $"### {Escape(x.Text)}",
        Paragraph x => Escape(x.Text),
        Note x => $"> **Note.** {Escape(x.Text)}",
        Code x => Fence(x.Text),
        Equations x => Fence(string.Join('\n', x.Plain)),
        Facts x => string.Join('\n', x.Items.Select(item => $"- {Escape(item.Name)}: **{Escape(item.Value)}**")),
        Details x => $"<details><summary>{Escape(x.Title)}</summary>\n\n{string.Join("\n\n", x.Blocks.Select(Write))}\n\n</details>",
        Figure x => $"![{Escape(x.Caption)}](figures/{x.Id}.svg)\n\n{Escape(x.Caption)} Data: [tables/{x.Data.Id}.csv](tables/{x.Data.Id}.csv)",
        Table x => Write(x.Shown),
        _ => throw new NotSupportedException($"Markdown does not know the block {block.GetType().Name}"),
    };

    static string Write(Table table)
    {
        var text = new StringBuilder(Escape(table.Caption)).Append("\n\n");
        Row(table.Columns);
        Row([.. table.Columns.Select((_, k) => table.IsNumeric(k) ? "--:" : ":--")], escape: false);
        foreach (var row in table.Rows) Row([.. row.Select(cell => cell.Strong ? $"**{Escape(cell.ForReaders)}**" : Escape(cell.ForReaders))], escape: false);
        return text.ToString().TrimEnd('\n');

        void Row(IReadOnlyList<string> cells, bool escape = true) =>
            text.Append("| ").AppendJoin(" | ", cells.Select(cell => escape ? Escape(cell) : cell)).Append(" |\n");
    }

    /// <summary>A fence longer than any run of backticks inside.</summary>
    static string Fence(string content)
    {
        var longest = 0;
        for (int k = 0, run = 0; k < content.Length; k++) longest = Math.Max(longest, run = content[k] == '`' ? run + 1 : 0);
        var fence = new string('`', Math.Max(3, longest + 1));
        return $"{fence}\n{content.ReplaceLineEndings("\n").TrimEnd('\n')}\n{fence}";
    }

    internal static string Escape(string content)
    {
        var escaped = new StringBuilder(content.Length);
        foreach (var c in content)
            escaped.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\r' or '\n' or '\t' => " ",
                '\\' or '`' or '*' or '_' or '|' or '[' or ']' or '#' or '~' or '$' or '!' => "\\" + c,
                < ' ' => "\ufffd",
                _ => c.ToString(),
            });
        return escaped.ToString();
    }
}
