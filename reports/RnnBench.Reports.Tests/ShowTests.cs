using RnnBench.Results;

namespace RnnBench.Reports.Tests;

public sealed class ShowTests
{
    [Fact]
    public void Writes_a_sample_to_look_at()
    {
        var folder = Environment.GetEnvironmentVariable("RNNBENCH_SAMPLE_REPORT");
        Assert.SkipWhen(folder is null, "RNNBENCH_SAMPLE_REPORT names no folder");
        using var scratch = new TestFolder();
        using var store = Samples.Full(scratch["x.db"]);
        var files = ReportWriter.Write(store, new RunFilter { Study = "smoke" }, new ReportOptions
        {
            Title = "rnn, lstm and gru on copy, adding and Penn Treebank", Folder = folder, Command = "rnnbench report --study smoke --db smoke.db",
        });
        Assert.NotEmpty(files);
    }
}
