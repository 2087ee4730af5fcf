using Microsoft.Data.Analysis;
using RnnBench.Results;

namespace RnnBench.Reports.Data;

/// <summary>Asks the stored queries and puts their rows together, run by run.</summary>
static class Loader
{
    public static ReportData Load(ResultStore store, RunFilter filter)
    {
        var curves = ByRun(store, Queries.Curves, filter, r => new CurvePoint(Text(r, "metric"), Text(r, "split"), Whole(r, "step"), Real(r, "epoch"), Real(r, "value")));
        var finals = ByRun(store, Queries.Final, filter, r => new FinalFigure(Text(r, "metric"), Text(r, "split"), Real(r, "value")));
        var timings = ByRun(store, Queries.Speed, filter, r => new Timing(Whole(r, "steps"), Whole(r, "tokens"), Real(r, "data"), Real(r, "forward"),
            Real(r, "backward"), Real(r, "update"), Whole(r, "peak_memory")) { StepMemory = r["step_memory"] as long? });
        var gates = ByRun(store, Queries.Gates, filter, r => new GateMoment(Whole(r, "step"), Text(r, "layer"), Text(r, "gate"), Real(r, "mean"),
            Real(r, "below"), Real(r, "above"), GateRow.Counts(Text(r, "histogram"))) { Units = GateRow.UnitShares(r["units"] as string) });
        var fixes = ByRun(store, Queries.GateFixes, filter, r => new GateFix(Text(r, "gate"), Text(r, "fixed"), Real(r, "value"), Text(r, "metric"), Real(r, "result")));
        var lags = ByRun(store, Queries.GradientLags, filter, r => (Step: Whole(r, "step"), Layer: Text(r, "layer"), Lag: Whole(r, "lag"), Mean: Real(r, "mean")));
        var solved = ByRun(store, Queries.Solved, filter, r => r["step"] as long?);

        var entries = Rows(store, Queries.Entries, filter).ToArray();
        var arms = entries.Where(r => Text(r, "part") == "final").ToLookup(r => Text(r, "run"), r => Text(r, "arm"));
        var trials = entries.Where(r => Text(r, "part") == "trial").Select(r => new Trial(Text(r, "arm"), Text(r, "task"), (int)Whole(r, "trial"), (int)Whole(r, "rung"),
            Text(r, "settings"), Real(r, "score"), Whole(r, "chosen") == 1, Text(r, "status"))).ToArray();
        var trialsOnly = entries.Select(r => Text(r, "run")).Where(run => !arms.Contains(run)).ToHashSet();
        var runs = Rows(store, Queries.Runs, filter).Select(r => new Run(Text(r, "run"), Text(r, "model"), Text(r, "task"), Whole(r, "seed"), Text(r, "recipe"),
            Text(r, "status"), r["message"] as string, Text(r, "path"), Text(r, "device"), Text(r, "dtype"), Whole(r, "threads"), Whole(r, "parameters"),
            Whole(r, "parameters_outside"), Whole(r, "steps"), Real(r, "seconds"), Text(r, "started"), r["ended"] as string, Whole(r, "machine"), Text(r, "experiment")) { Flops = Whole(r, "flops") });
        return new ReportData
        {
            Runs = [.. runs.Where(run => !trialsOnly.Contains(run.Key)).Select(run => run with
            {
                Curve = [.. curves[run.Key]],
                Finals = [.. finals[run.Key]],
                Timing = timings[run.Key].FirstOrDefault(),
                Gates = [.. gates[run.Key]],
                Fixes = [.. fixes[run.Key]],
                Arms = [.. arms[run.Key]],
                Lags = [.. lags[run.Key].GroupBy(l => (l.Step, l.Layer)).Select(g => new LagMoment(g.Key.Step, g.Key.Layer, [.. g.OrderBy(l => l.Lag).Select(l => l.Mean)]))],
                SolvedAt = solved[run.Key].FirstOrDefault(),
            })],
            Trials = trials,
            Claims = filter.Study is null && filter.StudyId is null ? []
                : [.. Rows(store, Queries.Claims, filter).Select(r => new Claim(Text(r, "id"), Text(r, "statement"), Text(r, "source"), Text(r, "rule")))],
            Figures = Rows(store, Queries.Tasks, filter).ToLookup(r => Text(r, "task"), r => new TaskFigure(Text(r, "metric"), Text(r, "unit"),
                Whole(r, "lower_is_better") == 1, Whole(r, "deciding") == 1, Real(r, "baseline"), Real(r, "solved"), Text(r, "protocol"))),
            Files = [.. Rows(store, Queries.Provenance, filter).Select(r => (Text(r, "task"), Text(r, "name"), Text(r, "sha256")))],
            Machines = [.. Rows(store, Queries.Machines, filter).Select(r => (Whole(r, "machine"), Text(r, "description")))],
            Studies = filter.Study is null && filter.StudyId is null ? []
                : [.. Rows(store, Queries.Studies, filter).Select(r => (Text(r, "name"), Text(r, "definition"), Text(r, "command")))],
        };
    }

    static IEnumerable<DataFrameRow> Rows(ResultStore store, StoredQuery query, RunFilter filter) => store.Query(query, filter).Rows;

    static ILookup<string, T> ByRun<T>(ResultStore store, StoredQuery query, RunFilter filter, Func<DataFrameRow, T> read) =>
        Rows(store, query, filter).ToLookup(r => Text(r, "run"), read);

    static string Text(DataFrameRow row, string column) => row[column] as string ?? "";
    static long Whole(DataFrameRow row, string column) => row[column] as long? ?? 0;
    static double Real(DataFrameRow row, string column) => row[column] as double? ?? double.NaN;
}
