using RnnBench.Reports.Plots;

namespace RnnBench.Reports.Documents;

/// <summary>A report as it is before any format: sections in order. Every number in it is already text, so that all formats show the same.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Sections">Its sections, in reading order; none is empty.</param>
sealed record Document(string Title, IReadOnlyList<Section> Sections)
{
    /// <summary>What the study asks; "" where there is no study.</summary>
    public string Question { get; init; } = "";

    /// <summary>Every block, those inside of <see cref="Details"/> included, in reading order.</summary>
    public IEnumerable<Block> Blocks => Sections.SelectMany(section => Flatten(section.Blocks));

    /// <summary>Every table that has a file of its own: those that are shown, and the data of each figure.</summary>
    public IEnumerable<Table> Tables => Blocks.Select(block => block switch { Table table => table, Figure figure => figure.Data, _ => null }).OfType<Table>().Distinct();

    static IEnumerable<Block> Flatten(IEnumerable<Block> blocks) =>
        blocks.SelectMany(block => block is Details details ? Flatten(details.Blocks).Prepend(block) : [block]);
}

/// <summary>A section: its id names the anchor, its title stands in the list of contents.</summary>
sealed record Section(string Id, string Title, IReadOnlyList<Block> Blocks);

/// <summary>A piece of a section.</summary>
abstract record Block;

/// <summary>A heading below that of the section.</summary>
sealed record Heading(string Text) : Block;

/// <summary>Running text.</summary>
sealed record Paragraph(string Text) : Block;

/// <summary>Something that the reader must not miss: too few seeds, a diverged run.</summary>
sealed record Note(string Text) : Block;

/// <summary>Text in a fixed pitch, line breaks kept: a command, a study file, hashes.</summary>
sealed record Code(string Text) : Block;

/// <summary>The equations of a cell: as lines of text for reading on a screen, as LaTeX in display style for a paper.</summary>
sealed record Equations(IReadOnlyList<string> Plain, string Latex) : Block;

/// <summary>A few facts, each with its name.</summary>
sealed record Facts(IReadOnlyList<(string Name, string Value)> Items) : Block;

/// <summary>Blocks that are folded away at first where the format can fold.</summary>
sealed record Details(string Title, IReadOnlyList<Block> Blocks) : Block
{
    const int Long = 24;      // rows that a reader takes in

    /// <summary>The table as it is, or folded away where it is long.</summary>
    public static Block IfLong(string title, Table table) => table.Rows.Count > Long ? new Details(title, [table]) : table;
}

/// <summary>A figure: panels side by side with one legend.</summary>
/// <param name="Id">Its file is figures/ID.svg.</param>
/// <param name="Caption">What it shows and how to read it.</param>
/// <param name="Legend">What the lines mean, for all panels.</param>
/// <param name="Panels">The panels, each with its own axes.</param>
/// <param name="Data">What is drawn, as a table; its file is tables/ID.csv.</param>
sealed record Figure(string Id, string Caption, IReadOnlyList<LegendEntry> Legend, IReadOnlyList<Panel> Panels, Table Data) : Block;

/// <summary>A table; its file is tables/ID.csv.</summary>
/// <param name="Id">Unique in the document.</param>
/// <param name="Caption">What it shows.</param>
/// <param name="Columns">The headers.</param>
/// <param name="Rows">As many cells in each as there are columns.</param>
sealed record Table(string Id, string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows) : Block
{
    /// <summary>Whether a column holds mostly numbers, which are set flush right.</summary>
    public bool IsNumeric(int column) => Rows.Count(row => row[column] is Number or Interval) > Rows.Count(row => row[column] is Words);

    /// <summary>The table as readers see it: a column that says the same in each of several rows is said once, below the caption. Files keep every column.</summary>
    public Table Shown
    {
        get
        {
            var same = Enumerable.Range(1, Columns.Count - 1).Where(k => Rows.Count > 3 && Rows.All(row => row[k].Text == Rows[0][k].Text)).ToHashSet();
            if (same.Count == 0) return this;
            var kept = Enumerable.Range(0, Columns.Count).Where(k => !same.Contains(k)).ToArray();
            var said = same.Where(k => Rows[0][k] is not Missing && Rows[0][k].Text.Length > 0).Order().Select(k => $"{Columns[k]} {Rows[0][k].Text}").ToArray();
            return this with
            {
                Caption = said.Length == 0 ? Caption : $"{Caption} In every row: {string.Join("; ", said)}.",
                Columns = [.. kept.Select(k => Columns[k])],
                Rows = [.. Rows.Select(row => (IReadOnlyList<Cell>)[.. kept.Select(k => row[k])])],
            };
        }
    }
}
