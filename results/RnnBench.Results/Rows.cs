using System.Text.Json;

namespace RnnBench.Results;

/// <summary>How a run stands.</summary>
public enum RunStatus
{
    /// <summary>At work, or killed before it could say anything else.</summary>
    Running,
    /// <summary>Ended as planned.</summary>
    Done,
    /// <summary>Ended by a loss that was not finite.</summary>
    Diverged,
    /// <summary>Ended by an error.</summary>
    Failed,
    /// <summary>Stopped by the user; can be resumed.</summary>
    Interrupted,
}

/// <summary>A row of <c>runs</c>; the columns are described in Schema.sql.</summary>
public sealed record RunRow(string Key, string Experiment, string Model, string Task, string Recipe, long Seed, RunStatus Status, string? Message,
    string Path, string Device, string DType, int Threads, long Parameters, long ParametersOutside, long Flops, long Steps, string Machine,
    string Started, string? Ended);

/// <summary>A row of <c>tasks</c>.</summary>
public sealed record TaskRow(string Task, string Metric, string Unit, bool LowerIsBetter, bool Deciding, double? Baseline, double? Solved, string Protocol);

/// <summary>A row of <c>metrics</c>; <paramref name="Split"/> is train, valid or test.</summary>
public sealed record MetricRow(long Step, double? Epoch, string Split, string Metric, double Value);

/// <summary>A row of <c>timings</c>; seconds and bytes.</summary>
public sealed record TimingRow(long Step, long Steps, long Tokens, double Data, double Forward, double Backward, double Update, long Memory)
{
    /// <summary>Most bytes that one training step held beyond what was there before it; null where it was not measured.</summary>
    public long? StepMemory { get; init; }
}

/// <summary>A row of <c>gates</c>; 50 counts over [0, 1].</summary>
public sealed record GateRow(long Step, string Layer, string Gate, double Mean, double Deviation, double Below, double Above, IReadOnlyList<long> Histogram)
{
    /// <summary>For each unit the share of its values below 0.1; empty where it was not recorded.</summary>
    public IReadOnlyList<double> UnitsBelow { get; init; } = [];
    /// <summary>For each unit the share of its values above 0.9.</summary>
    public IReadOnlyList<double> UnitsAbove { get; init; } = [];

    /// <summary>The column <c>units</c>: both lists as JSON, or null.</summary>
    internal string? Units => UnitsBelow.Count == 0 ? null : JsonSerializer.Serialize(new[] { UnitsBelow, UnitsAbove });

    /// <summary>The shares of a stored column <c>units</c>.</summary>
    /// <param name="json">The column; null where nothing was recorded.</param>
    /// <returns>For each unit the shares below 0.1 and above 0.9.</returns>
    public static IReadOnlyList<(double Below, double Above)> UnitShares(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<double[][]>(json) is [var below, var above] ? [.. below.Zip(above)] : [];

    /// <summary>The counts of a stored histogram.</summary>
    /// <param name="json">The column <c>histogram</c>: a JSON array.</param>
    public static long[] Counts(string json) => JsonSerializer.Deserialize<long[]>(json)!;
}

/// <summary>A row of <c>gradient_lags</c>.</summary>
public sealed record GradientLagRow(long Step, string Layer, int Lag, double Mean, double Median, double Low, double High);

/// <summary>A row of <c>gradient_norms</c>.</summary>
public sealed record GradientNormRow(long Step, double Mean, double Max, double Clipped);

/// <summary>A row of <c>gate_fixes</c>; <paramref name="Fixed"/> is none, 0, 1 or mean, and <paramref name="Value"/> the number that this was.</summary>
public sealed record GateFixRow(long Step, string Gate, string Fixed, double? Value, string Metric, double Result);

/// <summary>A row of <c>choices</c>: a way to run a scan at a batch size, the shortest time of one step of the recurrence in seconds, and whether it was taken.</summary>
public sealed record ChoiceRow(long Step, string Scan, int Batch, string Way, double Seconds, bool Chosen);

/// <summary>A row of <c>study_entries</c>: what a run is for in a study.</summary>
/// <param name="Arm">The model as the study writes it.</param>
/// <param name="Run">The run's key.</param>
/// <param name="Trial">Which draw of the search, from 1; null without a search.</param>
/// <param name="Rung">Which round of halving, from 0; null for a final run.</param>
/// <param name="Settings">What was drawn, JSON.</param>
/// <param name="Score">The deciding figure on valid, for trials.</param>
/// <param name="Chosen">Whether a trial's draw was taken.</param>
public sealed record StudyEntryRow(string Arm, string Run, int? Trial, int? Rung, string Settings, double? Score, bool Chosen);

/// <summary>A row of <c>claims</c>; the rule is a JSON list of tests.</summary>
public sealed record ClaimRow(string Id, string Statement, string Source, string Rule);

/// <summary>Everything that was recorded between two checkpoints; written in one transaction.</summary>
public sealed record Recording
{
    /// <summary>Losses and other figures.</summary>
    public List<MetricRow> Metrics { get; } = [];
    /// <summary>Where the time went.</summary>
    public List<TimingRow> Timings { get; } = [];
    /// <summary>Gate statistics.</summary>
    public List<GateRow> Gates { get; } = [];
    /// <summary>Gradient against lag.</summary>
    public List<GradientLagRow> GradientLags { get; } = [];
    /// <summary>Gradient norms.</summary>
    public List<GradientNormRow> GradientNorms { get; } = [];
    /// <summary>Trained networks with a gate fixed.</summary>
    public List<GateFixRow> GateFixes { get; } = [];
    /// <summary>What the backend chose by measuring.</summary>
    public List<ChoiceRow> Choices { get; } = [];
}
