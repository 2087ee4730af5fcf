using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>When a run does what, in optimiser steps.</summary>
sealed class Cadence
{
    readonly long evaluateEvery, recordEvery;
    readonly HashSet<long> probes;
    readonly int? batchesPerEpoch;

    /// <param name="training">The training settings.</param>
    /// <param name="plan">When the probes look.</param>
    /// <param name="batchesPerEpoch">Training batches in an epoch; null where there are no epochs.</param>
    /// <exception cref="UserError">Epochs or a decay by epochs are asked for where there are none.</exception>
    public Cadence(Settings training, ProbePlan plan, int? batchesPerEpoch)
    {
        if (batchesPerEpoch is null && training.Integer("epochs") > 0)
            throw new UserError($"epochs={training.Integer("epochs")}: this task draws fresh batches and has no epochs; give steps=N.");
        if (batchesPerEpoch is null && training.Real("decay") != 1 && training.Integer("decay_every") == 0 && training.Integer("plateau") == 0)
            throw new UserError("decay: this task draws fresh batches and has no epochs to decay after; leave decay at 1, or give decay_every=N in steps, or plateau=N in evaluations.");
        this.batchesPerEpoch = batchesPerEpoch;
        Steps = training.Integer("steps") is > 0 and var steps ? steps : (long)training.Integer("epochs") * batchesPerEpoch!.Value;
        evaluateEvery = training.Integer("evaluate_every") is > 0 and var e ? e : batchesPerEpoch ?? Math.Max(1, Steps / 10);
        recordEvery = training.Integer("record_every") is > 0 and var r ? r : Math.Max(1, Steps / 200);
        probes = [.. plan.Moments.Select(share => (long)Math.Round(share * Steps))];
    }

    /// <summary>The steps of the whole run.</summary>
    public long Steps { get; }

    /// <summary>Epochs done after a step, or null where there are none.</summary>
    public double? Epoch(long step) => batchesPerEpoch is { } length ? (double)step / length : null;

    /// <summary>Whole epochs done before a step is made.</summary>
    public long WholeEpochs(long step) => batchesPerEpoch is { } length ? step / length : 0;

    /// <summary>Whether the validation data is evaluated after a step.</summary>
    public bool Evaluates(long step) => step % evaluateEvery == 0 || step == Steps;

    /// <summary>Whether loss and timings are recorded after a step.</summary>
    public bool Records(long step) => step % recordEvery == 0 || step == Steps;

    /// <summary>Whether the probes look after a step.</summary>
    public bool Probes(long step) => probes.Contains(step);
}
