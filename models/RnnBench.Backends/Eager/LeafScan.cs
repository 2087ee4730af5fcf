using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>A scan whose stored parameters are leaves in the catalogue's layout.</summary>
abstract class LeafScan : ScanRunner
{
    readonly Dictionary<Parameter, Tensor> leaves, weights;

    /// <param name="scan">What is run.</param>
    /// <param name="device">Where.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    protected LeafScan(Scan scan, Device device, ScalarType dtype)
    {
        Scan = scan;
        leaves = scan.Cell.Parameters.ToDictionary(q => q, q => Leaf(q.Trained, [.. scan.Cell.Shapes[q].Select(w => (long)w.Size)]));
        weights = scan.Cell.Weights.Where(leaves.ContainsKey).ToDictionary(w => w, w => leaves[w]);

        Tensor Leaf(bool trained, long[] shape) => new TorchSharp.Modules.Parameter(zeros(shape, dtype, device), trained).DetachFromDisposeScope();
    }

    /// <summary>What is run.</summary>
    protected Scan Scan { get; }

    /// <summary>What is stored of a parameter.</summary>
    protected Tensor Leaf(Parameter q) => leaves[q];

    /// <summary>What the equations multiply by and add; those that are computed from others as they are now.</summary>
    protected IReadOnlyDictionary<Parameter, Tensor> Weights()
    {
        foreach (var (matrix, value) in ComputedWeights.Of(Scan.Cell, Leaf)) weights[matrix] = value;
        return weights;
    }

    /// <summary>The same before any are computed, for plans that look them up when they run.</summary>
    protected IReadOnlyDictionary<Parameter, Tensor> Table => weights;

    public override IReadOnlyList<Tensor> Trainable => [.. Scan.Cell.Parameters.Where(q => q.Trained).Select(Leaf)];

    public override IReadOnlyList<Tensor> Constants => [.. Scan.Cell.Parameters.Where(q => !q.Trained).Select(Leaf)];

    public override Tensor Read(Parameter weight) => leaves[weight].detach();

    public override Tensor ReadGradient(Parameter weight) => leaves[weight].grad is { } gradient ? gradient : zeros_like(leaves[weight]);

    public override void Write(Parameter weight, Tensor value)
    {
        using var still = no_grad();
        leaves[weight].copy_(value);
    }

    public override void Dispose()
    {
        foreach (var leaf in leaves.Values) leaf.Dispose();
    }
}
