namespace RnnBench.Language;

/// <summary>What a backward pass knows the states of earlier steps by (MacKay et al. 2018).</summary>
public enum Reversal
{
    /// <summary>They are kept.</summary>
    None,
    /// <summary>Steps are undone to the last bit: states are numbers in fixed point, and the bits that a product forgets are kept.</summary>
    FixedPoint,
    /// <summary>Steps are undone in floating point, and nothing is kept: what a product forgets comes back as the rounding of a division.</summary>
    FloatingPoint,
}
