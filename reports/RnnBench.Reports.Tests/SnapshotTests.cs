using RnnBench.Results;

namespace RnnBench.Reports.Tests;

/// <summary>Every format of two reports, letter by letter, under several cultures: a study with claims, and runs whose names every format has to escape.</summary>
public sealed class SnapshotTests
{
    static readonly Dictionary<string, Func<string, ResultStore>> stores = new() { ["study"] = file => StudySamples.Study(file, 2), ["hostile"] = Samples.Hostile };

    static readonly Dictionary<string, Func<IReadOnlyDictionary<string, string>, string>> formats = new()
    {
        ["html"] = files => files["report.html"],
        ["md"]   = files => files["report.md"],
        ["tex"]  = files => files["report.tex"],
        ["csv"]  = files => All(files, ".csv"),
        ["svg"]  = files => All(files, ".svg"),
        ["txt"]  = files => files["comparison"],
    };

    /// <summary>The page and the figures of the study are large, and made of what the other report has too; the other has nothing to compare.</summary>
    public static TheoryData<string, string, string> Snapshots => [.. from store in stores.Keys from format in formats.Keys from culture in Cultures.Names
        where store == "study" ? format is not ("html" or "svg") : format != "txt" select (store, format, culture)];

    static readonly System.Collections.Concurrent.ConcurrentDictionary<(string Store, string Culture), Lazy<IReadOnlyDictionary<string, string>>> written = [];

    /// <summary>Compares with the checked-in file; what was computed is left beside its copy, to be put in its place when the change was meant.</summary>
    [Theory]
    [MemberData(nameof(Snapshots))]
    public void A_report_is_written_letter_by_letter(string store, string format, string culture)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Snapshots", $"{store}.{format}");
        var actual = formats[format](written.GetOrAdd((store, culture), key => new(() => Write(key.Store, key.Culture))).Value);
        if (culture == "invariant") File.WriteAllText(file + ".actual", actual);
        Assert.True(File.Exists(file), $"there is no {file}; look at {file}.actual and check it in");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    static IReadOnlyDictionary<string, string> Write(string name, string culture)
    {
        using var folder = new TestFolder();
        using var store = stores[name](folder["x.db"]);
        return Cultures.Under(culture, () =>
        {
            var options = new ReportOptions { Title = "A report", Question = "What is <found>?", Folder = folder["out"], Command = "rnnbench report" };
            var files = ReportWriter.Write(store, new RunFilter { Study = name == "study" ? "gates" : null }, options)
                .ToDictionary(file => Path.GetRelativePath(folder["out"], file).Replace('\\', '/'), File.ReadAllText);
            files["comparison"] = string.Concat(ModelComparison.Of(store, new RunFilter(), "rnn", "lstm").Select(c => $"{c.Task} | {c.Figure} | {c.FirstText} | {c.SecondText} | {c.DifferenceText} | {c.PText} | {c.ImprovementText} | {c.Conclusion}\n"));
            return files;
        });
    }

    static string All(IReadOnlyDictionary<string, string> files, string ending) =>
        string.Concat(files.Where(file => file.Key.EndsWith(ending, StringComparison.Ordinal)).OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"== {file.Key}\n{file.Value}\n"));
}
