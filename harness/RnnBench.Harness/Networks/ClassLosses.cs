using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>What a softmax over classes gives for N rows.</summary>
/// <param name="Sum">The weighted sum of the losses, a scalar with gradients.</param>
/// <param name="Each">The loss of each row in nats, [N].</param>
/// <param name="Likeliest">For each row the likeliest class, [N], 64-bit, and its log p, [N].</param>
public sealed record ClassLosses(Tensor Sum, Tensor Each, Func<(Tensor Class, Tensor LogP)> Likeliest);

/// <summary>A linear layer over classes, softmax and cross-entropy.</summary>
/// <param name="x">[N,H].</param>
/// <param name="weight">[V,H].</param>
/// <param name="bias">[V], or null.</param>
/// <param name="labels">The right class of each row, [N], 64-bit.</param>
/// <param name="weights">The weight of each row in the sum, [N]; null for ones.</param>
public delegate ClassLosses SoftmaxLoss(Tensor x, Tensor weight, Tensor? bias, Tensor labels, Tensor? weights);

/// <summary>The softmax from operations of the library, on any device; holds all logits.</summary>
static class PlainSoftmax
{
    public static ClassLosses Of(Tensor x, Tensor weight, Tensor? bias, Tensor labels, Tensor? weights)
    {
        var logits = nn.functional.linear(x, weight, bias);
        var each = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        return new ClassLosses((weights is null ? each : each * weights).sum(), each, () =>
        {
            var (_, likeliest) = logits.detach().max(1);
            return (likeliest, nn.functional.log_softmax(logits.detach(), 1).gather(1, likeliest.unsqueeze(1)).squeeze(1));
        });
    }
}
