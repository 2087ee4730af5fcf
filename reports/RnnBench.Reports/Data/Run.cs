namespace RnnBench.Reports.Data;

/// <summary>A run with everything that was recorded of it. Columns are those of the queries; a null figure is NaN.</summary>
sealed record Run(string Key, string Model, string Task, long Seed, string Recipe, string Status, string? Message, string Path, string Device, string DType,
    long Threads, long Parameters, long ParametersOutside, long Steps, double Seconds, string Started, string? Ended, long Machine, string Experiment)
{
    /// <summary>Every recorded figure, by metric, split and step.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];
    /// <summary>The last figures on valid and test.</summary>
    public IReadOnlyList<FinalFigure> Finals { get; init; } = [];
    /// <summary>FLOPs of the recurrent part, a step and batch member, forward; 0 where nobody has counted them.</summary>
    public long Flops { get; init; }
    /// <summary>Where the time went, if it was measured.</summary>
    public Timing? Timing { get; init; }
    /// <summary>Gate statistics, by step, layer and gate.</summary>
    public IReadOnlyList<GateMoment> Gates { get; init; } = [];
    /// <summary>Gradient norms by lag, one list for each step and layer.</summary>
    public IReadOnlyList<LagMoment> Lags { get; init; } = [];
    /// <summary>Trained network with a gate fixed, on test.</summary>
    public IReadOnlyList<GateFix> Fixes { get; init; } = [];
    /// <summary>The names that studies give its model; empty for a run outside of any study.</summary>
    public IReadOnlyList<string> Arms { get; init; } = [];
    /// <summary>First step at which valid reached the solved level; null where it has not.</summary>
    public long? SolvedAt { get; init; }

    /// <summary>Whether it ended as planned.</summary>
    public bool IsDone => Status == "done";

    /// <summary>The last figure of a metric on a split; NaN where there is none.</summary>
    public double Final(string metric, string split) => Finals.FirstOrDefault(f => f.Metric == metric && f.Split == split)?.Value ?? double.NaN;
}

/// <summary>A figure at a step; the epoch is NaN for tasks without.</summary>
sealed record CurvePoint(string Metric, string Split, long Step, double Epoch, double Value);

/// <summary>A last figure.</summary>
sealed record FinalFigure(string Metric, string Split, double Value);

/// <summary>Seconds and tokens of the measured training steps; memory in bytes.</summary>
sealed record Timing(long Steps, long Tokens, double Data, double Forward, double Backward, double Update, long PeakMemory)
{
    /// <summary>Most bytes that a training step held beyond what was there before it; null where it was not measured.</summary>
    public long? StepMemory { get; init; }
    /// <summary>All of it.</summary>
    public double Seconds => Data + Forward + Backward + Update;
    /// <summary>The four parts in the order of a training step.</summary>
    public IReadOnlyList<double> Parts => [Data, Forward, Backward, Update];
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["data", "forward", "backward", "update"];
}

/// <summary>A gate at a step; the counts are those of 50 bins over [0, 1].</summary>
sealed record GateMoment(long Step, string Layer, string Gate, double Mean, double Below, double Above, IReadOnlyList<long> Counts)
{
    /// <summary>Layer and gate as one name: <c>layer0.f</c>, <c>f</c>.</summary>
    public string Name => Layer.Length == 0 ? Gate : $"{Layer}.{Gate}";
    /// <summary>For each unit the shares of its values below 0.1 and above 0.9; empty where they were not recorded.</summary>
    public IReadOnlyList<(double Below, double Above)> Units { get; init; } = [];
}

/// <summary>A figure of the trained network with a gate fixed in all layers; <paramref name="Fixed"/> is 0, 1 or mean.</summary>
sealed record GateFix(string Gate, string Fixed, double Value, string Metric, double Result);

/// <summary>A trial of a search: the figure on valid that it reached, and whether its draw was taken.</summary>
sealed record Trial(string Arm, string Task, int Number, int Rung, string Settings, double Score, bool Chosen, string Status);

/// <summary>A claim that a study tests; the rule is JSON.</summary>
sealed record Claim(string Id, string Statement, string Source, string Rule);

/// <summary>The mean norm at lag 0, 1, ... at a step.</summary>
sealed record LagMoment(long Step, string Layer, IReadOnlyList<double> Norms);

/// <summary>What a figure of a task means.</summary>
sealed record TaskFigure(string Metric, string Unit, bool LowerIsBetter, bool Deciding, double Baseline, double Solved, string Protocol)
{
    /// <summary>The name with its unit, once where they are the same word.</summary>
    public string Title => Metric.Replace('_', ' ') is var name && (name == Unit || Unit is "fraction") ? name : $"{name}, {Unit}";
    /// <summary>Whether a value is as good as the level at which the task counts as solved.</summary>
    public bool Solves(double value) => LowerIsBetter ? value <= Solved : value >= Solved;
}
