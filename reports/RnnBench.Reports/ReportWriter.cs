using System.Text;
using RnnBench.Language;
using RnnBench.Reports.Data;
using RnnBench.Reports.Documents;
using RnnBench.Reports.Formats;
using RnnBench.Reports.Plots;
using RnnBench.Results;

namespace RnnBench.Reports;

/// <summary>Writes reports. The same store, filter and options give the same bytes.</summary>
public static class ReportWriter
{
    static readonly Dictionary<ReportFormat, Func<Document, IEnumerable<(string File, string Text)>>> formats = new()
    {
        [ReportFormat.Html]     = document => [("report.html", Html.Write(document))],
        [ReportFormat.Markdown] = document => [("report.md", Markdown.Write(document))],
        [ReportFormat.Latex]    = document => [("report.tex", LatexDocument.Write(document))],
        [ReportFormat.Csv]      = document => document.Tables.Select(table => ($"tables/{table.Id}.csv", CsvTable.Write(table))),
        [ReportFormat.Svg]      = document => document.Blocks.OfType<Figure>().Select(figure => ($"figures/{figure.Id}.svg", Drawing.File(figure))),
    };

    /// <summary>
    /// Writes a report on the runs that a filter names: <c>report.html</c>, <c>report.md</c>, <c>report.tex</c>, <c>tables/*.csv</c> and
    /// <c>figures/*.svg</c>. Files of the same name are replaced, others left alone.
    /// </summary>
    /// <param name="store">Where the runs are.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="options">Title, folder, formats.</param>
    /// <returns>The files, the page first.</returns>
    /// <exception cref="UserError">The folder cannot be written.</exception>
    /// <exception cref="StoreError">The store cannot be read.</exception>
    public static IReadOnlyList<string> Write(ResultStore store, RunFilter filter, ReportOptions options)
    {
        var document = Build(store, filter, options);
        var files = formats.Where(format => options.Formats.Contains(format.Key)).SelectMany(format => format.Value(document));
        return [.. files.Select(file => Save(Path.Combine(options.Folder, file.File), file.Text))];
    }

    internal static Document Build(ResultStore store, RunFilter filter, ReportOptions options)
    {
        var data = Loader.Load(store, filter);
        (data.Architectures, data.Command, data.Question) = (options.Architectures, options.Command, options.Question);
        if (options.Limit is { } limit) data.Limit = LimitOf(data, limit);
        return Sections.Catalog.Build(options.Title, data);
    }

    /// <summary>Each limit is measured once: a second measurement would be another number.</summary>
    static Func<Run, double> LimitOf(ReportData data, Func<string, string, int, double?> limit)
    {
        var known = new Dictionary<(string Cpu, string DType, long Threads), double>();
        return run =>
        {
            var cpu = data.Machines.Where(m => m.Id == run.Machine).SelectMany(m => Sections.HowMade.Leaves(m.Description)).FirstOrDefault(leaf => leaf.Name == "cpu").Value;
            if (run.Device != "cpu" || cpu is null) return double.NaN;
            var what = (cpu, run.DType, run.Threads);
            if (!known.TryGetValue(what, out var found)) known[what] = found = limit(cpu, run.DType, (int)run.Threads) ?? double.NaN;
            return found;
        };
    }

    static string Save(string file, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserError($"the report cannot be written to {file}: {e.Message} Choose another folder.", e);
        }
    }
}
