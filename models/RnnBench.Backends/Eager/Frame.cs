using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>The values of one stage while it runs, by slot.</summary>
sealed class Frame(Tensor input, Tensor[] slots)
{
    /// <summary>The value in a slot.</summary>
    public Tensor this[int slot]
    {
        get => slots[slot];
        set => slots[slot] = value;
    }

    /// <summary>The input, [T,B,I].</summary>
    public Tensor Input { get; } = input;

    /// <summary>The number of steps T.</summary>
    public long Steps { get; } = input.shape[0];

    /// <summary>The batch B.</summary>
    public long Batch { get; } = input.shape[1];

    /// <summary>What replaces a state right after it is computed, or null.</summary>
    public Func<State, Tensor, Tensor>? Tap { get; init; }

    /// <summary>A frame that starts with the values of this one.</summary>
    public Frame Continue(Func<State, Tensor, Tensor>? tap) => new(Input, [.. slots]) { Tap = tap };
}
