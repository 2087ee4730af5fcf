using System.Globalization;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Harness;

/// <summary>
/// The arm <c>lstm[f=mean]</c>: a gate fixed, from the start of training, to the mean that it had in the trained networks of <c>lstm</c> on the same task.
/// It can only be run after these.
/// </summary>
static class TrainedMean
{
    const string Asked = "=mean]";

    /// <summary>Whether a model waits for a mean.</summary>
    public static bool IsAsked(string arm) => arm.EndsWith(Asked, StringComparison.Ordinal);

    /// <summary>The model whose trained gate it is.</summary>
    public static string Base(string arm) => arm[..arm.LastIndexOf('[')];

    /// <summary>The model with a number in the place of the mean, to two decimals.</summary>
    public static string With(string arm, double mean) => string.Create(CultureInfo.InvariantCulture, $"{arm[..^Asked.Length]}={Math.Round(mean, 2)}]");

    /// <summary>The mean of the gate over layers and runs, each at its last probe; null where no run has recorded it.</summary>
    /// <param name="store">Where the runs are.</param>
    /// <param name="arm">The model that waits.</param>
    /// <param name="runs">Keys of the runs of its base.</param>
    public static double? Of(ResultStore store, string arm, IReadOnlyCollection<string> runs)
    {
        var gate = arm[(arm.LastIndexOf('[') + 1)..^Asked.Length];
        var rows = store.Query(Queries.Gates, new RunFilter { Keys = runs, Status = [RunStatus.Done] }).Rows
            .Where(row => (string)row["gate"] == gate && row["mean"] is double).GroupBy(row => (string)row["run"])
            .SelectMany(run => run.Where(row => (long)row["step"] == run.Max(r => (long)r["step"])).Select(row => (double)row["mean"])).ToArray();
        return rows.Length == 0 ? null : rows.Average();
    }
}
