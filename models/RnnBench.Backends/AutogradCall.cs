using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>Calls of TorchSharp's custom autograd functions.</summary>
static class AutogradCall
{
    /// <summary>
    /// Applies a function. For each output TorchSharp makes a tensor that stands in for a gradient which never comes; it belongs to the node of
    /// the graph, which frees it, so no dispose scope may do so before.
    /// </summary>
    /// <param name="apply">Applies it.</param>
    /// <param name="bare">The outputs before autograd wrapped them, known once it is applied; they are freed.</param>
    /// <param name="beside">What was made on the way for the caller.</param>
    /// <returns>The outputs, in the caller's scope like what was made beside them.</returns>
    public static List<Tensor> Apply(Func<List<Tensor>> apply, IReadOnlyCollection<Tensor> bare, Func<IEnumerable<Tensor>> beside)
    {
        using var inner = NewDisposeScope();
        var outputs = apply();
        foreach (var tensor in bare) tensor.Dispose();
        foreach (var tensor in outputs.Concat(beside())) tensor.MoveToOuterDisposeScope();
        foreach (var standIn in inner.DisposablesView.OfType<Tensor>().ToArray()) standIn.DetachFromDisposeScope();
        return outputs;
    }
}
