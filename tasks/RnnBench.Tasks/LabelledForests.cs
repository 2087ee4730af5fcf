using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>A binary tree with the ids of its words, -1 at inner nodes, and for each node the class that it is trained and judged by, or null.</summary>
sealed record LabelledTree(SentimentTree Tree, int[] Ids, int?[] Classes);

/// <summary>Trees in batches that are forests: the nodes of one tree after those of the other, children before parents.</summary>
/// <param name="context">The batch (trees) and the streams.</param>
/// <param name="train">The training trees.</param>
/// <param name="evaluated">The trees that a split is judged by.</param>
/// <param name="provenance">Where they come from.</param>
sealed class LabelledForests(TaskContext context, LabelledTree[] train, Func<Split, IEnumerable<LabelledTree>> evaluated, IReadOnlyDictionary<string, string> provenance) : ITaskData
{
    /// <summary>Trees of an evaluation batch.</summary>
    public const int EvaluationTrees = 100;
    const int Arity = 2;

    readonly EpochOrder orders = new(context, train.Length);

    public int? BatchesPerEpoch => (train.Length + context.BatchSize - 1) / context.BatchSize;

    public IReadOnlyDictionary<string, string> Provenance => provenance;

    public IReadOnlyDictionary<int, float[]>? Vectors { get; init; }

    public Batch Training(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (epoch, place) = Math.DivRem(index, BatchesPerEpoch!.Value);
        return Forest([.. orders[epoch].Skip((int)place * context.BatchSize).Take(context.BatchSize).Select(at => train[at])]);
    }

    public IEnumerable<Batch> Evaluation(Split split) => evaluated(split).Chunk(EvaluationTrees).Select(Forest);

    public void Dispose() { }

    static Batch Forest(LabelledTree[] trees)
    {
        var nodes = trees.Sum(t => t.Ids.Length);
        var (children, labels, weights, offset) = (new int[nodes * Arity], new int[nodes], new float[nodes], 0);
        foreach (var (tree, _, classes) in trees)
        {
            for (var j = 0; j < tree.Nodes; j++)
            {
                children[(offset + j) * Arity] = tree.Left[j] < 0 ? -1 : offset + tree.Left[j];
                children[(offset + j) * Arity + 1] = tree.Right[j] < 0 ? -1 : offset + tree.Right[j];
                (labels[offset + j], weights[offset + j]) = classes[j] is { } label ? (label, 1) : (0, 0);
            }
            offset += tree.Nodes;
        }
        return new Batch
        {
            Steps = nodes, Size = 1, Ids = [.. trees.SelectMany(t => t.Ids)], Children = children, Labels = labels, StartsFresh = true,
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = weights },
        };
    }
}
