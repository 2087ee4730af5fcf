using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results.Tests;

/// <summary>Several writers, and writers that are killed. The other processes are this program again, told by a variable what to do.</summary>
public sealed class ConcurrencyTests : InFolder
{
    const string Variable = "RNNBENCH_TEST_WRITER";
    const int RowsPerStep = 100;

    static void Write(string file, string key, int steps)
    {
        using var store = ResultStore.Open(file);
        store.Begin(key);
        for (var step = 1; step <= steps; step++)
            store.Append(key, step, Samples.Recording([.. Enumerable.Range(0, RowsPerStep).Select(i => new MetricRow(step, null, "train", $"m{i}", i))]));
        store.End(key, RunStatus.Done, null, Samples.Later);
    }

    [ModuleInitializer]
    internal static void WriteIfTold()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not { } told) return;
        Write(told[0], told[1], int.Parse(told[2]));
        Environment.Exit(0);
    }

    Process Writer(string key, int steps)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(ConcurrencyTests).Assembly.Location, null)) { RedirectStandardError = true };
        start.Environment[Variable] = $"{Store}|{key}|{steps}";
        return Process.Start(start)!;
    }

    [Fact]
    public async Task Threads_that_make_and_fill_one_store_at_the_same_time()
    {
        var threads = Enumerable.Range(0, 6).Select(i => Task.Factory.StartNew(() => Write(Store, $"run{i}", 20), TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(threads);
        using var store = ResultStore.OpenRead(Store);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"run{i}|20|done"), store.Query(Queries.Runs).Lines("run", "steps", "status"));
        Assert.Equal(6 * 20 * RowsPerStep, store.Query(Queries.Curves).Rows.Count);
    }

    [Fact]
    public void Processes_that_make_and_fill_one_store_at_the_same_time()
    {
        Process[] writers = [Writer("a", 40), Writer("b", 40)];
        foreach (var writer in writers)
        {
            var error = writer.StandardError.ReadToEnd();
            writer.WaitForExit();
            Assert.True(writer.ExitCode == 0, error);
        }
        using var store = ResultStore.OpenRead(Store);
        Assert.Equal(["a|40|done", "b|40|done"], store.Query(Queries.Runs).Lines("run", "steps", "status"));
        Assert.Equal(2 * 40 * RowsPerStep, store.Query(Queries.Curves).Rows.Count);
    }

    [Fact]
    public void A_writer_that_is_killed_leaves_whole_steps_and_the_run_can_be_taken_up()
    {
        var reached = 0L;
        for (var round = 1; round <= 3; round++)
        {
            using (var writer = Writer($"a{round}", int.MaxValue))
            {
                var watch = Stopwatch.StartNew();
                while (Reached($"a{round}") < 5) Assert.True(watch.Elapsed.TotalSeconds < 60 && !writer.HasExited, "the writer does not write.");
                writer.Kill();
                writer.WaitForExit();
            }
            using var store = ResultStore.Open(Store);
            Assert.Equal(["ok"], store.Query("PRAGMA integrity_check").Lines());
            Assert.Equal(0, store.Query("PRAGMA foreign_key_check").Rows.Count);
            var run = store.Find($"a{round}")!;
            reached = run.Steps;
            Assert.Equal(RunStatus.Running, run.Status);
            Assert.Equal([$"{reached}|{reached * RowsPerStep}|{RowsPerStep}"], store.Query(
                "SELECT max(step), sum(n), max(n) FROM (SELECT step, count(*) AS n FROM metrics WHERE run = @Key GROUP BY step)", new { run.Key }).Lines());
            store.Begin(run, Samples.Task, Samples.Generated, 3);
            Assert.Equal([$"3|{3 * RowsPerStep}"], store.Query("SELECT max(step), count(*) FROM metrics WHERE run = @Key", new { run.Key }).Lines());
        }
    }

    long Reached(string key)
    {
        Thread.Sleep(20);
        if (!File.Exists(Store)) return 0;
        using var store = ResultStore.Open(Store);
        return store.Find(key)?.Steps ?? 0;
    }

    [Fact]
    public void What_an_unfinished_transaction_has_put_into_the_log_does_not_count()
    {
        using var store = ResultStore.Open(Store);
        store.Begin("a");
        store.Append("a", 1, Samples.Everything(1));
        store.Connection.Execute("""
            PRAGMA cache_size = 1;
            BEGIN IMMEDIATE;
            WITH RECURSIVE steps(step) AS (SELECT 2 UNION ALL SELECT step + 1 FROM steps WHERE step < 20000)
            INSERT INTO metrics SELECT 'a', step, NULL, 'train', 'loss', 1 FROM steps;
            """);
        foreach (var end in new[] { "", "-wal" }) File.Copy(Store + end, InIt("copy.db" + end));
        Assert.True(new FileInfo(InIt("copy.db-wal")).Length > 100_000, "nothing was spilled into the log.");
        using var copy = ResultStore.Open(InIt("copy.db"));
        Assert.Equal(["1"], copy.Query(Queries.Curves).Lines("step"));
        Assert.Equal(["ok"], copy.Query("PRAGMA integrity_check").Lines());
    }

    [Fact]
    public void A_store_that_stays_locked_says_so_and_can_be_read_meanwhile()
    {
        using var store = ResultStore.Open(Store, Migrations.All, patience: 1);
        store.Begin("a");
        using (var other = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            other.Open();
            other.Execute("BEGIN EXCLUSIVE");
            Assert.Contains("another process keeps it locked; nothing was written",
                Assert.Throws<StoreError>(() => store.Append("a", 1, Samples.Everything(1))).Message);
            Assert.Contains("another process keeps it locked", ResultStore.Check(Store).Problem);
            Assert.Equal(["0"], store.Query(Queries.Runs).Lines("steps"));
            other.Execute("ROLLBACK");
        }
        store.Append("a", 1, Samples.Everything(1));
        Assert.Equal(["1"], store.Query(Queries.Runs).Lines("steps"));
    }
}
