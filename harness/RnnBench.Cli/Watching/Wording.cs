using System.Globalization;
using RnnBench.Harness;
using RnnBench.Results;

namespace RnnBench.Cli.Watching;

/// <summary>What is said of runs at work, in the same words on a terminal and in a log.</summary>
static class Wording
{
    public static string Title(Experiment experiment) => $"{experiment.Model} on {experiment.Task}, seed {Text(experiment.Seed)}";

    public static string Number(Place place) => place.Count == 1 ? "" : $"[{Text(place.Index)}/{Text(place.Count)}] ";

    public static string Figure(double value) => value.ToString(Math.Abs(value) is >= 0.001 and < 100_000 or 0 ? "0.####" : "0.###e+0", CultureInfo.InvariantCulture);

    public static string Speed(double tokens) => double.IsFinite(tokens) ? $"{tokens.ToString("N0", CultureInfo.InvariantCulture)} tokens/s" : "";

    public static string Left(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time:mm\\:ss} left") : string.Create(CultureInfo.InvariantCulture, $"{time:m\\:ss} left");

    public static string Figures(IEnumerable<KeyValuePair<string, double>> figures) => string.Join(", ", figures.Select(f => $"{f.Key} {Figure(f.Value)}"));

    public static string Step(ProgressEvent.Stepped e) =>
        $"step {Text(e.Step)} of {Text(e.Steps)}{(e.Epoch is { } epoch ? $", epoch {epoch.ToString("0.00", CultureInfo.InvariantCulture)}" : "")}";

    public static string Ending(RunResult result) => result.Status switch
    {
        _ when result.Repeated => $"{Word(result.Status)} before, kept",
        RunStatus.Done => $"done, test {Figures(OnTest(result).Take(1))}",
        var status => $"{Word(status)} at step {Text(result.Steps)}{(result.Message is { } message ? $": {message.Split('\n')[0]}" : "")}",
    };

    /// <summary>The figures that were made on test, without saying so.</summary>
    public static IEnumerable<KeyValuePair<string, double>> OnTest(RunResult result) => result.Figures
        .Where(f => f.Key.StartsWith("test.", StringComparison.Ordinal)).Select(f => KeyValuePair.Create(f.Key["test.".Length..], f.Value));

    static string Word(RunStatus status) => status.ToString().ToLowerInvariant();

    static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
