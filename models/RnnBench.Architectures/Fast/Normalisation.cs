using RnnBench.Backends.Modules;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Values brought to the mean 0 and the variance 1 over some axes, then scaled and moved; the variance is the biased one, ε is 1e-5.</summary>
static class Normalisation
{
    /// <summary>Layer normalisation (Ba, Kiros and Hinton 2016, arXiv:1607.06450, eq. 4): over the features of [T,B,d], with norm_g and norm_b, each [d].</summary>
    /// <param name="pass">The parameters.</param>
    /// <param name="at">Their prefix.</param>
    /// <param name="a">[T,B,d].</param>
    public static Tensor Layer(Pass pass, string at, Tensor a) => Over([-1], pass, at + "norm", a);

    /// <summary>Over any axes, with the parameters name_g and name_b.</summary>
    public static Tensor Over(long[] axes, Pass pass, string name, Tensor a)
    {
        var centred = a - a.mean(axes, keepdim: true);
        return centred / (centred.square().mean(axes, keepdim: true) + 1e-5).sqrt() * pass[name + "_g"] + pass[name + "_b"];
    }
}
