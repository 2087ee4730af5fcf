using System.Diagnostics;
using RnnBench.Results;

namespace RnnBench.Reports.Tests;

/// <summary>The LaTeX compiles as it is, and nothing is wider than the page, names of a hundred letters without a joint apart.</summary>
public sealed class LatexTests : IDisposable
{
    static readonly Dictionary<string, Func<string, ResultStore>> stores = new() { ["study"] = file => StudySamples.Study(file, 3), ["hostile"] = Samples.Hostile, ["full"] = file => Samples.Full(file) };

    readonly TestFolder folder = new();

    public static TheoryData<string> Stores => [.. stores.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Stores))]
    public void It_compiles(string name)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(path => File.Exists(Path.Combine(path, "pdflatex"))), "no pdflatex on this machine");
        using var store = stores[name](folder["x.db"]);
        ReportWriter.Write(store, new RunFilter { Study = name == "study" ? "gates" : null }, new ReportOptions { Title = "A report", Folder = folder["out"], Formats = [ReportFormat.Latex] });
        using var process = Process.Start(new ProcessStartInfo("pdflatex", ["-interaction=nonstopmode", "-halt-on-error", "report.tex"]) { WorkingDirectory = folder["out"], RedirectStandardOutput = true })!;
        var log = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, log);
        var wide = log.Split('\n').Where(line => line.StartsWith("Overfull \\hbox (", StringComparison.Ordinal)).Select(line => double.Parse(line[16..line.IndexOf("pt", StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.True(name == "hostile" || wide.All(points => points < 12), $"{wide.Length} lines are too wide, one by {wide.DefaultIfEmpty().Max()} points");
    }
}
