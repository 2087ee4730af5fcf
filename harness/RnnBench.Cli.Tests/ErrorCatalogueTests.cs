using Microsoft.Data.Sqlite;
using RnnBench.Backends.Native;

namespace RnnBench.Cli.Tests;

/// <summary>
/// Everything that a user can get wrong, each with its exit code 2, its one or two lines, and nothing written. In a command line, {dir} is a
/// fresh folder; the store would be {dir}/out/runs.db.
/// </summary>
public sealed class ErrorCatalogueTests
{
    const string Db = "--db {dir}/out/runs.db";
    const string Adding = $"--task adding(T=5) --steps 2 {Db}";

    /// <summary>What is typed, and what the message must say: what, and where.</summary>
    static readonly (string Line, string[] Says)[] Typed =
    [
        ($"run nosuch {Adding}",                                        ["nosuch", "lstm"]),
        ($"run lstm( {Adding}",                                         ["lstm("]),
        ($"run lstm(hidden=8)(hidden=9) {Adding}",                      ["lstm(hidden=8)"]),
        ($"run lstm(hiden=8) {Adding}",                                 ["hiden", "hidden"]),
        ($"run lstm(hidden=8,hidden=9) {Adding}",                       ["hidden", "twice"]),
        ($"run lstm(hidden=-8) {Adding}",                               ["hidden=-8"]),
        ($"run lstm(hidden=0) {Adding}",                                ["hidden=0"]),
        ($"run lstm(hidden=eight) {Adding}",                            ["hidden=eight"]),
        ($"run lstm(hidden=99999999999999999999) {Adding}",             ["hidden=99999999999999999999"]),
        ($"run lstm(hidden=65536,layers=9) {Adding}",                   ["parameters"]),
        ($"run lstm(hidden=8,ablation=nosuch) {Adding}",                ["ablation=nosuch", "nog"]),
        ($"run lstm(hidden=8)[q=1] {Adding}",                           ["[q=1]", "q", "i, f"]),
        ($"run lstm(hidden=8)[o= {Adding}",                             ["[o="]),
        ($"run lstm(hidden=8)[o=1 {Adding}",                            ["[o=1"]),
        ($"run lstm(hidden=8)[o=1/] {Adding}",                          ["[o=1/]"]),
        ($"run rnn --task nosuch {Db}",                                 ["nosuch", "adding"]),
        ($"run rnn --task copy(T=-1) {Db}",                             ["T=-1"]),
        ($"run rnn --task copy(T=99999999) {Db}",                       ["T=99999999"]),
        ($"run rnn --task copy(lenght=5) {Db}",                         ["lenght", "T"]),
        ($"run rnn --task copy[o=1] {Db}",                              ["[o=1]", "copy"]),
        ($"run rnn --recipe nosuch {Adding}",                           ["recipe", "nosuch"]),
        ($"run rnn --set nosuch=1 {Adding}",                            ["nosuch", "learning_rate"]),
        ($"run rnn --set learning_rate {Adding}",                       ["--set learning_rate", "KEY=VALUE"]),
        ($"run rnn --set learning_rate=fast {Adding}",                  ["learning_rate=fast"]),
        ($"run rnn --set learning_rate=-1 {Adding}",                    ["learning_rate=-1"]),
        ($"run rnn --set learning_rate=NaN {Adding}",                   ["learning_rate=NaN"]),
        ($"run rnn --set batch=0 {Adding}",                             ["batch=0"]),
        ($"run rnn --set optimizer=magic {Adding}",                     ["optimizer=magic", "adam"]),
        ($"run rnn --set model.hiden=5 {Adding}",                       ["hiden"]),
        ($"run rnn --task adding(T=5) --steps -5 {Db}",                 ["steps=-5"]),
        ($"run rnn --task adding(T=5) --steps 99999999999 {Db}",        ["steps=99999999999"]),
        ($"run rnn --task adding(T=5) --steps many {Db}",               ["steps=many"]),
        ($"run rnn --task adding(T=5) --epochs 2 {Db}",                 ["epochs"]),
        ($"run rnn --seed x {Adding}",                                  ["seeds x", "1..5"]),
        ($"run rnn --seed 5..1 {Adding}",                               ["seeds 5..1"]),
        ($"run rnn --threads 0 {Adding}",                               ["threads 0"]),
        ($"run rnn --threads -1 {Adding}",                              ["threads -1"]),
        ($"run rnn --threads two {Adding}",                             ["two", "--threads"]),
        ($"run rnn --device tpu {Adding}",                              ["tpu", "cpu"]),
        ($"run rnn --dtype float16 {Adding}",                           ["float16", "float32"]),
        ($"run rnn --backend nosuch {Adding}",                          ["nosuch", "eager"]),
        ($"run lstm(hidden=8)[o=1] --backend library {Adding}",         ["library", "lstm(hidden=8)[o=1]"]),
        ($"run rnn {Db}",                                               ["--task"]),
        ($"study nosuch {Db}",                                          ["nosuch", "smoke"]),
        ($"study smoke --size huge {Db}",                               ["huge"]),
        ($"study {{dir}} {Db}",                                         ["no study"]),
        ($"report {Db}",                                                ["runs.db"]),
        ($"report --format pdf {Db}",                                   ["pdf", "html"]),
        ($"list runs {Db}",                                             ["runs.db"]),
        ("list nosuch",                                                 ["nosuch", "models"]),
        ("explain nosuch",                                              ["nosuch"]),
        ("explain lstm[z=1]",                                           ["[z=1]", "z"]),
        ("explain lstm --input 0",                                      ["--input 0"]),
        ("explain lstm --input x",                                      ["x", "--input"]),
        ("verify",                                                      ["FILE"]),
        ("verify {dir}/nosuch.safetensors",                             ["nosuch.safetensors"]),
        ("list models --cells {dir}/nosuch.dll",                        ["nosuch.dll"]),
        ("data nosuch",                                                 ["nosuch", "list"]),
    ];

