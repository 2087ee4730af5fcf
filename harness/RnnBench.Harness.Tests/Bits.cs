using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

static class Bits
{
    /// <summary>Whether two tensors have the same shape and numbers.</summary>
    public static bool Same(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
}
