using RnnBench.Language;

namespace RnnBench.Testing;

/// <summary>Random parameters, inputs and states for a model, from a seed.</summary>
static class Draw
{
    public static NdArray Array(Random random, IReadOnlyList<int> shape, double scale = 1)
    {
        var array = NdArray.Zeros(shape);
        for (var k = 0; k < array.Data.Length; k++) array.Data[k] = scale * (2 * random.NextDouble() - 1);
        return array;
    }

    public static Dictionary<string, NdArray> Parameters(Random random, Model model) =>
        model.Parameters.ToDictionary(q => q.Name, q => Array(random, q.Shape));

    /// <summary>Initial states; a normaliser, which the equations divide by, is a sum of positive weights and starts above 1.</summary>
    public static Dictionary<string, NdArray> States(Random random, Model model, int batch) => model.States.ToDictionary(s => s.Name, s =>
        Array(random, s.Shape(batch)) is var drawn && s.Name == "n" ? new NdArray(drawn.Shape, [.. drawn.Data.Select(value => 1 + Math.Abs(value))]) : drawn);
}
