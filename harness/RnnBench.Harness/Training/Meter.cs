using System.Text.Json;
using RnnBench.Results;
using TorchSharp;

namespace RnnBench.Harness;

/// <summary>Where the time of a training step goes.</summary>
enum Phase
{
    /// <summary>Making or reading the batch.</summary>
    Data,
    /// <summary>From the batch to the loss.</summary>
    Forward,
    /// <summary>The gradient.</summary>
    Backward,
    /// <summary>Clipping and the optimiser.</summary>
    Update,
}

/// <summary>Sums over the training steps since the last recorded row. They are part of a checkpoint, so that a resumed run records the same rows.</summary>
sealed record Meter
{
    /// <summary>Steps summed over.</summary>
    public long Steps { get; set; }
    /// <summary>Input steps times batch members.</summary>
    public long Tokens { get; set; }
    /// <summary>Targets.</summary>
    public long Targets { get; set; }
    /// <summary>The sum of their losses.</summary>
    public double Loss { get; set; }
    /// <summary>The sum of the gradient norms before clipping.</summary>
    public double Norm { get; set; }
    /// <summary>The largest of them.</summary>
    public double LargestNorm { get; set; }
    /// <summary>Steps that were clipped.</summary>
    public long Clipped { get; set; }
    /// <summary>Most bytes that the step which was measured held; null for none.</summary>
    public long? StepMemory { get; set; }
    /// <summary>Seconds by <see cref="Phase"/>.</summary>
    public double[] Seconds { get; set; } = new double[Enum.GetValues<Phase>().Length];

    /// <summary>Adds a step.</summary>
    public void Count(long tokens, long targets, double loss, double norm)
    {
        Steps++;
        (Tokens, Targets, Loss, Norm) = (Tokens + tokens, Targets + targets, Loss + loss, Norm + norm);
        LargestNorm = Math.Max(LargestNorm, norm);
    }

    /// <summary>Writes the rows and starts anew.</summary>
    public void Flush(long step, double? epoch, Recording into)
    {
        if (Steps == 0) return;
        if (Targets > 0) into.Metrics.Add(new MetricRow(step, epoch, "train", "loss", Loss / Targets));
        into.Timings.Add(new TimingRow(step, Steps, Tokens, Seconds[(int)Phase.Data], Seconds[(int)Phase.Forward], Seconds[(int)Phase.Backward],
            Seconds[(int)Phase.Update], Environment.WorkingSet) { StepMemory = StepMemory });
        into.GradientNorms.Add(new GradientNormRow(step, Norm / Steps, LargestNorm, (double)Clipped / Steps));
        (Steps, Tokens, Targets, Loss, Norm, LargestNorm, Clipped, StepMemory, Seconds) = (0, 0, 0, 0, 0, 0, 0, null, new double[Seconds.Length]);
    }

    /// <summary>For a checkpoint; numbers keep all their bits.</summary>
    public string Write() => JsonSerializer.Serialize(this);

    /// <summary>What <see cref="Write"/> wrote.</summary>
    public static Meter Read(string json) => JsonSerializer.Deserialize<Meter>(json) ?? new();
}

/// <summary>Splits the time of a step into phases. On CUDA each phase waits until the device has done it.</summary>
sealed class PhaseClock(TimeProvider clock, bool cuda)
{
    long last = clock.GetTimestamp();

    /// <summary>Begins a step.</summary>
    public void Start() => last = clock.GetTimestamp();

    /// <summary>Ends a phase; gives its seconds.</summary>
    public double Lap()
    {
        if (cuda) torch.cuda.synchronize();
        var now = clock.GetTimestamp();
        var seconds = clock.GetElapsedTime(last, now).TotalSeconds;
        last = now;
        return seconds;
    }
}
