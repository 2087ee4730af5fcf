using System.Diagnostics;
using RnnBench.Cli.Commands;
using RnnBench.Results;

namespace RnnBench.Cli.Tests;

/// <summary>A study whose runs are carried out by several processes.</summary>
public sealed class WorkersTests
{
    const string Study = """
        name: tiny
        title: Two cells, one task
        models: [rnn(hidden=4), gru(hidden=4)]
        tasks: ["adding(T=4,eval_sequences=10)"]
        seeds: 1..2
        settings: { steps: 3, record_every: 1 }
        search: { trials: 2, space: { learning_rate: log 1e-3 1e-2 } }
        """;

    static readonly string[] Rest = ["--threads", "1", "--json"];

    [Fact]
    public void Workers_give_the_same_bits_as_one_process()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["tiny.yaml"], Study);
        var alone = Call.Of(["study", folder["tiny.yaml"], "--db", folder["a.db"], .. Rest]).Ends(ExitCode.Done);
        var shared = Call.Of(["study", folder["tiny.yaml"], "--db", folder["b.db"], "--workers", "2", .. Rest]).Ends(ExitCode.Done);
        Assert.DoesNotContain("could not carry out", shared.Error, StringComparison.Ordinal);
        Assert.Equal(8, shared.Json.GetProperty("runs").GetArrayLength());
        Assert.All(shared.Json.GetProperty("runs").EnumerateArray(), run => Assert.False(run.GetProperty("repeated").GetBoolean()));
        Assert.Equal(Curves(folder["a.db"]), Curves(folder["b.db"]));
        Assert.Equal(Entries(folder["a.db"]), Entries(folder["b.db"]));
    }

    [Fact]
    public void A_worker_ends_with_its_input_and_leaves_a_run_that_can_go_on()
    {
        using var folder = new Folder();
        string[] line = ["run", "rnn(hidden=4)", "--task", "copy(T=4,eval_sequences=10)", "--steps", "100000000", "--set", "evaluate_every=20", "--threads", "1", "--db", folder["a.db"]];
        using var stop = new CancellationTokenSource();
        using (var started = new StopsAt("valid", stop))
            Assert.Equal(ExitCode.Interrupted, CommandLine.Run(line, new Session { Output = TextWriter.Null, Error = started, Stop = stop.Token }));
        string experiment;
        using (var store = ResultStore.OpenRead(folder["a.db"])) experiment = (string)store.Query("SELECT experiment FROM runs").Rows[0][0];

        var info = WorkCommand.Start(folder["b.db"], null, false, []);
        (info.RedirectStandardInput, info.RedirectStandardOutput) = (true, true);
        using var worker = Process.Start(info)!;
        worker.StandardInput.WriteLine(experiment);
        worker.StandardInput.Flush();
        while (worker.StandardOutput.ReadLine() is { } said && !said.Contains("evaluated", StringComparison.Ordinal)) { }
        worker.StandardInput.Close();
        Assert.Contains("Interrupted", worker.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        Assert.True(worker.WaitForExit(TimeSpan.FromMinutes(2)));
        Assert.Equal("interrupted", Call.Of("list", "runs", "--db", folder["b.db"], "--json").Json[0].GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1000")]
    public void A_number_of_workers_that_cannot_be_is_refused(string count)
    {
        using var folder = new Folder();
        folder.Refuses($"study smoke --db {{dir}}/a.db --workers {count}", "--workers", "from 1 to 256");
    }

    static string Entries(string file) => Call.Of("export", "entries", "--db", file).Ends(ExitCode.Done).Output;

    static string Curves(string file)
    {
        using var store = ResultStore.OpenRead(file);
        using var text = new StringWriter();
        Csv.Write(store.Query(Queries.Curves), text);
        return text.ToString();
    }
}
