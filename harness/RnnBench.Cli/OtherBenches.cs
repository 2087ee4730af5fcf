using System.Globalization;
using RnnBench.Backends.Measuring;
using RnnBench.Backends.Native;
using RnnBench.Language;
using RnnBench.Tasks.Data;
using static TorchSharp.torch;

namespace RnnBench.Cli;

/// <summary>What <c>bench</c> measures beside cells: the output layer, a language-model step, the preparation of a large text.</summary>
/// <param name="Session">Where it is printed.</param>
/// <param name="DType">The type of numbers.</param>
/// <param name="Threads">CPU threads.</param>
/// <param name="Seconds">For each row.</param>
/// <param name="Json">Whether JSON is wanted.</param>
/// <param name="Keep">A folder of data sets that the made-up text is left in, or null.</param>
sealed record OtherBenches(Session Session, ScalarType DType, int Threads, double Seconds, bool Json, string? Keep)
{
    /// <summary>By the word on the command line.</summary>
    public static IReadOnlyDictionary<string, Action<OtherBenches>> Table { get; } = new Dictionary<string, Action<OtherBenches>>
    {
        ["output"] = bench => bench.Pairs(b => [b.Output(700, 200, 10_000), b.Output(400, 200, 10_000), b.Output(700, 650, 10_000)]),
        ["lm"]     = bench => bench.Pairs(b => [b.Step(bench.Lstm(200), 20, 20, 10_000)]),
        ["data"]   = bench => bench.Data(),
    };

    /// <summary>The LSTM of the recipe zaremba-small.</summary>
    Stack Lstm(int hidden) => (Stack)Model.Build(Session.Models, Notation.Parse(string.Create(CultureInfo.InvariantCulture, $"lstm(hidden={hidden},layers=2)")), hidden);

    void Pairs(Func<OutputBench, IReadOnlyList<PairTiming>> measure)
    {
        Libtorch.Load();
        var rows = measure(new OutputBench(DType, Threads, Seconds));
        var peak = Peak.Fma(DType, Threads);
        if (Json) JsonOut.Write(Session.Output, new { peak_gflops = peak, threads = Threads, rows });
        else
        {
            Session.Output.WriteLine(FormattableString.Invariant($"forward and backward, {DType}, {Threads} threads, FMA peak {peak:F0} GFLOP/s; medians, ± half the distance between the quartiles\n"));
            Columns.Write(Session.Output, ["what", "library ms", "±%", "fused ms", "±%", "ratio", "ratio at peak", "fused GFLOP/s", "% of peak", "library extra MB", "fused extra MB"], rows.Select(r => new[]
            {
                r.What, Number(r.Plain.Median), Number(100 * r.Plain.Spread), Number(r.Fused.Median), Number(100 * r.Fused.Spread), Number(r.Ratio),
                Counted(r, r.Plain.Median / (r.Flops / peak / 1e6)), Counted(r, r.Flops / r.Fused.Median / 1e6), Counted(r, 100 * r.Flops / r.Fused.Median / 1e6 / peak),
                Number(r.PlainBytes / 1e6), Number(r.FusedBytes / 1e6),
            }));
        }
    }

    /// <summary>A figure of the products; nothing where they are not counted.</summary>
    static string Counted(PairTiming row, double value) => row.Flops == 0 ? "" : Number(value);

    void Data()
    {
        var scratch = Directory.CreateTempSubdirectory("rnnbench-bench-");
        try
        {
            var found = PreparationBench.Run(DataFolder.Resolve(null), scratch.FullName, Keep, Session.Error.WriteLine);
            if (Json) JsonOut.Write(Session.Output, found);
            else Session.Output.WriteLine(FormattableString.Invariant($"{found.Megabytes:F0} MB, {found.Tokens:N0} tokens, {found.Types:N0} types: prepared in {found.Seconds:F1} s ({found.Rate:F0} MB/s), opened again in {found.ReopenMilliseconds:F1} ms;\n")
                + FormattableString.Invariant($"an epoch of batches read in {found.EpochSeconds:F1} s, at most {found.ResidentMegabytes:F0} MB resident"));
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    static string Number(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "";
}
