using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Measuring;

/// <summary>Forests that are alike in size to sentences of a treebank: random binary trees, the words at their leaves.</summary>
/// <param name="Trees">The number of trees.</param>
/// <param name="Leaves">Words of each.</param>
public sealed record ForestShape(int Trees, int Leaves)
{
    /// <summary>The children of every node [N,2], children first.</summary>
    public long[,] Children()
    {
        var random = new Random(1);
        var nodes = new List<(long, long)>();
        for (var tree = 0; tree < Trees; tree++) Grow(Leaves);
        var children = new long[nodes.Count, 2];
        foreach (var (node, (left, right)) in nodes.Index()) (children[node, 0], children[node, 1]) = (left, right);
        return children;

        long Grow(int leaves)
        {
            var cut = leaves > 1 ? random.Next(1, leaves) : 0;
            nodes.Add(leaves > 1 ? (Grow(cut), Grow(leaves - cut)) : (-1, -1));
            return nodes.Count - 1;
        }
    }
}

/// <summary>Times models of trees over a forest, forward and backward, the gradient of x included, interleaved.</summary>
public static class TreeBench
{
    /// <summary>Times each model on the same forest.</summary>
    /// <param name="models">Models of trees.</param>
    /// <param name="shape">The forest.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="seconds">For all together.</param>
    /// <returns>In the order of the models.</returns>
    public static IReadOnlyList<Timing> Measure(IReadOnlyList<Model> models, ForestShape shape, ScalarType dtype, double seconds)
    {
        using var scope = NewDisposeScope();
        var children = shape.Children();
        var count = children.GetLength(0);
        var hooks = new RunHooks<Tensor> { Given = new Dictionary<string, Tensor> { ["children"] = tensor(children) } };
        var runners = models.Select(model => Backend.Create(Backend.Auto, model, CPU, dtype)).ToArray();
        try
        {
            foreach (var runner in runners)
            {
                using var drawing = NewDisposeScope();
                runner.Write(runner.Model.Parameters.ToDictionary(q => q.Name, q => rand([.. q.Shape.Select(side => (long)side)], dtype) * 0.2 - 0.1));
            }
            return Timing.Interleaved([.. runners.Select(runner => (Action)(() => Once(runner, count, hooks, dtype)))], seconds);
        }
        finally
        {
            foreach (var runner in runners) runner.Dispose();
        }
    }

    static void Once(ISequenceRunner<Tensor> runner, int nodes, RunHooks<Tensor> hooks, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var x = ones([nodes, 1, runner.Model.Input], dtype, requires_grad: true);
        foreach (var weight in runner.Trainable) weight.grad = null;
        runner.Run(x, null, hooks).Output.sum().backward();
    }
}
