using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>A scan's plans and memory: what stays from run to run.</summary>
/// <param name="cell">The equations.</param>
/// <param name="element"><c>float</c> or <c>double</c>.</param>
/// <param name="reversed">Whether it runs from the last step to the first.</param>
/// <param name="options">How it is run.</param>
sealed class ScanProgram(Recurrence cell, Type element, bool reversed, CpuOptions options) : IDisposable
{
    /// <summary>Layouts that are kept: sequences come in many lengths, models in few.</summary>
    const int MostLayouts = 64;

    readonly Dictionary<PlanKey, ScanPlan> plans = [];
    readonly Dictionary<RunShape, ScanLayout> layouts = [];

    public Recurrence Cell => cell;
    public bool Reversed => reversed;
    public CpuOptions Options => options;
    public Type Element => element;
    public int Size { get; } = element == typeof(float) ? sizeof(float) : sizeof(double);
    public MemoryPool Pool { get; } = new();
    public LoopChoice Loops { get; } = new();

    /// <summary>Where each weight begins in the flat vector of all, in elements.</summary>
    public IReadOnlyDictionary<Parameter, int> Offsets { get; } = Layout(cell, out _);
    /// <summary>How many elements all weights have.</summary>
    public int Count { get; } = Layout(cell, out var count) is null ? 0 : count;

    /// <summary>The plan for a purpose, made when first asked for.</summary>
    public ScanPlan Plan(bool training, bool gates, bool inputGradient)
    {
        var key = new PlanKey(element, options.Bits ?? VectorUnit.Widths[0], training, gates, training && inputGradient, options.LowMemory);
        lock (plans) return plans.TryGetValue(key, out var plan) ? plan : plans[key] = new ScanPlan(cell, key);
    }

    /// <summary>The layout of runs of a shape, made when first asked for.</summary>
    public ScanLayout Layout(RunShape shape)
    {
        lock (layouts)
        {
            if (layouts.TryGetValue(shape, out var layout)) return layout;
            if (layouts.Count == MostLayouts) layouts.Clear();
            return layouts[shape] = new ScanLayout(shape, this);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Pool.Dispose();

    static Dictionary<Parameter, int> Layout(Recurrence cell, out int count)
    {
        var offsets = new Dictionary<Parameter, int>();
        count = 0;
        foreach (var parameter in cell.Weights)
        {
            offsets[parameter] = count;
            count += cell.CountOf(parameter);
        }
        return offsets;
    }
}

/// <summary>How the compiled CPU backend runs; what is not said is chosen from the machine.</summary>
public sealed record CpuOptions
{
    /// <summary>The register width in bits: 512, 256, 128, or 0 for one element at a time; null for the machine's widest.</summary>
    public int? Bits { get; init; }
    /// <summary>How many threads; null for as many as TorchSharp uses.</summary>
    public int? Threads { get; init; }
    /// <summary>Whether the backward pass computes functions anew rather than keeping their values.</summary>
    public bool LowMemory { get; init; }
    /// <summary>How the threads share the steps; null for what is faster, which the first runs measure where the batch is small.</summary>
    internal LoopForm? Form { get; init; }
    /// <summary>Where given, adds up how long the phases of the runs took.</summary>
    public PhaseTimes? Phases { get; init; }
}

/// <summary>How long the phases of runs took, added up in the order in which they were first met.</summary>
public sealed class PhaseTimes
{
    readonly List<(string Phase, TimeSpan Time)> times = [];

    /// <summary>The phases and their times.</summary>
    public IReadOnlyList<(string Phase, TimeSpan Time)> All => times;

    /// <summary>Forgets what was added.</summary>
    public void Clear() => times.Clear();

    internal void Add(string phase, TimeSpan time)
    {
        var at = times.FindIndex(t => t.Phase == phase);
        if (at < 0) times.Add((phase, time));
        else times[at] = (phase, times[at].Time + time);
    }
}