    public static TheoryData<string> Lines => [.. Typed.Select(t => t.Line)];

    [Theory]
    [MemberData(nameof(Lines))]
    public void BadArguments(string line)
    {
        using var folder = new Folder();
        folder.Refuses(line, Typed.Single(t => t.Line == line).Says);
    }

    /// <summary>The bytes of a file that is wrong, the command that meets it ({file}), and what the message must say.</summary>
    static readonly Dictionary<string, (string File, byte[] Bytes, string Line, string[] Says)> BadFiles = new()
    {
        ["store is text"] = ("notes.db", Bytes(string.Concat(Enumerable.Repeat("these are notes, and no database. ", 9))), "run rnn --task adding(T=5) --steps 2 --db {file}", ["notes.db"]),
        ["store of a report is text"] = ("notes.db", Bytes(string.Concat(Enumerable.Repeat("these are notes, and no database. ", 9))), "report --db {file}", ["notes.db"]),
        ["study with a wrong key"] = ("s.yaml", Bytes("name: s\ntitle: t\nmodles: [rnn]\ntasks: [adding]\n"), $"study {{file}} {Db}", ["s.yaml", "line 3", "modles", "models"]),
        ["study with a wrong setting"] = ("s.yaml", Bytes("name: s\ntitle: t\nmodels: [rnn]\ntasks: [adding]\nsettings:\n  rate: 1\n"), $"study {{file}} {Db}", ["s.yaml", "line 6", "rate"]),
        ["study with an unknown model"] = ("s.yaml", Bytes("name: s\ntitle: t\nmodels: [nosuch]\ntasks: [adding]\n"), $"study {{file}} {Db}", ["nosuch"]),
        ["study that is no YAML"] = ("s.yaml", Bytes("name: [s\n"), $"study {{file}} {Db}", ["s.yaml"]),
        ["study that is empty"] = ("s.yaml", [], $"study {{file}} {Db}", ["s.yaml"]),
        ["case that is empty"] = ("c.safetensors", [], "verify {file}", ["c.safetensors"]),
        ["case that is cut off"] = ("c.safetensors", [200, 0, 0, 0, 0, 0, 0, 0, (byte)'{'], "verify {file}", ["c.safetensors", "truncated"]),
        ["cells that are no library"] = ("cells.dll", Bytes("no library"), "list models --cells {file}", ["cells.dll"]),
    };

    public static TheoryData<string> BadFileNames => [.. BadFiles.Keys];

    [Theory]
    [MemberData(nameof(BadFileNames))]
    public void BadFile(string name)
    {
        var (file, bytes, line, says) = BadFiles[name];
        using var folder = new Folder();
        File.WriteAllBytes(folder[file], bytes);
        folder.Refuses(line.Replace("{file}", folder[file]), says);
        Assert.Equal(bytes, File.ReadAllBytes(folder[file]));
    }

    /// <summary>Damaged files are the matter of <see cref="DamagedDataTests"/>.</summary>
    [Fact]
    public void MissingData()
    {
        using var folder = new Folder();
        folder.Refuses($"run lstm(hidden=8) --task ptb --data {{dir}}/data {Db}", "ptb.train.txt is missing");
    }

    [Fact]
    public void StoreOfANewerVersion()
    {
        using var folder = new Folder();
        Call.Of("run", "rnn(hidden=4)", "--task", "copy(T=3)", "--steps", "1", "--db", folder["runs.db"]).Ends(ExitCode.Done);
        Directory.Delete(folder["runs.checkpoints"], recursive: true);
        using (var connection = new SqliteConnection($"Data Source={folder["runs.db"]};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = DELETE; PRAGMA user_version = 9999";
            command.ExecuteNonQuery();
        }
        var before = File.ReadAllBytes(folder["runs.db"]);
        folder.Refuses("run rnn(hidden=4) --task copy(T=3) --steps 2 --db {dir}/runs.db", "runs.db", "newer");
        Assert.Equal(before, File.ReadAllBytes(folder["runs.db"]));
    }

    [Fact]
    public void StoreThatIsReadOnly()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root may write to read-only files");
        using var folder = new Folder();
        Call.Of("run", "rnn(hidden=4)", "--task", "copy(T=3)", "--steps", "1", "--db", folder["runs.db"]).Ends(ExitCode.Done);
        File.SetAttributes(folder["runs.db"], FileAttributes.ReadOnly);
        folder.Refuses("run rnn(hidden=4) --task copy(T=3) --steps 2 --db {dir}/runs.db", "runs.db", "read-only");
    }

    [Fact]
    public void CudaWhereThereIsNone()
    {
        Assert.SkipWhen(Libtorch.Describe().CudaAvailable, "there is CUDA here");
        using var folder = new Folder();
        folder.Refuses($"run rnn --device cuda {Adding}", "cuda", "--device cpu");
    }

    [Fact]
    public void ModelThatDoesNotFitInMemory()
    {
        const int hidden = 22_000;          // 1.9e9 parameters: 29 GiB with gradient and the optimiser's two moments
        Assert.SkipWhen(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes > 28L << 30, "the model fits in this machine's memory");
        using var folder = new Folder();
        folder.Refuses($"run lstm(hidden={hidden}) {Adding}", "1,936,", "parameters", "GiB");
    }

    static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
