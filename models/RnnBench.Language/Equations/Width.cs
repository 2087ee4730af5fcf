namespace RnnBench.Language;

/// <summary>How many elements a vector has, and the letter that the catalogue uses for that number.</summary>
/// <param name="Size">The number of elements, at least 1.</param>
/// <param name="Symbol">The letter: H for hidden, I for input.</param>
public readonly record struct Width(int Size, string Symbol)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Symbol}={Size}";
}
