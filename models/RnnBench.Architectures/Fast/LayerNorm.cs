using RnnBench.Backends.Modules;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Layer normalisation (Ba, Kiros and Hinton 2016, arXiv:1607.06450, eq. 4): over the features, with the biased variance and ε = 1e-5.</summary>
static class LayerNorm
{
    /// <summary>Normalises the last axis of [T,B,d] by the parameters norm_g and norm_b, each [d].</summary>
    /// <param name="pass">The parameters.</param>
    /// <param name="at">Their prefix.</param>
    /// <param name="a">[T,B,d].</param>
    public static Tensor Of(Pass pass, string at, Tensor a)
    {
        var centred = a - a.mean([-1], keepdim: true);
        return centred / (centred.square().mean([-1], keepdim: true) + 1e-5).sqrt() * pass[at + "norm_g"] + pass[at + "norm_b"];
    }
}
