namespace RnnBench.Language;

/// <summary>The weights of a cell from what is stored: the same arrays, but for those that are computed.</summary>
sealed class WeightValues
{
    readonly Dictionary<Matrix, MatrixTape> tapes = [];

    /// <param name="cell">The equations.</param>
    /// <param name="stored">The elements of what is stored.</param>
    public WeightValues(Recurrence cell, Func<Parameter, double[]> stored)
    {
        foreach (var matrix in cell.Weights.OfType<Matrix>())
            if (matrix.From is { } from) tapes[matrix] = new MatrixTape(from, stored);
        Values = cell.Weights.ToDictionary(w => w, w => w is Matrix m && tapes.TryGetValue(m, out var tape) ? tape.Value() : stored(w));
    }

    /// <summary>The elements of each weight.</summary>
    public IReadOnlyDictionary<Parameter, double[]> Values { get; }

    /// <summary>Where the derivatives of the weights are summed: the stored parameters' own arrays, zeros for those that are computed.</summary>
    public Dictionary<Parameter, double[]> Gradients(Func<Parameter, double[]> stored) =>
        Values.ToDictionary(w => w.Key, w => w.Key is Matrix m && tapes.ContainsKey(m) ? new double[w.Value.Length] : stored(w.Key));

    /// <summary>Hands the derivatives of computed weights on to what they were computed from.</summary>
    public void Back(IReadOnlyDictionary<Parameter, double[]> gradients, Func<Parameter, double[]> into)
    {
        foreach (var (matrix, tape) in tapes) tape.Back(gradients[matrix], into);
    }
}
