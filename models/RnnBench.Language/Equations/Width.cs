namespace RnnBench.Language;

/// <summary>How many elements a vector has, and the letter that the catalogue uses for that number.</summary>
/// <param name="Size">The number of elements, at least 1.</param>
/// <param name="Symbol">The letter: H for hidden, I for input.</param>
public readonly record struct Width(int Size, string Symbol)
{
    /// <summary>The sides in which the elements are stored, where they are not a plain vector: [K,d,d] of a matrix memory, last side fastest.</summary>
    public IReadOnlyList<int>? Sides { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Symbol}={Size}";
}
