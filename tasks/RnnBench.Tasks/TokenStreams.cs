using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>
/// A language-modelling set: each split is one long stream of tokens, read in order with the state carried from chunk to chunk.
/// <para>
/// Training cuts the stream into B rows of N / B tokens and each row into (N / B - 1) / bptt chunks; what does not divide is left out, as is
/// usual (Zaremba et al. 2014). Evaluation leaves nothing out: the stream, preceded by the end-of-sentence token, is cut into
/// <paramref name="evaluationRows"/> contiguous rows, each token is predicted once, and padding behind the last has weight 0.
/// </para>
/// </summary>
/// <param name="context">B and bptt.</param>
/// <param name="splits">The ids of a split.</param>
/// <param name="before">The id of the token before the first.</param>
/// <param name="evaluationRows">Rows of an evaluation batch.</param>
/// <param name="provenance">Where the ids come from.</param>
sealed class TokenStreams(
    TaskContext context, IReadOnlyDictionary<Split, int[]> splits, int before, int evaluationRows, IReadOnlyDictionary<string, string> provenance)
    : ITaskData
{
    /// <summary>Steps of an evaluation chunk; as the state is carried, it changes memory but no figure.</summary>
    const int EvaluationSteps = 50;

    readonly int[] train = splits[Split.Train];
    readonly int perEpoch = ChunksPerEpoch(splits[Split.Train].Length, context);

    public int? BatchesPerEpoch => perEpoch;

    public IReadOnlyDictionary<string, string> Provenance => provenance;

    public IReadOnlyList<int> ByFrequency
    {
        get
        {
            var counts = new int[splits.Values.Max(ids => ids.DefaultIfEmpty(before).Max()) + 1];
            foreach (var id in train) counts[id]++;
            return [.. Enumerable.Range(0, counts.Length).OrderByDescending(id => counts[id])];
        }
    }

    public Batch Training(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var chunk = (int)(index % perEpoch);
        var rowLength = train.Length / context.BatchSize;
        return Chunk(context.Bptt, context.BatchSize, fresh: chunk == 0, (t, b) =>
        {
            var at = b * rowLength + chunk * context.Bptt + t;
            return (train[at], train[at + 1], true);
        });
    }

    public IEnumerable<Batch> Evaluation(Split split)
    {
        var ids = splits[split];
        var rowLength = (ids.Length + evaluationRows - 1) / evaluationRows;
        for (var start = 0; start < rowLength; start += EvaluationSteps)
        {
            var from = start;
            yield return Chunk(Math.Min(EvaluationSteps, rowLength - from), evaluationRows, fresh: from == 0, (t, b) =>
            {
                var at = (long)b * rowLength + from + t;
                return at < ids.Length ? (at == 0 ? before : ids[at - 1], ids[at], true) : (before, before, false);
            });
        }
    }

    public void Dispose() { }

    static Batch Chunk(int steps, int size, bool fresh, Func<int, int, (int Input, int Label, bool Counts)> at)
    {
        int[] ids = new int[steps * size], labels = new int[steps * size];
        var weights = new float[steps * size];
        for (var t = 0; t < steps; t++)
            for (var b = 0; b < size; b++)
            {
                var (input, label, counts) = at(t, b);
                (ids[t * size + b], labels[t * size + b], weights[t * size + b]) = (input, label, counts ? 1 : 0);
            }
        return new Batch
        {
            Steps = steps, Size = size, Ids = ids, Labels = labels, StartsFresh = fresh,
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = weights },
        };
    }

    static int ChunksPerEpoch(int tokens, TaskContext context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(context.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(context.Bptt, 1);
        var chunks = (tokens / context.BatchSize - 1) / context.Bptt;
        return chunks > 0 ? chunks : throw new UserError(
            $"{tokens} training tokens are too few for batch={context.BatchSize} and bptt={context.Bptt}, which need "
            + $"{context.BatchSize * (context.Bptt + 1L)}: take a smaller batch, fewer steps or more tokens.");
    }
}
