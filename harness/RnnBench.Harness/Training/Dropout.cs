using System.Globalization;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// Inverted dropout on non-recurrent connections (Zaremba et al. 2014, section 3.1): elements are zeroed with probability p, the others
/// divided by 1 - p. A mask depends on the root seed, the training step and its place alone, so that a resumed run draws the same ones,
/// whatever the device.
/// </summary>
/// <param name="seeds">The stream <c>dropout</c> is drawn from.</param>
/// <param name="share">p.</param>
sealed class Dropout(Seeds seeds, double share)
{
    /// <summary>The masks of one training step; places count up in the order of use: input, between layers, output.</summary>
    /// <param name="step">The number of the step.</param>
    public Func<Tensor, Tensor>? At(long step)
    {
        if (share == 0) return null;
        var place = 0;
        return x => x * Mask(x, string.Create(CultureInfo.InvariantCulture, $"dropout/{step}/{place++}"));
    }

    Tensor Mask(Tensor like, string stream)
    {
        var random = (Xoshiro)seeds.Stream(stream);
        var (threshold, kept) = ((uint)Math.Round(share * uint.MaxValue), (float)(1 / (1 - share)));
        var mask = new float[like.numel()];
        for (var i = 0; i < mask.Length; i += 2)
        {
            var bits = random.Bits();
            mask[i] = (uint)bits < threshold ? 0 : kept;
            if (i + 1 < mask.Length) mask[i + 1] = (uint)(bits >> 32) < threshold ? 0 : kept;
        }
        return tensor(mask, like.shape).to(like.dtype, like.device);
    }
}
