using Dapper;

namespace RnnBench.Results.Tests;

/// <summary>What a study records beside its runs.</summary>
public sealed class StudyRowTests : InFolder
{
    [Fact]
    public void Entries_say_what_a_run_is_for_and_the_later_word_counts()
    {
        using var store = ResultStore.Open(Store);
        store.Begin("a");
        store.Begin("b", seed: 2);
        var study = store.BeginStudy("s", "name: s", "rnnbench study s", Samples.Start);
        store.AddToStudy(study, new StudyEntryRow("lstm", "a", 1, 0, """{"learning_rate":"0.1"}""", double.NaN, false));
        store.AddToStudy(study, new StudyEntryRow("lstm", "a", 1, 0, """{"learning_rate":"0.1"}""", 0.25, true));
        store.AddToStudy(study, new StudyEntryRow("lstm", "b", null, null, "{}", null, false));
        store.AddToStudy(study, new StudyEntryRow("lstm(forget_bias=1)", "b", null, null, "{}", null, false));
        Assert.Equal(
            ["a|lstm|trial|1|0|0.25|1", "b|lstm|final|∅|∅|∅|0", "b|lstm(forget_bias=1)|final|∅|∅|∅|0"],
            store.Query(Queries.Entries, new RunFilter { Study = "s" }).Lines("run", "arm", "part", "trial", "rung", "score", "chosen"));
        Assert.Equal(["a", "b"], store.Query(Queries.Runs, new RunFilter { Study = "s" }).Lines("run"));
    }

    [Fact]
    public void Without_a_study_the_latest_entry_of_each_run_counts()
    {
        using var store = ResultStore.Open(Store);
        store.Begin("a");
        foreach (var name in new[] { "one", "two" })
            store.AddToStudy(store.BeginStudy(name, "", "", Samples.Start), new StudyEntryRow($"lstm {name}", "a", null, null, "{}", null, false));
        Assert.Equal(["lstm two"], store.Query(Queries.Entries).Lines("arm"));
        Assert.Equal(["lstm one"], store.Query(Queries.Entries, new RunFilter { Study = "one" }).Lines("arm"));
    }

    [Fact]
    public void Claims_keep_their_order_and_belong_to_their_study()
    {
        using var store = ResultStore.Open(Store);
        var study = store.BeginStudy("s", "", "", Samples.Start);
        store.AddClaims(study, [new("z", "Z holds", "A 2000", "[]"), new("a", "A holds", "B 2001", """[{"better":"x"}]""")]);
        store.AddClaims(store.BeginStudy("other", "", "", Samples.Start), [new("z", "another", "", "[]")]);
        Assert.Equal(["z|Z holds|A 2000|[]", "a|A holds|B 2001|[{\"better\":\"x\"}]"],
            store.Query(Queries.Claims, new RunFilter { Study = "s" }).Lines("id", "statement", "source", "rule"));
        Assert.Throws<StoreError>(() => store.AddClaims(study, [new("z", "again", "", "[]")]));
    }

    [Fact]
    public void Units_fixed_gates_and_choices_read_back()
    {
        using var store = ResultStore.Open(Store);
        store.Begin("a");
        store.Append("a", 3, new Recording
        {
            Gates = { new GateRow(3, "", "f", 0.5, 0.1, 0, 0, []) { UnitsBelow = [0.25, 0], UnitsAbove = [0.5, 1] } },
            GateFixes = { new(3, "f", "none", null, "loss", 0.5), new(3, "f", "mean", 0.75, "loss", double.NaN) },
            Choices = { new(3, "layer0", 4, "units", 0.25, true), new(3, "layer0", 4, "rows", 0.5, false) },
        });
        Assert.Equal([(0.25, 0.5), (0, 1)], GateRow.UnitShares((string)store.Query(Queries.Gates)["units"][0]));
        Assert.Empty(GateRow.UnitShares(null));
        Assert.Equal(["f|mean|0.75|loss|∅", "f|none|∅|loss|0.5"], store.Query(Queries.GateFixes).Lines("gate", "fixed", "value", "metric", "result"));
        Assert.Equal(["layer0|4|rows|0.5|0", "layer0|4|units|0.25|1"], store.Query(Queries.Choices).Lines("scan", "batch", "way", "seconds", "taken"));
        store.Begin("a");
        Assert.Empty(store.Query(Queries.GateFixes).Lines());
        Assert.Empty(store.Query(Queries.Choices).Lines());
    }

    [Fact]
    public void A_store_of_version_1_gets_the_new_tables_and_keeps_its_gates()
    {
        using (var store = ResultStore.Open(Store, [Migrations.All[0]], 5))
        {
            store.Connection.Execute("""
                INSERT INTO machines VALUES (1, 'a machine');
                INSERT INTO runs VALUES ('a', '{}', 'lstm', 'copy', 'default', 1, 'done', NULL, 'eager', 'cpu', 'float32', 2, 10, 20, 30, 40, 1, '2025', '2026');
                INSERT INTO gates VALUES ('a', 10, '', 'f', 0.5, 0.1, 0.0, 0.0, '[1,2]');
                """);
        }
        using var newer = ResultStore.Open(Store);
        Assert.Equal(["f|[1,2]|∅"], newer.Query(Queries.Gates).Lines("gate", "histogram", "units"));
        Assert.Empty(newer.Query(Queries.Entries).Lines());
    }
}
