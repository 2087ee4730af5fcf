using RnnBench.Backends.Native;
using RnnBench.Harness;
using RnnBench.Results;

namespace RnnBench.Cli.Tests;

public class ZooTests
{
    /// <summary>Recorded losses at each end of a run that are averaged over; a batch is small, so that a single one says little.</summary>
    const int Window = 10;

    [Fact]
    public void EveryArchitectureTrains()
    {
        using var folder = new Folder();
        Call.Of("study", "zoo-smoke", "--size", "smoke", "--threads", "1", "--db", folder["runs.db"]).Ends(ExitCode.Done);
        using var store = ResultStore.OpenRead(folder["runs.db"]);
        var runs = store.Query("SELECT model, status FROM runs").Rows.Select(row => (Model: (string)row[0]!, Status: (string)row[1]!)).ToArray();
        Assert.All(runs, run => Assert.Equal((run.Model, "done"), run));
        foreach (var architecture in Architectures.Catalog.All) Assert.Contains(runs, run => run.Model.Split('(')[0] == architecture.Id);

        var losses = store.Query("SELECT run, model, task, value FROM metrics JOIN runs ON runs.key = metrics.run WHERE split = 'train' AND metric = 'loss' ORDER BY run, step").Rows
            .GroupBy(row => (Run: (string)row[0]!, Model: (string)row[1]!, Task: (string)row[2]!), row => Convert.ToDouble(row[3]));
        Assert.Equal(runs.Length, losses.Count());
        Assert.All(losses, run => Assert.True(run.TakeLast(Window).Average() < run.Take(Window).Average(), $"{run.Key.Model} on {run.Key.Task}: {string.Join(' ', run)}"));
    }

    /// <summary>The full size takes too long to train here; but each of its runs whose data is generated has settings that fit its task, and could begin.</summary>
    [Fact]
    public void EveryRunOfTheFullSizeCanBegin()
    {
        var catalogs = Wiring.Catalogs(Architectures.Catalog.All);
        var plan = StudyPlan.Of(catalogs, Wiring.Studies().Single(s => s.Study.Name == "zoo-smoke").Study, null, new RunSetup { Threads = 1 }, null);
        Assert.All(Architectures.Catalog.All, architecture => Assert.Contains(plan.Runs, run => run.Experiment.Model.Split('(')[0] == architecture.Id));
        Libtorch.Load();
        Preflight.Check(catalogs, plan.Runs.Select(run => run.Experiment), null);
    }
}
