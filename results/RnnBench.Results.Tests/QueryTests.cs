namespace RnnBench.Results.Tests;

/// <summary>Every query on a small store, against figures worked out by hand.</summary>
public sealed class QueryTests : InFolder
{
    readonly ResultStore store;

    public QueryTests() => store = ResultStore.Open(InIt("store.db"));

    static string[] Full(StoredQuery query) => [.. query.Columns.Select(c => c.Name)];

    /// <summary>
    /// Three runs: "a" (lstm, seed 1) does well, "b" (lstm, seed 2) diverges, "c" (gru, on adding, where more is better) never gets there.
    /// </summary>
    void Fill()
    {
        store.Begin("a");
        store.Append("a", 30, Samples.Recording(
            new(10, null, "valid", "loss", 0.5), new(10, null, "test", "loss", 0.6), new(10, null, "valid", "accuracy", 0.25),
            new(20, null, "valid", "loss", 0.005), new(20, null, "test", "loss", 0.007),
            new(30, null, "valid", "loss", 0.008), new(30, null, "test", "loss", 0.009), new(30, null, "train", "loss", 0.001)));
        var timings = new Recording();
        timings.Timings.Add(new(10, 10, 1000, 9, 9, 9, 9, 900));
        timings.Timings.Add(new(20, 10, 1000, 0.5, 1, 2, 0.5, 700));
        timings.Timings.Add(new(30, 10, 3000, 0.5, 1, 2, 0.5, 800) { StepMemory = 77 });
        store.Append("a", 30, timings);
        store.End("a", RunStatus.Done, null, Samples.Later);

        store.Begin("b", seed: 2);
        store.Append("b", 20, Samples.Recording(
            new(10, 0.5, "valid", "loss", 0.3), new(20, 1, "valid", "loss", double.NaN), new(20, 1, "test", "loss", double.NaN)));
        timings = new();
        timings.Timings.Add(new(20, 10, 500, 0, 0, 0, 0, 100));
        store.Append("b", 20, timings);
        store.End("b", RunStatus.Diverged, "loss is NaN", Samples.Later);

        store.Begin(Samples.Run("c", "gru", "adding(T=50)") with { Machine = """{"cpu":"b"}""", Started = Samples.Later },
            [new("adding(T=50)", "accuracy", "fraction", false, true, 0.1, 0.9, "within 0.04")], new Dictionary<string, string> { ["x"] = "12ab" }, 0);
        store.Append("c", 20, Samples.Recording(
            new(10, null, "valid", "accuracy", 0.7), new(20, null, "valid", "accuracy", 0.7), new(20, null, "valid", "speed", 3)));

        var old = store.BeginStudy("smoke", "old", "rnnbench study smoke", Samples.Start);
        store.AddToStudy(old, "a");
        store.AddToStudy(old, "b");
        var recent = store.BeginStudy("smoke", "new", "rnnbench study smoke", Samples.Later);
        store.AddToStudy(recent, "c");
        store.AddToStudy(recent, "c");
        store.BeginStudy("empty", "", "", Samples.Later);
    }

    [Fact]
    public void An_empty_store_gives_empty_frames_with_the_right_columns()
    {
        foreach (var query in Queries.All)
        {
            var frame = store.Query(query);
            Assert.Equal(0, frame.Rows.Count);
            Assert.Equal(Full(query), frame.Columns.Select(c => c.Name));
            Assert.Equal(query.Columns.Select(c => c.Kind), frame.Columns.Select(Kind));
        }
    }

    [Fact]
    public void A_filled_store_gives_the_same_columns()
    {
        Fill();
        foreach (var query in Queries.All) Assert.Equal(query.Columns.Select(c => c.Kind), store.Query(query).Columns.Select(Kind));
    }

    static ColumnKind Kind(Microsoft.Data.Analysis.DataFrameColumn column) =>
        column.DataType == typeof(long) ? ColumnKind.Whole : column.DataType == typeof(double) ? ColumnKind.Real : ColumnKind.Text;

