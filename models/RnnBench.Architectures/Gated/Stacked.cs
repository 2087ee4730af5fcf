using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>Layers, directions and skip connections around any cell: settings that every cell has, and a name of its own for them.</summary>
/// <remarks>
/// Graves 2013, arXiv:1308.0850; Pascanu et al. 2014, arXiv:1312.6026; two directions: Schuster and Paliwal 1997, Graves and Schmidhuber 2005.
/// How layers are put together: <see cref="Stack"/>.
/// </remarks>
public static class Stacked
{
    /// <summary>Its line of the catalogue.</summary>
    public static Companion Entry { get; } = new(Model.Stacked, "Layers, directions and skips around any cell", "Graves 2013, arXiv:1308.0850; Pascanu et al. 2014, ICLR, arXiv:1312.6026; "
        + "Schuster and Paliwal 1997, IEEE Transactions on Signal Processing 45(11)", "gated", "of its cell", "as its cell", "the same layers one by one, finite differences",
        After: PseudoLstm.Entry.Id, "stacked(cell=X,...) is X with the settings layers, bidirectional, skip_input and skip_output; without a cell it is lstm");
}
