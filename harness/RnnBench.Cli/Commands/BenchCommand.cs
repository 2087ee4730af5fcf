using System.CommandLine;
using System.Globalization;
using RnnBench.Backends.Measuring;
using RnnBench.Backends.Native;
using RnnBench.Cli.Doctor;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Cli.Commands;

/// <summary><c>bench</c>: how fast the backends are on this machine, against each other and against what the machine can do.</summary>
sealed class BenchCommand : CliCommand
{
    static readonly string[] allParts = ["shapes", "recurrences", "small"];
    static readonly string[] smallShapes = ["100x1x128", "100x4x128", "100x1x512", "100x4x512"];

    readonly Argument<string> what = new("WHAT")
    {
        Description = "cells: forward and backward over a sequence. trees: over a forest, by level against node by node. output: linear layer, softmax and cross-entropy. "
            + "lm: a language model's training step. data: preparing a text of 540 MB.",
    };
    readonly Option<string> cells = new("--models") { HelpName = "ID,...", Description = "The cells; all that take no settings unless given.", DefaultValueFactory = _ => "all" };
    readonly Option<string> shapes = new("--shapes") { HelpName = "TxBxH,...", Description = "Steps, batch, hidden size; for trees 1x19x150,25x19x150 unless given: trees, words of each, hidden size.", DefaultValueFactory = _ => "35x20x200,100x32x128,35x64x650" };
    readonly Option<string> parts = new("--parts") { HelpName = string.Join(',', allParts), Description = "What to measure.", DefaultValueFactory = _ => string.Join(',', allParts) };
    readonly Option<int> threads = new("--threads") { HelpName = "N", Description = "CPU threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
    readonly Option<string> dtype = CommonOptions.DType("float32");
    readonly Option<double> seconds = new("--seconds") { HelpName = "S", Description = "For each row.", DefaultValueFactory = _ => 2 };
    readonly Option<DirectoryInfo?> keep = new("--keep") { HelpName = "DIR", Description = "data: leave the text there, to be trained on with --data DIR." };
    readonly Option<bool> phases = new("--phases") { Description = "For cells: print where the compiled kernels' time goes, too." };
    readonly Option<bool> json = CommonOptions.Json();
    readonly Option<bool> csv = new("--csv") { Description = "Print comma-separated values." };

    public BenchCommand() : base("bench", "Measure eager, library and compiled cells against each other and the machine's peak.")
    {
        what.AcceptOnlyFromAmong(["cells", "trees", .. OtherBenches.Table.Keys]);
        Add(what);
        foreach (var option in new Option[] { cells, shapes, parts, threads, dtype, seconds, phases, keep, json, csv }) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "rnnbench bench cells                                               # everything; some minutes",
        "rnnbench bench cells --models lstm,gru --shapes 100x32x128         # two cells, one shape",
        "rnnbench bench cells --parts small --threads 1 --csv               # small batches, for a spreadsheet",
        "rnnbench bench data --keep ~/made-up                               # preparing 103 million tokens; the text stays",
        "rnnbench bench trees                                               # what batching a forest by levels gains",
    ];

    protected override int Run(ParseResult parsed, Session session)
    {
        if (!OtherBenches.Table.TryGetValue(parsed.GetValue(what)!, out var other)) return Cells(parsed, session);
        other(new OtherBenches(session, parsed.GetValue(dtype) == "float64" ? ScalarType.Float64 : ScalarType.Float32, parsed.GetValue(threads), parsed.GetValue(seconds), parsed.GetValue(json), parsed.GetValue(keep)?.FullName));
        return ExitCode.Done;
    }

    int Cells(ParseResult parsed, Session session)
    {
        Libtorch.Load();
        if (parsed.GetValue(what) == "trees") return Trees(parsed, session);
        var chosen = parsed.GetValue(parts)!.Split(',');
        if (chosen.Except(allParts).FirstOrDefault() is { } unknown) throw new UserError($"--parts {unknown}: there are {string.Join(", ", allParts)}.");
        var (number, type, budget) = (parsed.GetValue(threads), parsed.GetValue(dtype) == "float64" ? ScalarType.Float64 : ScalarType.Float32, parsed.GetValue(seconds));
        if (number < 1 || !(budget > 0)) throw new UserError("--threads and --seconds must be above 0.");
        var ids = parsed.GetValue(cells)!;
        var plain = session.Models.Where(m => m.Settings.All(s => s.Default is not null || s.Name == "hidden")).Select(m => m.Id);
        var wanted = ids == "all" ? [.. plain.Where(id => Build(session, id, 8) is Stack)] : ids.Split(',');
        var bench = new CellBench(type, number, budget);
        var standard = parsed.GetValue(shapes)!.Split(',').Select(BenchShape.Parse).ToArray();

        IEnumerable<(string Part, Stack Model, BenchShape Shape)> work =
        [
            .. chosen.Contains("shapes") ? standard.SelectMany(s => wanted.Select(id => ("shapes", Cell(session, id, s.Hidden), s))) : [],
            .. chosen.Contains("recurrences") ? standard.SelectMany(s => Recurrences.Of(s.Hidden).Select(m => ("recurrences", m, s))) : [],
            .. chosen.Contains("small") ? smallShapes.Select(BenchShape.Parse).Select(s => ("small", Cell(session, "lstm", s.Hidden), s)) : [],
        ];
        work = [.. work.Where(w => Fits(bench, w.Model, w.Shape, session))];
        var report = new BenchReport(Peak.Fma(type, 1), Peak.Fma(type, number), number, parsed.GetValue(dtype)!, Machine.Cpu, Machine.VectorBits,
            [.. work.Select(w => Row(bench, w.Part, w.Model, w.Shape, type, number, session))]);
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, report);
        else if (parsed.GetValue(csv)) report.WriteCsv(session.Output);
        else report.Write(session.Output);
        if (parsed.GetValue(phases) && !parsed.GetValue(json)) report.WritePhases(session.Output);
        return ExitCode.Done;
    }