    [Fact]
    public void Runs()
    {
        Fill();
        var common = "|default|{0}|eager|cpu|float32|2|66048|1290|131072|{1}";
        Assert.Equal(
        [
            "c|gru|adding(T=50)|1" + string.Format(common, "running|∅", "20|∅") + $"|{Samples.Later}|∅|2|{{\"seed\":1}}",
            "a|lstm|copy(T=20)|1" + string.Format(common, "done|∅", "30|44") + $"|{Samples.Start}|{Samples.Later}|1|{{\"seed\":1}}",
            "b|lstm|copy(T=20)|2" + string.Format(common, "diverged|loss is NaN", "20|0") + $"|{Samples.Start}|{Samples.Later}|1|{{\"seed\":2}}",
        ], store.Query(Queries.Runs).Lines());
    }

    [Fact]
    public void Curves()
    {
        Fill();
        Assert.Equal(
        [
            "b|lstm|copy(T=20)|2|20|1|test|loss|∅",
            "b|lstm|copy(T=20)|2|10|0.5|valid|loss|0.3",
            "b|lstm|copy(T=20)|2|20|1|valid|loss|∅",
        ], store.Query(Queries.Curves, new() { Keys = ["b"] }).Lines());
        Assert.Equal(14, store.Query(Queries.Curves).Rows.Count);
    }

    [Fact]
    public void Final_figures()
    {
        Fill();
        Assert.Equal(
        [
            "c|gru|adding(T=50)|1|running|valid|accuracy|20|0.7|fraction|0|1|0.1|0.9|within 0.04|66048|eager",
            "c|gru|adding(T=50)|1|running|valid|speed|20|3|∅|∅|∅|∅|∅|∅|66048|eager",
            "a|lstm|copy(T=20)|1|done|test|loss|30|0.009|nats|1|1|0.17|0.01|10 symbols|66048|eager",
            "a|lstm|copy(T=20)|1|done|valid|loss|30|0.008|nats|1|1|0.17|0.01|10 symbols|66048|eager",
            "a|lstm|copy(T=20)|1|done|valid|accuracy|10|0.25|fraction|0|0|∅|∅|10 symbols|66048|eager",
            "b|lstm|copy(T=20)|2|diverged|test|loss|20|∅|nats|1|1|0.17|0.01|10 symbols|66048|eager",
            "b|lstm|copy(T=20)|2|diverged|valid|loss|20|∅|nats|1|1|0.17|0.01|10 symbols|66048|eager",
        ], store.Query(Queries.Final).Lines());
    }

    [Fact]
    public void Best_by_valid()
    {
        Fill();
        Assert.Equal(
        [
            "c|gru|adding(T=50)|1|running|accuracy|fraction|0|10|∅|0.7|∅",
            "a|lstm|copy(T=20)|1|done|loss|nats|1|20|∅|0.005|0.007",
            "b|lstm|copy(T=20)|2|diverged|loss|nats|1|10|0.5|0.3|∅",
        ], store.Query(Queries.BestByValid).Lines());
    }

    [Fact]
    public void Speed()
    {
        Fill();
        Assert.Equal(
        [
            "a|lstm|copy(T=20)|1|eager|cpu|float32|2|1|20|4000|8|500|1|2|4|1|900|77",
            "b|lstm|copy(T=20)|2|eager|cpu|float32|2|1|10|500|0|∅|0|0|0|0|100|∅",
        ], store.Query(Queries.Speed).Lines());
    }

    [Fact]
    public void Probes()
    {
        foreach (var key in new[] { "a", "b" })
        {
            store.Begin(key);
            store.Append(key, 20, Samples.Everything(20));
            store.Append(key, 100, Samples.Everything(100));
        }
        Assert.Equal(["a|20", "a|100", "b|20", "b|100"], store.Query(Queries.Gates).Lines("run", "step"));
        Assert.Equal(["a|20|7", "a|100|7", "b|20|7", "b|100|7"], store.Query(Queries.GradientLags).Lines("run", "step", "lag"));
        Assert.Equal(["b|lstm|copy(T=20)|1|20|0.75|2|0.5", "b|lstm|copy(T=20)|1|100|0.75|2|0.5"],
            store.Query(Queries.GradientNorms, new() { Keys = ["b"] }).Lines());
    }

