using System.Diagnostics;
using System.Globalization;
using RnnBench.Results;

namespace RnnBench.Cli.Tests;

public sealed class EndToEndTests
{
    static readonly string[] Short = ["run", "rnn(hidden=6)", "--task", "copy(T=4,eval_sequences=10)", "--steps", "20", "--set", "record_every=1"];

    [Fact]
    public void RunThenListThenReport()
    {
        using var folder = new Folder();
        var db = folder["results/runs.db"];
        var run = Call.Of([.. Short, "--seed", "1..2", "--db", db, "--json"]).Ends(ExitCode.Done);
        var runs = run.Json.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(2, runs.Length);
        Assert.All(runs, r => Assert.Equal("done", r.GetProperty("status").GetString()));
        Assert.Contains("[2/2]", run.Error);

        var listed = Call.Of("list", "runs", "--db", db, "--json").Ends(ExitCode.Done).Json.EnumerateArray().ToArray();
        Assert.Equal(runs.Select(r => r.GetProperty("run").GetString()).Order(), listed.Select(r => r.GetProperty("run").GetString()).Order());
        Assert.All(listed, r => Assert.Equal(20, r.GetProperty("steps").GetInt32()));
        Assert.Equal(3, Call.Of("list", "runs", "--db", db).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var files = Call.Of("report", "--db", db, "--out", folder["report"], "--json").Ends(ExitCode.Done).Json.GetProperty("files").EnumerateArray().Select(f => f.GetString()!).ToArray();
        Assert.All(files, file => Assert.True(File.Exists(file), file));
        Assert.Contains("copy(T=4,eval_sequences=10)", File.ReadAllText(files.Single(f => f.EndsWith(".html", StringComparison.Ordinal))));
        Assert.Contains("error: ", Call.Of("report", "--db", db, "--out", folder["none"], "--runs", "model=lstm").Ends(ExitCode.BadInput).Error);
        Assert.False(Directory.Exists(folder["none"]));
    }

    [Fact]
    public void ARunThatEndedIsKeptUnlessForced()
    {
        using var folder = new Folder();
        string[] line = [.. Short, "--db", folder["runs.db"], "--json"];
        Assert.False(Repeated(Call.Of(line)));
        Assert.True(Repeated(Call.Of(line)));
        Assert.False(Repeated(Call.Of([.. line, "--force"])));

        static bool Repeated(Call call) => call.Ends(ExitCode.Done).Json.GetProperty("runs")[0].GetProperty("repeated").GetBoolean();
    }

    [Fact]
    public void AnInterruptedRunGoesOnToTheSameBits()
    {
        using var folder = new Folder();
        using var stop = new CancellationTokenSource();
        string[] interrupted = [.. Short, "--db", folder["a.db"]];
        using var error = new StopsAt("step 6,", stop);
        Assert.Equal(ExitCode.Interrupted, CommandLine.Run(interrupted, new Session { Output = TextWriter.Null, Error = error, Stop = stop.Token }));
        Assert.Contains("the same command goes on", error.ToString());

        Assert.Contains("resumed at step", Call.Of(interrupted).Ends(ExitCode.Done).Error);
        Call.Of([.. Short, "--db", folder["b.db"]]).Ends(ExitCode.Done);
        Assert.Equal(Curves(folder["b.db"]), Curves(folder["a.db"]));
    }

    [Fact]
    public void StudyFromAFile()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["tiny.yaml"], """
            name: tiny
            title: Two cells, one task
            models: [rnn(hidden=4), gru(hidden=4)]
            tasks: ["adding(T=4,eval_sequences=10)"]
            seeds: 1..2
            settings: { steps: 5 }
            """);
        var plan = Call.Of("study", folder["tiny.yaml"], "--plan", "--db", folder["runs.db"]).Ends(ExitCode.Done);
        Assert.Equal(5, plan.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(["tiny.yaml"], folder.Files);

        var done = Call.Of("study", folder["tiny.yaml"], "--db", folder["runs.db"], "--json").Ends(ExitCode.Done);
        Assert.Equal(4, done.Json.GetProperty("runs").GetArrayLength());
        Call.Of("report", "--study", "tiny", "--db", folder["runs.db"], "--out", folder["report"], "--format", "html,csv").Ends(ExitCode.Done);
        Assert.Contains("report/report.html", folder.Files);
        Assert.DoesNotContain("report/report.tex", folder.Files);
    }

    [Fact]
    public void TheStudiesThatComeWithTheProgramCanBePlanned()
    {
        var studies = Call.Of("list", "studies", "--json").Ends(ExitCode.Done).Json.EnumerateArray().Select(s => s.GetProperty("name").GetString()!).ToArray();
        Assert.Contains("smoke", studies);
        using var folder = new Folder();
        // StudiesTests plans them all; here the command itself, with its time and the smallest effect. Studies of real texts need their data for that.
        foreach (var study in new[] { "smoke", "gate-importance", "morph" })
        {
            var plan = Call.Of("study", study, "--plan", "--data", folder["none"], "--db", folder["none.db"]).Ends(ExitCode.Done).Output;
            Assert.Contains("of training left", plan, StringComparison.Ordinal);
            Assert.Contains("paired difference", plan.Replace("too few seeds", "paired difference", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData("INT", 2)]
    [InlineData("TERM", 15)]
    public async Task SignalStopsTheProgramInGoodOrder(string signal, int number)
    {
        Assert.SkipWhen(Ignored(number), $"these tests were started with SIG{signal} ignored, as a shell starts what runs behind it, and so is what they start");
        using var folder = new Folder();
        using var program = Process.Start(new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "rnnbench.dll"), "run", "rnn(hidden=4)", "--task", "copy(T=4,eval_sequences=10)", "--steps", "100000000", "--set", "evaluate_every=50", "--db", folder["runs.db"]])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        while (program.StandardError.ReadLine() is { } line && !line.Contains("valid", StringComparison.Ordinal)) { }
        using (var kill = Process.Start("kill", [$"-{signal}", FormattableString.Invariant($"{program.Id}")])) await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var rest = await program.StandardError.ReadToEndAsync(patience.Token);
        await program.WaitForExitAsync(patience.Token);
        Assert.Equal(ExitCode.Interrupted, program.ExitCode);
        Assert.Contains("the same command goes on", rest);
        Assert.Equal("interrupted", Call.Of("list", "runs", "--db", folder["runs.db"], "--json").Json[0].GetProperty("status").GetString());
    }

    /// <summary>Whether this process, and so each that it starts, ignores a signal; false where the system does not tell.</summary>
    static bool Ignored(int signal) => File.Exists("/proc/self/status") && File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
        && (ulong.Parse(line["SigIgn:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) != 0;

    static string Curves(string file)
    {
        using var store = ResultStore.OpenRead(file);
        using var text = new StringWriter();
        Csv.Write(store.Query(Queries.Curves), text);
        return text.ToString();
    }
}
