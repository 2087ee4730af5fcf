using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>The steps that the sequences of a batch really have, as tensors. A sequence's steps are the first of its column, in either direction.</summary>
static class Lengths
{
    /// <summary>Which steps are real, [T,B,1]; of the caller's.</summary>
    public static Tensor Real(IReadOnlyList<int> lengths, long steps, Device device)
    {
        using var scope = NewDisposeScope();
        return arange(steps, device: device).view(-1, 1, 1).less(Column(lengths, device)).MoveToOuterDisposeScope();
    }

    /// <summary>A sequence [T,B,...] whose steps that are not real are zero, whatever was in them.</summary>
    public static Tensor Masked(Tensor sequence, IReadOnlyList<int>? lengths)
    {
        if (lengths is null) return sequence;
        using var real = Real(lengths, sequence.shape[0], sequence.device);
        using var others = real.logical_not().view([.. real.shape[..2], .. Enumerable.Repeat(1L, (int)sequence.dim() - 2)]);
        return sequence.masked_fill(others, 0);
    }

    /// <summary>A sequence [T,B,W] with the real steps of each member in the opposite order, the others where they are.</summary>
    public static Tensor Turned(Tensor sequence, IReadOnlyList<int>? lengths)
    {
        if (lengths is null) return sequence.flip(0);
        using var scope = NewDisposeScope();
        var (step, length) = (arange(sequence.shape[0], device: sequence.device).view(-1, 1, 1), Column(lengths, sequence.device));
        var from = where(step.less(length), length - 1 - step, step).expand(sequence.shape);
        return sequence.gather(0, from).MoveToOuterDisposeScope();
    }

    static Tensor Column(IReadOnlyList<int> lengths, Device device) => tensor([.. lengths.Select(n => (long)n)], [1, lengths.Count, 1], device: device);
}