    static bool Fits(CellBench bench, Stack model, BenchShape shape, Session session)
    {
        if (bench.WhyNot(model, shape) is not { } why) return true;
        session.Error.WriteLine($"{model.Text} {shape} is left out: {why}.");
        return false;
    }

    /// <summary>The tree models, levels against single nodes; unless told otherwise of the paper's size, on one and on 25 sentences of 19 words.</summary>
    int Trees(ParseResult parsed, Session session)
    {
        var (type, budget) = (parsed.GetValue(dtype) == "float64" ? ScalarType.Float64 : ScalarType.Float32, parsed.GetValue(seconds));
        set_num_threads(parsed.GetValue(threads) is > 0 and var number && budget > 0 ? number : throw new UserError("--threads and --seconds must be above 0."));
        var forests = parsed.GetResult(shapes) is { Implicit: false } ? parsed.GetValue(shapes)! : "1x19x150,25x19x150";
        var rows = from id in session.Models.Where(m => m.Settings.Any(s => s.Name == "batching")).Select(m => m.Id)
                   from shape in forests.Split(',').Select(BenchShape.Parse)
                   let found = TreeBench.Measure([.. new[] { "levels", "nodes" }.Select(batching => Model.Build(session.Models, Notation.Parse(FormattableString.Invariant($"{id}(hidden={shape.Hidden},batching={batching})")), 300))],
                       new ForestShape(shape.Steps, shape.Batch), type, budget)
                   select new { model = FormattableString.Invariant($"{id}(hidden={shape.Hidden})"), trees = shape.Steps, words = shape.Batch, levels_ms = found[0].Median, nodes_ms = found[1].Median, ratio = found[1].Median / found[0].Median };
        if (parsed.GetValue(json)) JsonOut.Write(session.Output, rows);
        else Columns.Write(session.Output, ["model", "trees", "words each", "by level ms", "node by node ms", "ratio"], rows.Select(r => new[]
        {
            r.model, r.trees.ToString(CultureInfo.InvariantCulture), r.words.ToString(CultureInfo.InvariantCulture),
            r.levels_ms.ToString("F2", CultureInfo.InvariantCulture), r.nodes_ms.ToString("F2", CultureInfo.InvariantCulture), r.ratio.ToString("F1", CultureInfo.InvariantCulture),
        }));
        return ExitCode.Done;
    }

    static BenchRow Row(CellBench bench, string part, Stack model, BenchShape shape, ScalarType type, int threads, Session session)
    {
        session.Stop.ThrowIfCancellationRequested();
        if (session.Interactive) session.Error.WriteLine($"{model.Text} {shape}");
        var products = Cost.Of(model.Scans[0].Cell);
        var widest = model.Scans[0].Cell.Shapes.Values.Where(s => s.Length == 2).Sum(s => s[0].Size);
        return new BenchRow(part, bench.Measure(model, shape, forms: part == "small"),
            products.HoistedFlops + products.SequentialFlops == 0 ? null : Peak.Product(type, threads, shape.Steps * shape.Batch, shape.Hidden, widest / 2));
    }

    static Stack Cell(Session session, string id, int hidden) =>
        Build(session, id, hidden) as Stack ?? throw new UserError($"{id} is no recurrent cell; list some that are with: rnnbench list models.");

    static Model Build(Session session, string id, int hidden)
    {
        var notation = Notation.Parse(id);
        return Model.Build(session.Models, notation with { Settings = [.. notation.Settings, KeyValuePair.Create("hidden", hidden.ToString(CultureInfo.InvariantCulture))] }, hidden);
    }
}
