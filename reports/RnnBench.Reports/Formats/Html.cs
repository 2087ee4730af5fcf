using System.Globalization;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Formats;

/// <summary>One self-contained page: styles, script and figures inside, nothing fetched. It is well-formed XML too.</summary>
static class Html
{
    const int LongText = 34;      // letters from which a cell may take several lines

    public static string Write(Document document)
    {
        var page = new Markup();
        page.Raw("<!DOCTYPE html>\n").Open("html", ("lang", "en")).Line();
        Head(page, document.Title);
        page.Open("body").Line().Element("a", "Skip to the report", ("class", "skip"), ("href", "#report")).Line();
        page.Open("header").Element("h1", document.Title);
        if (document.Question.Length > 0) page.Element("p", document.Question, ("class", "question"));
        Contents(page, document);
        page.Close().Line().Open("main", ("id", "report"), ("tabindex", "-1")).Line();
        foreach (var section in document.Sections)
        {
            page.Open("section", ("id", section.Id), ("aria-labelledby", $"{section.Id}-title")).Element("h2", section.Title, ("id", $"{section.Id}-title")).Line();
            foreach (var block in section.Blocks) Write(page, block);
            page.Close().Line();
        }
        page.Close().Line().Open("script").Raw(Assets.Script).Close().Line();
        return page.Close().Line().Close().Line().ToString();
    }

    static void Head(Markup page, string title) => page.Open("head").Line()
        .Empty("meta", ("charset", "utf-8")).Line()
        .Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1")).Line()
        .Empty("meta", ("name", "color-scheme"), ("content", "light dark")).Line()
        .Element("title", title).Line()
        .Open("style").Line()
        .Raw($":root{{color-scheme:light dark;{Theme.Variables(dark: false)}}}\n@media (prefers-color-scheme:dark){{@media screen{{:root{{{Theme.Variables(dark: true)}}}}}}}\n")
        .Raw(Assets.Style).Raw(Theme.FigureStyle).Close().Line().Close().Line();

    static void Contents(Markup page, Document document)
    {
        page.Open("nav", ("aria-label", "Contents")).Open("ul");
        foreach (var section in document.Sections) page.Open("li").Element("a", section.Title, ("href", $"#{section.Id}")).Close();
        page.Close().Close();
    }

    static void Write(Markup page, Block block)
    {
        switch (block)
        {
            case Heading x: page.Element("h3", x.Text); break;
            case Paragraph x: page.Element("p", x.Text); break;
            case Note x: page.Element("p", x.Text, ("class", "note"), ("role", "note")); break;
            case Code x: page.Open("pre", ("tabindex", "0")).Element("code", x.Text).Close(); break;
            case Equations x: page.Open("pre", ("class", "equations"), ("tabindex", "0")).Text(string.Join('\n', x.Plain)).Close(); break;
            case Facts x: WriteFacts(page, x); break;
            case Details x: WriteDetails(page, x); break;
            case Figure x: WriteFigure(page, x); break;
            case Table x: WriteTable(page, x.Shown); break;
            default: throw new NotSupportedException($"HTML does not know the block {block.GetType().Name}");
        }
        page.Line();
    }

    static void WriteFacts(Markup page, Facts facts)
    {
        page.Open("dl", ("class", "facts"));
        foreach (var (name, value) in facts.Items) page.Open("div").Element("dt", name).Element("dd", value).Close();
        page.Close();
    }

    static void WriteDetails(Markup page, Details details)
    {
        page.Open("details").Element("summary", details.Title).Line();
        foreach (var block in details.Blocks) Write(page, block);
        page.Close();
    }

    static void WriteFigure(Markup page, Figure figure)
    {
        page.Open("figure", ("id", $"figure-{figure.Id}")).Element("figcaption", figure.Caption).Line();
        if (figure.Legend.Count > 0) WriteLegend(page, figure.Legend);
        var widest = figure.Panels.Max(panel => panel.Width);
        page.Open("div", ("class", "panels"), ("style", string.Create(CultureInfo.InvariantCulture, $"--least:{Math.Round(0.85 * widest)}px;--most:{Math.Round(1.25 * widest)}px"))).Line();
        foreach (var panel in figure.Panels)
        {
            Drawing.Inline(page, panel);
            page.Line();
        }
        page.Close().Element("p", $"Data: tables/{figure.Data.Id}.csv", ("class", "source")).Close();
    }

    static void WriteLegend(Markup page, IReadOnlyList<LegendEntry> legend)
    {
        page.Open("ul", ("class", "legend"));
        foreach (var entry in legend)
        {
            page.Open("li");
            Drawing.InlineMark(page, entry);
            page.Text(entry.Label).Close();
        }
        page.Close().Line();
    }

    static void WriteTable(Markup page, Table table)
    {
        page.Open("div", ("class", "table"), ("role", "region"), ("tabindex", "0"), ("aria-label", table.Caption)).Open("table", ("id", $"table-{table.Id}")).Line();
        page.Element("caption", table.Caption).Line().Open("thead").Open("tr");
        for (var k = 0; k < table.Columns.Count; k++)
        {
            page.Open("th", ("scope", "col"), ("class", table.IsNumeric(k) ? "number" : null));
            Breakable(page, table.Columns[k]);
            page.Close();
        }
        page.Close().Close().Line().Open("tbody").Line();
        foreach (var row in table.Rows)
        {
            page.Open("tr");
            for (var k = 0; k < row.Count; k++) WriteCell(page, row[k], k == 0 ? "th" : "td", table.IsNumeric(k) ? "number" : row[k].Text.Length > LongText ? "long" : null);
            page.Close().Line();
        }
        page.Close().Close().Close();
    }

    static void WriteCell(Markup page, Cell cell, string tag, string? kind)
    {
        page.Open(tag, ("scope", tag == "th" ? "row" : null), ("class", kind), ("data-order", cell.Order?.ToString("R", CultureInfo.InvariantCulture)));
        if (cell.Strong) page.Open("strong");
        switch (cell)
        {
            case Interval { Low: { } low, High: { } high } x:
                page.Text(Format.ForReaders(x.Mean.Plain) + " ").Element("small", $"[{Format.ForReaders(low.Plain)}, {Format.ForReaders(high.Plain)}]");
                break;
            case Words: Breakable(page, cell.Text); break;
            default: page.Text(cell.ForReaders); break;
        }
        if (cell.Strong) page.Close();
        page.Close();
    }

    /// <summary>Words that may be broken where a notation has a joint, and nowhere else; the style sheet says in which cells they are.</summary>
    static void Breakable(Markup page, string text)
    {
        var from = 0;
        for (var k = 1; k < text.Length; k++)
            if (text[k] is '[' || text[k - 1] is ',' or '(' or '_' or '.' && !char.IsWhiteSpace(text[k]) && (k < 2 || !char.IsWhiteSpace(text[k - 2])))
            {
                page.Text(text[from..k]).Empty("wbr");
                from = k;
            }
        page.Text(text[from..]);
    }
}