    [Fact]
    public void Solved()
    {
        Fill();
        store.Begin("d", seed: 3);
        Assert.Equal(
        [
            "c|gru|adding(T=50)|1|running|accuracy|0|0.9|∅|20",
            "a|lstm|copy(T=20)|1|done|loss|1|0.01|20|30",
            "b|lstm|copy(T=20)|2|diverged|loss|1|0.01|∅|20",
            "d|lstm|copy(T=20)|3|running|loss|1|0.01|∅|∅",
        ], store.Query(Queries.Solved).Lines());
        store.Append("c", 30, Samples.Recording(new MetricRow(30, null, "valid", "accuracy", 0.9)));
        Assert.Equal(["30|30"], store.Query(Queries.Solved, new() { Keys = ["c"] }).Lines("step", "last_step"));
    }

    [Fact]
    public void Tasks_keep_what_was_true_of_each_run()
    {
        Fill();
        store.Begin(Samples.Run("d", seed: 3) with { Started = Samples.Later }, [Samples.Task[0] with { Protocol = "20 symbols" }], Samples.Generated, 0);
        Assert.Equal(
        [
            "adding(T=50)|accuracy|fraction|0|1|0.1|0.9|within 0.04|1",
            "copy(T=20)|loss|nats|1|1|0.17|0.01|10 symbols|2",
            "copy(T=20)|loss|nats|1|1|0.17|0.01|20 symbols|1",
            "copy(T=20)|accuracy|fraction|0|0|∅|∅|10 symbols|2",
        ], store.Query(Queries.Tasks).Lines());
    }

    [Fact]
    public void Provenance_machines_and_studies()
    {
        Fill();
        Assert.Equal(["adding(T=50)|x|12ab|1", "copy(T=20)|copy|generated|2"], store.Query(Queries.Provenance).Lines());
        Assert.Equal([$$"""1|{"cpu":"a"}|2|{{Samples.Start}}|{{Samples.Start}}""", $$"""2|{"cpu":"b"}|1|{{Samples.Later}}|{{Samples.Later}}"""],
            store.Query(Queries.Machines).Lines());
        Assert.Equal(
        [
            $"1|smoke|old|rnnbench study smoke|{Samples.Start}|2|1",
            $"2|smoke|new|rnnbench study smoke|{Samples.Later}|1|0",
            $"3|empty|||{Samples.Later}|0|0",
        ], store.Query(Queries.Studies).Lines());
        Assert.Equal(["2"], store.Query(Queries.Studies, new() { Study = "smoke" }).Lines("study"));
        Assert.Equal(["1|2"], store.Query(Queries.Studies, new() { StudyId = 1 }).Lines("study", "runs"));
    }

    public static TheoryData<RunFilter, string> Filters => new()
    {
        { new(), "cab" },
        { new() { Study = "smoke" }, "c" },
        { new() { StudyId = 1 }, "ab" },
        { new() { Study = "smoke", StudyId = 1 }, "" },
        { new() { Study = "empty" }, "" },
        { new() { Study = "nobody" }, "" },
        { new() { Models = ["lstm"] }, "ab" },
        { new() { Models = ["lstm", "gru"], Seeds = [1] }, "ca" },
        { new() { Models = [] }, "" },
        { new() { Tasks = ["adding(T=50)"] }, "c" },
        { new() { Seeds = [2, 3] }, "b" },
        { new() { Status = [RunStatus.Done, RunStatus.Running] }, "ca" },
        { new() { Keys = ["b", "c", "z"] }, "cb" },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void The_filter_chooses_runs(RunFilter filter, string expected)
    {
        Fill();
        Assert.Equal(expected, string.Concat(store.Query(Queries.Runs, filter).Lines("run")));
        Assert.Equal(expected.Replace("b", ""), string.Concat(store.Query(Queries.BestByValid, filter).Lines("run")).Replace("b", ""));
    }

    [Fact]
    public void A_query_of_ones_own_finds_its_types_and_may_not_write()
    {
        var frame = store.Query("SELECT @a AS a, 1 AS whole, 1.5 AS real, NULL AS none UNION ALL SELECT 'y', 2, 3, NULL", new { a = "x" });
        Assert.Equal([typeof(string), typeof(long), typeof(double), typeof(string)], frame.Columns.Select(c => c.DataType));
        Assert.Equal(["x|1|1.5|∅", "y|2|3|∅"], frame.Lines());
        Assert.Contains("a query may only read", Assert.Throws<StoreError>(() => store.Query("DELETE FROM runs RETURNING key")).Message);
        Assert.Contains("no such column: nonsense", Assert.Throws<StoreError>(() => store.Query("SELECT nonsense")).Message);
        store.Begin("a");
    }
}
