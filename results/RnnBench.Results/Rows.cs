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
public sealed record TimingRow(long Step, long Steps, long Tokens, double Data, double Forward, double Backward, double Update, long Memory);

/// <summary>A row of <c>gates</c>; 50 counts over [0, 1].</summary>
public sealed record GateRow(long Step, string Layer, string Gate, double Mean, double Deviation, double Below, double Above, IReadOnlyList<long> Histogram)
{
    /// <summary>The counts of a stored histogram.</summary>
    /// <param name="json">The column <c>histogram</c>: a JSON array.</param>
    public static long[] Counts(string json) => JsonSerializer.Deserialize<long[]>(json)!;
}

/// <summary>A row of <c>gradient_lags</c>.</summary>
public sealed record GradientLagRow(long Step, string Layer, int Lag, double Mean, double Median, double Low, double High);

/// <summary>A row of <c>gradient_norms</c>.</summary>
public sealed record GradientNormRow(long Step, double Mean, double Max, double Clipped);

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
}
