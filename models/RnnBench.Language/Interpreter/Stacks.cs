namespace RnnBench.Language;

/// <summary>The matrices of a stack, taken out of the stored parameter and put back.</summary>
static class Stacks
{
    /// <summary>One matrix, row by row.</summary>
    public static double[] Take(MatrixStack stack, NdArray stored, int k)
    {
        var (count, size) = (stack.Count.Size, stored.Data.Length / stack.Count.Size);
        return [.. Enumerable.Range(0, size).Select(i => stored.Data[stack.Last ? i * count + k : k * size + i])];
    }

    /// <summary>Puts all matrices of a stack into the stored form.</summary>
    public static void Put(StackParameter parameter, NdArray stored, IReadOnlyDictionary<Parameter, double[]> matrices)
    {
        var stack = parameter.Matrices!;
        var (count, size) = (stack.Count.Size, stored.Data.Length / stack.Count.Size);
        foreach (var (k, matrix) in stack.Matrices.Index())
            for (var i = 0; i < size; i++) stored.Data[stack.Last ? i * count + k : k * size + i] = matrices[matrix][i];
    }
}
