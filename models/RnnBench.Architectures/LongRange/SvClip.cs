using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>Singular value clipping: no model, but a constraint that is kept after each update for the recurrent matrices of one.</summary>
/// <remarks>At most 1: Saito, Matsumoto and Saito 2017; a band around 1: Jia et al. 2017; how far from orthogonal it may be: Vorontsov et al. 2017.</remarks>
public static class SvClip
{
    /// <summary>Its line of the catalogue.</summary>
    public static Companion Entry { get; } = new(Model.Clipping, "Singular value clipping, a constraint on recurrent matrices",
        "Saito, Matsumoto and Saito 2017, ICCV, arXiv:1611.06624; Jia et al. 2017, CVPR, arXiv:1611.06013; Vorontsov et al. 2017, ICML, arXiv:1702.00071", "longrange", "of its cell",
        "as its cell", "reference case", After: ExpRnn.Entry.Id, "a constraint of training, not a model: give svclip_mode to a model, rnn(svclip_mode=band), or to a run, --set svclip_mode=band");
}
