using RnnBench.Language;

namespace RnnBench.Reports;

/// <summary>The formats of a report.</summary>
public enum ReportFormat
{
    /// <summary>report.html: one page with everything in it.</summary>
    Html,
    /// <summary>report.md: GitHub's Markdown, figures linked.</summary>
    Markdown,
    /// <summary>report.tex: a document that compiles as it is.</summary>
    Latex,
    /// <summary>tables/*.csv: each table, and the data of each figure.</summary>
    Csv,
    /// <summary>figures/*.svg: each figure, in light colours.</summary>
    Svg,
}

/// <summary>How a report is to be written.</summary>
public sealed record ReportOptions
{
    /// <summary>The title.</summary>
    public required string Title { get; init; }
    /// <summary>What the study asks; it stands below the title.</summary>
    public string Question { get; init; } = "";
    /// <summary>The folder; made if there is none.</summary>
    public required string Folder { get; init; }
    /// <summary>The command line that writes the report again; it is printed in the report.</summary>
    public string Command { get; init; } = "";
    /// <summary>The known architectures, whose equations are printed; without them a report has none.</summary>
    public IReadOnlyList<Architecture> Architectures { get; init; } = [];
    /// <summary>
    /// Measures what a machine can do at most, in GFLOP/s: given its CPU as runs record it, the type of numbers and the threads; null where it is another machine
    /// than this. It is asked once for each of these, and only where a section needs it.
    /// </summary>
    public Func<string, string, int, double?>? Limit { get; init; }
    /// <summary>The formats; all of them unless said.</summary>
    public IReadOnlyCollection<ReportFormat> Formats { get; init; } = Enum.GetValues<ReportFormat>();
}
