using static TorchSharp.torch;

namespace RnnBench.Backends.Library;

/// <summary>
/// Runs nn.GRU so that of its recurrent bias only the candidate's part has a gradient. Autograd cannot train a part of a tensor, and
/// TorchSharp has no hook on gradients; so the layer runs in a graph of its own, whose gradients are handed on.
/// </summary>
sealed class HalfBias : autograd.SingleTensorFunction<HalfBias>
{
    /// <summary>The layer, x and h to y, and its weights.</summary>
    public sealed record Layer(Func<Tensor, Tensor, Tensor> Call, Tensor InputWeights, Tensor RecurrentWeights,
        Tensor InputBias, Tensor RecurrentBias);

    /// <summary>Gives y, [T,B,H].</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">[T,B,I].</param>
    /// <param name="start">[1,B,H].</param>
    /// <param name="candidateBias">The part of the recurrent bias that trains, [H].</param>
    public static Tensor Run(Layer layer, Tensor x, Tensor start, Tensor candidateBias) =>
        apply(layer, x, start, layer.InputWeights, layer.RecurrentWeights, layer.InputBias, candidateBias);

    public override string Name => nameof(HalfBias);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var layer = (Layer)vars[0];
        using var grad = enable_grad();
        using var scope = NewDisposeScope();
        var (x, h) = (((Tensor)vars[1]).detach().requires_grad_(), ((Tensor)vars[2]).detach().requires_grad_());
        Tensor[] kept = [x, h, layer.Call(x, h)];
        foreach (var tensor in kept) tensor.DetachFromDisposeScope();       // until the way back
        ctx.save_data("layer", layer);
        ctx.save_data("kept", kept);
        return kept[2].detach().MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var layer = (Layer)ctx.get_data("layer");
        var kept = (Tensor[])ctx.get_data("kept");
        var gradients = autograd.grad([kept[2]],
            [kept[0], kept[1], layer.InputWeights, layer.RecurrentWeights, layer.InputBias, layer.RecurrentBias], [grad_output]);
        foreach (var tensor in kept) tensor.Dispose();
        using var whole = gradients[5];
        var size = whole.shape[0] / 3;
        return [null!, .. gradients.Take(5), whole.narrow(0, 2 * size, size).clone()];
    }
}
