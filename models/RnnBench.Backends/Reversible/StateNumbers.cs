using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Reversible;

/// <summary>The numbers that a part of a state is kept in, and how a change of it, itself times a factor plus something, is made and undone.</summary>
abstract class StateNumbers : IDisposable
{
    /// <summary>The numbers of a way to undo steps.</summary>
    /// <param name="reversal">The way; not <see cref="Reversal.None"/>.</param>
    /// <param name="shape">Of the part, [B,W].</param>
    /// <param name="device">Where.</param>
    public static StateNumbers Of(Reversal reversal, long[] shape, Device device) => reversal switch
    {
        Reversal.FixedPoint => new Whole(new FixedPoint(shape, device)),
        Reversal.FloatingPoint => new Floating(),
        _ => throw new ArgumentOutOfRangeException(nameof(reversal), reversal, "steps that are kept are not undone"),
    };

    /// <summary>The bits that products have forgotten, where they are kept.</summary>
    public virtual FixedPoint? Forgotten => null;
    /// <summary>The numbers that stand for real ones.</summary>
    public abstract Tensor From(Tensor real);
    /// <summary>The real numbers.</summary>
    public abstract Tensor ToReal(Tensor kept, ScalarType dtype);
    /// <summary>A change in these numbers: what it multiplies with and what it adds.</summary>
    /// <param name="factor">From 0 to 1.</param>
    /// <param name="added">What is added.</param>
    /// <param name="real">Which sequences go on, [B,1]; those that have ended are multiplied by 1; null where all go on.</param>
    public (Tensor Factor, Tensor Added) Change(Tensor factor, Tensor added, Tensor? real)
    {
        var (times, plus) = (Factor(factor), From(added));
        return real is null ? (times, plus) : (where(real, times, Factor(ones_like(factor))), plus.mul(real));
    }
    /// <summary>Makes a change.</summary>
    public abstract Tensor Make(Tensor before, Tensor factor, Tensor added);
    /// <summary>Undoes the last change that has not been undone.</summary>
    public abstract Tensor Undo(Tensor after, Tensor factor, Tensor added);
    /// <inheritdoc/>
    public virtual void Dispose() { }
    /// <summary>A factor in these numbers.</summary>
    protected abstract Tensor Factor(Tensor factor);

    /// <summary>Fixed point; undone to the last bit.</summary>
    sealed class Whole(FixedPoint arithmetic) : StateNumbers
    {
        public override FixedPoint? Forgotten => arithmetic;
        public override Tensor From(Tensor real) => FixedPoint.Of(real);
        public override Tensor ToReal(Tensor kept, ScalarType dtype) => FixedPoint.ToReal(kept, dtype);
        public override Tensor Make(Tensor before, Tensor factor, Tensor added) => arithmetic.Multiply(before, factor).add_(added);
        public override Tensor Undo(Tensor after, Tensor factor, Tensor added) => arithmetic.Divide(after.sub(added), factor);
        public override void Dispose() => arithmetic.Dispose();
        protected override Tensor Factor(Tensor factor) => FixedPoint.Factor(factor);
    }

    /// <summary>Floating point; undone but for the rounding of the way there, which every division by a factor makes larger by one over it.</summary>
    sealed class Floating : StateNumbers
    {
        public override Tensor From(Tensor real) => real.alias();
        public override Tensor ToReal(Tensor kept, ScalarType dtype) => kept.alias();
        public override Tensor Make(Tensor before, Tensor factor, Tensor added) => before.mul(factor).add_(added);
        public override Tensor Undo(Tensor after, Tensor factor, Tensor added) => after.sub(added).div_(factor);
        protected override Tensor Factor(Tensor factor) => factor;
    }
}
