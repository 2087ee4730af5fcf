using Dapper;
using Microsoft.Data.Sqlite;

namespace RnnBench.Results.Tests;

/// <summary>Migration is shown with a version before the first, which lacks a column.</summary>
public sealed class MigrationTests : InFolder
{
    const string Column = "    message      TEXT,                          -- why it ended, where it did not end well\n";
    const string AddColumn = "ALTER TABLE runs ADD COLUMN message TEXT";
    static readonly string older = Migrations.All[0].Replace(Column, "");

    static ResultStore Open(string file, params string[] migrations) => ResultStore.Open(file, migrations, 5);

    void MakeOlder()
    {
        using var store = Open(Store, older);
        store.Connection.Execute("""
            INSERT INTO machines VALUES (1, 'a machine');
            INSERT INTO runs VALUES ('a', '{}', 'lstm', 'copy', 'default', 1, 'done', 'eager', 'cpu', 'float32', 2, 10, 20, 30, 40, 1, '2025', '2026');
            INSERT INTO metrics VALUES ('a', 10, NULL, 'valid', 'loss', 0.5);
            """);
    }

    string[] Schema()
    {
        using var connection = new SqliteConnection($"Data Source={Store};Mode=ReadOnly;Pooling=False");
        return [.. connection.Query<string>("SELECT sql FROM sqlite_schema"), connection.ExecuteScalar<string>("PRAGMA user_version")!];
    }

    [Fact]
    public void The_older_schema_is_older() => Assert.NotEqual(Migrations.All[0], older);

    [Fact]
    public void An_older_store_is_brought_up_to_date_with_its_rows()
    {
        MakeOlder();
        using var store = Open(Store, older, AddColumn);
        var expected = new RunRow("a", "{}", "lstm", "copy", "default", 1, RunStatus.Done, null, "eager", "cpu", "float32", 2, 10, 20, 30, 40,
            "a machine", "2025", "2026");
        Assert.Equal(expected, store.Find("a"));
        store.End("a", RunStatus.Failed, "why", "2027");
        Assert.Equal(["why"], store.Query(Queries.Runs).Lines("message"));
        Assert.Equal(["2"], store.Query("PRAGMA user_version").Lines());
        Assert.Equal(["1"], store.Query("PRAGMA foreign_keys").Lines());
    }

    [Fact]
    public void Reading_brings_it_up_to_date_too()
    {
        MakeOlder();
        using (var store = ResultStore.OpenRead(Store, [older, AddColumn])) Assert.Equal("a", store.Find("a")!.Key);
        Assert.Equal("2", Schema()[^1]);
    }

    [Fact]
    public void A_step_that_fails_undoes_all_steps()
    {
        MakeOlder();
        var (schema, hash) = (Schema(), Samples.Hash(Store));
        var message = Assert.Throws<StoreError>(() => Open(Store, older, AddColumn, "UPDATE runs SET nonsense = 1")).Message;
        Assert.Contains("no such column: nonsense", message);
        Assert.Equal(schema, Schema());
        Assert.Equal(hash, Samples.Hash(Store));
        using var store = Open(Store, older, AddColumn);
        Assert.Equal(40, store.Find("a")!.Steps);
    }

    [Fact]
    public void A_step_that_leaves_orphans_is_undone()
    {
        MakeOlder();
        var schema = Schema();
        Assert.Contains("would leave rows without their run", Assert.Throws<StoreError>(() => Open(Store, older, AddColumn, "DELETE FROM runs")).Message);
        Assert.Equal(schema, Schema());
    }

    [Fact]
    public void A_step_may_rebuild_a_table_that_others_hang_on()
    {
        MakeOlder();
        var rebuild = older[older.IndexOf("CREATE TABLE runs", StringComparison.Ordinal)..older.IndexOf("CREATE TABLE machines", StringComparison.Ordinal)]
            .Replace("CREATE TABLE runs", "CREATE TABLE rebuilt");
        var moved = $"{rebuild}; INSERT INTO rebuilt SELECT * FROM runs; DROP TABLE runs; ALTER TABLE rebuilt RENAME TO runs";
        using var store = Open(Store, older, moved, AddColumn);
        Assert.Equal(["a|10|0.5"], store.Query(Queries.Curves).Lines("run", "step", "value"));
        Assert.True(store.Remove("a"));
        Assert.Equal(0, store.Query(Queries.Curves).Rows.Count);
    }

    [Fact]
    public void The_older_program_refuses_the_newer_store()
    {
        using (Open(Store, older, AddColumn)) { }
        var hash = Samples.Hash(Store);
        Assert.Contains("version 2; this one knows 1", Assert.Throws<StoreError>(() => Open(Store, older)).Message);
        Assert.Equal(hash, Samples.Hash(Store));
    }
}
