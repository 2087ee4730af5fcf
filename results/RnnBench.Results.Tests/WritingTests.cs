namespace RnnBench.Results.Tests;

public sealed class WritingTests : InFolder
{
    static readonly string[] recorded = ["metrics", "timings", "gates", "gradient_lags", "gradient_norms"];

    ResultStore Open() => ResultStore.Open(InIt("store.db"));

    static long[] Steps(ResultStore store, string table) =>
        [.. store.Query($"SELECT DISTINCT step FROM {table} ORDER BY step").Lines().Select(long.Parse)];

    [Fact]
    public void A_run_comes_back_as_it_went_in()
    {
        using (var store = Open())
        {
            store.Begin("a", seed: long.MaxValue);
            store.End("a", RunStatus.Failed, "out of memory", Samples.Later);
        }
        using var again = ResultStore.OpenRead(InIt("store.db"));
        var expected = Samples.Run("a", seed: long.MaxValue) with { Status = RunStatus.Failed, Message = "out of memory", Ended = Samples.Later };
        Assert.Equal(expected, again.Find("a"));
        Assert.Null(again.Find("b"));
    }

    [Theory]
    [InlineData(RunStatus.Done)]
    [InlineData(RunStatus.Diverged)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Interrupted)]
    [InlineData(RunStatus.Running)]
    public void Every_status_has_its_spelling(RunStatus status)
    {
        using var store = Open();
        store.Begin("a");
        store.End("a", status, null, Samples.Later);
        Assert.Equal(status, store.Find("a")!.Status);
    }

    [Fact]
    public void Every_kind_of_row_comes_back_as_it_went_in()
    {
        using var store = Open();
        store.Begin("a");
        store.Append("a", 10, Samples.Everything(10));
        Assert.Equal(10, store.Find("a")!.Steps);
        Assert.Equal([$"10|0.1|train|loss|{1.0 / 11:R}"], store.Query(Queries.Curves).Lines("step", "epoch", "split", "metric", "value"));
        Assert.Equal(["10|10|4000|0.125|0.25|0.5|0.0625|268435456"],
            store.Query("""SELECT step, steps, tokens, data, forward, backward, "update", memory FROM timings""").Lines());
        var gates = store.Query(Queries.Gates);
        Assert.Equal(["10|layers.0|f|0.5|0.125|0|0.25"], gates.Lines("step", "layer", "gate", "mean", "deviation", "below", "above"));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), GateRow.Counts((string)gates["histogram"][0]));
        Assert.Equal(["10||7|0.5|0.25|0.125|1"], store.Query(Queries.GradientLags).Lines("step", "layer", "lag", "mean", "median", "low", "high"));
        Assert.Equal(["10|0.75|2|0.5"], store.Query(Queries.GradientNorms).Lines("step", "mean", "max", "clipped"));
        Assert.Equal(["a|copy|generated"], store.Query("SELECT run, name, sha256 FROM provenance").Lines());
        Assert.Equal(["a|accuracy|fraction|0|0|∅|∅|10 symbols", "a|loss|nats|1|1|0.17|0.01|10 symbols"], store.Query("SELECT * FROM tasks").Lines());
    }

    [Fact]
    public void Figures_that_are_not_finite_are_null()
    {
        using var store = Open();
        store.Begin("a");
        var recording = Samples.Recording(new(1, double.NaN, "train", "loss", double.NaN), new(2, null, "train", "loss", double.PositiveInfinity));
        recording.Gates.Add(new(1, "", "f", double.NaN, double.NaN, double.NaN, double.NaN, []));
        recording.GradientLags.Add(new(1, "", 0, double.NaN, double.NegativeInfinity, 0, double.PositiveInfinity));
        recording.GradientNorms.Add(new(1, double.NaN, double.PositiveInfinity, 1));
        store.Append("a", 2, recording);
        Assert.Equal(["1|∅|∅", "2|∅|∅"], store.Query(Queries.Curves).Lines("step", "epoch", "value"));
        Assert.Equal(["∅|∅|∅|∅|[]"], store.Query(Queries.Gates).Lines("mean", "deviation", "below", "above", "histogram"));
        Assert.Equal(["∅|∅|0|∅"], store.Query(Queries.GradientLags).Lines("mean", "median", "low", "high"));
        Assert.Equal(["∅|∅|1"], store.Query(Queries.GradientNorms).Lines("mean", "max", "clipped"));
    }

    [Fact]
    public void Appending_the_same_rows_again_changes_nothing_and_new_values_replace_old_ones()
    {
        using var store = Open();
        store.Begin("a");
        store.Append("a", 10, Samples.Everything(10));
        store.Append("a", 10, Samples.Everything(10));
        foreach (var table in recorded) Assert.Equal([10], Steps(store, table));
        store.Append("a", 10, Samples.Recording(new MetricRow(10, null, "train", "loss", 42)));
        Assert.Equal(["10|∅|42"], store.Query(Queries.Curves).Lines("step", "epoch", "value"));
    }

    [Fact]
    public void Taking_up_a_run_drops_what_came_after_its_checkpoint()
    {
        using var store = Open();
        store.Begin("a");
        foreach (var step in new[] { 0L, 10, 20, 30 }) store.Append("a", step, Samples.Everything(step));
        store.End("a", RunStatus.Interrupted, "stopped", Samples.Later);
        var elsewhere = Samples.Run("a") with { Path = "library: nn.LSTM", Machine = """{"cpu":"b"}""" };
        store.Begin(elsewhere with { Started = Samples.Later }, Samples.Task, Samples.Generated, 20);
        foreach (var table in recorded) Assert.Equal([0, 10, 20], Steps(store, table));
        Assert.Equal(elsewhere with { Steps = 20 }, store.Find("a"));
    }

    [Fact]
    public void Beginning_anew_drops_everything_and_leaves_other_runs_and_studies_alone()
    {
        using var store = Open();
        foreach (var key in new[] { "a", "b" })
        {
            store.Begin(key);
            store.Append(key, 10, Samples.Everything(0));
        }
        var study = store.BeginStudy("smoke", "name: smoke", "rnnbench study smoke", Samples.Start);
        store.AddToStudy(study, "a");
        store.End("a", RunStatus.Failed, "power", Samples.Later);
        store.Begin(Samples.Run("a") with { Started = Samples.Later }, [], new Dictionary<string, string>(), 0);
        foreach (var table in recorded) Assert.Equal(["b"], store.Query($"SELECT run FROM {table}").Lines());
        Assert.Equal(Samples.Run("a") with { Started = Samples.Later }, store.Find("a"));
        Assert.Equal(["a"], store.Query("SELECT run FROM study_runs").Lines());
        Assert.Equal(["b", "b"], store.Query("SELECT run FROM tasks").Lines());
    }

    [Fact]
    public void Removing_a_run_takes_everything_along()
    {
        using var store = Open();
        store.Begin("a");
        store.Append("a", 10, Samples.Everything(10));
        store.AddToStudy(store.BeginStudy("smoke", "", "", Samples.Start), "a");
        Assert.True(store.Remove("a"));
        Assert.False(store.Remove("a"));
        foreach (var table in recorded.Append("tasks").Append("provenance").Append("study_runs"))
            Assert.Equal(["0"], store.Query($"SELECT count(*) FROM {table}").Lines());
    }

    [Fact]
    public void A_run_that_is_not_there_is_an_error()
    {
        using var store = Open();
        Assert.Contains("there is no run nobody", Assert.Throws<StoreError>(() => store.Append("nobody", 1, new())).Message);
        Assert.Contains("there is no run nobody", Assert.Throws<StoreError>(() => store.End("nobody", RunStatus.Done, null, Samples.Later)).Message);
        var study = store.BeginStudy("s", "", "", Samples.Start);
        Assert.Contains("rule of the schema", Assert.Throws<StoreError>(() => store.AddToStudy(study, "nobody")).Message);
    }

    [Fact]
    public void A_recording_with_a_bad_row_is_not_written_at_all()
    {
        using var store = Open();
        store.Begin("a");
        var bad = Samples.Everything(10);
        bad.Metrics.Add(new(10, null, "tests", "loss", 1));
        Assert.Contains("rule of the schema", Assert.Throws<StoreError>(() => store.Append("a", 10, bad)).Message);
        Assert.Equal(0, store.Find("a")!.Steps);
        foreach (var table in recorded) Assert.Empty(Steps(store, table));
        store.Append("a", 10, Samples.Everything(10));
        Assert.Equal([10], Steps(store, "metrics"));
    }

    [Fact]
    public void Two_deciding_figures_are_refused()
    {
        using var store = Open();
        Assert.Throws<StoreError>(() => store.Begin(Samples.Run("a"), Samples.Task.Select(t => t with { Deciding = true }), Samples.Generated, 0));
        Assert.Null(store.Find("a"));
    }

    [Fact]
    public void A_full_disk_leaves_nothing_half_written()
    {
        using var store = Open();
        store.Begin("a");
        store.Append("a", 1, Samples.Everything(1));
        var pages = store.Query("PRAGMA page_count").Lines()[0];
        using (var limit = store.Connection.CreateCommand())
        {
            limit.CommandText = $"PRAGMA max_page_count = {pages}";
            limit.ExecuteNonQuery();
        }
        var much = new Recording();
        for (var step = 2; step < 5000; step++) much.Metrics.Add(new(step, null, "train", "loss", step));
        Assert.Contains("the disk is full; nothing of this step was written", Assert.Throws<StoreError>(() => store.Append("a", 5000, much)).Message);
        Assert.Equal([1], Steps(store, "metrics"));
        Assert.Equal(1, store.Find("a")!.Steps);
    }

    [Theory]
    [InlineData("Robert'); DROP TABLE runs;--")]
    [InlineData("\"quoted\" 'text' `back` [brackets] \\ % _ ? @key $key :key")]
    [InlineData("Ünïcode 汉字 😀 \u202Eright to left \u0301")]
    [InlineData("line\r\nbreak\ttab \u0001 \u001b[31m")]
    [InlineData("")]
    public void Text_is_only_text(string text)
    {
        using var store = Open();
        var run = Samples.Run(text, text, text) with { Machine = text, Experiment = text, Recipe = text, Path = text };
        store.Begin(run, [new(text, text, text, true, true, 1, 2, text)], new Dictionary<string, string> { [text] = text }, 0);
        store.Append(text, 1, Samples.Recording(new MetricRow(1, null, "valid", text, 0.5)));
        store.End(text, RunStatus.Failed, text, Samples.Later);
        var study = store.BeginStudy(text, text, text, Samples.Start);
        store.AddToStudy(study, new StudyEntryRow(text, text, 1, 0, text, 0.5, true));
        store.AddClaims(study, [new(text, text, text, text)]);
        Assert.Equal(run with { Steps = 1, Status = RunStatus.Failed, Message = text, Ended = Samples.Later }, store.Find(text));
        var filter = new RunFilter { Study = text, Models = [text], Tasks = [text], Keys = [text] };
        foreach (var query in Queries.All.Except([Queries.Speed, Queries.Choices, Queries.Gates, Queries.GateFixes, Queries.GradientLags, Queries.GradientNorms]))
            Assert.Equal(1, store.Query(query, filter).Rows.Count);
        Assert.Equal([text], store.Query(Queries.Final, filter).Lines("metric"));
        Assert.Equal(0, store.Query(Queries.Runs, new() { Models = [text + "x"] }).Rows.Count);
    }
}
