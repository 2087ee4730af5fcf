using RnnBench.Language;
using RnnBench.Tasks.Data;

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
    TaskContext context, IReadOnlyDictionary<Split, TokenIds> splits, int before, int evaluationRows, IReadOnlyDictionary<string, string> provenance)
    : ITaskData
{
    /// <summary>Streams that are held in memory.</summary>
    public TokenStreams(
        TaskContext context, IReadOnlyDictionary<Split, int[]> splits, int before, int evaluationRows, IReadOnlyDictionary<string, string> provenance)
        : this(context, splits.ToDictionary(s => s.Key, s => TokenIds.Of(s.Value)), before, evaluationRows, provenance) { }

    /// <summary>Steps of an evaluation chunk; as the state is carried, it changes memory but no figure.</summary>
    const int EvaluationSteps = 50;

    readonly TokenIds train = splits[Split.Train];
    readonly int perEpoch = ChunksPerEpoch(splits[Split.Train].Count, context);

    /// <summary>How often each id occurs in training, where that is known; else it is counted when asked for.</summary>
    public Func<int[]>? Frequencies { get; init; }

    /// <summary>What the streams lie in, disposed of with them.</summary>
    public IDisposable? Owner { get; init; }

    public int? BatchesPerEpoch => perEpoch;

    public IReadOnlyDictionary<string, string> Provenance => provenance;

    public IReadOnlyList<int> ByFrequency
    {
        get
        {
            var counts = Frequencies?.Invoke() ?? Counted();
            return [.. Enumerable.Range(0, counts.Length).OrderByDescending(id => counts[id])];
        }
    }

    int[] Counted()
    {
        int[] All(TokenIds ids)
        {
            var all = new int[ids.Count];
            ids.Read(0, all);
            return all;
        }
        var counts = new int[splits.Values.Max(ids => All(ids).DefaultIfEmpty(before).Max()) + 1];
        foreach (var id in All(train)) counts[id]++;
        return counts;
    }

    public Batch Training(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var chunk = (int)(index % perEpoch);
        var rowLength = train.Count / context.BatchSize;
        var row = new int[context.Bptt + 1];
        return Chunk(context.Bptt, context.BatchSize, fresh: chunk == 0, b => train.Read(b * rowLength + chunk * context.Bptt, row), (t, b) => (row[t], row[t + 1], true));
    }

    public IEnumerable<Batch> Evaluation(Split split)
    {
        var ids = splits[split];
        var rowLength = (ids.Count + evaluationRows - 1) / evaluationRows;
        var row = new int[EvaluationSteps + 1];                                              // the token before the first, and those to predict
        for (var start = 0; start < rowLength; start += EvaluationSteps)
        {
            var from = start;
            long At(int b) => (long)b * rowLength + from;
            var steps = Math.Min(EvaluationSteps, rowLength - from);
            yield return Chunk(steps, evaluationRows, fresh: from == 0, b => Read(ids, At(b) - 1, row.AsSpan(0, steps + 1)), (t, b) =>
                At(b) + t < ids.Count ? (row[t], row[t + 1], true) : (before, before, false));
        }
    }

    /// <summary>Reads what there is of a row; the token before the first is <c>before</c>.</summary>
    void Read(TokenIds ids, long at, Span<int> row)
    {
        if (at < 0)
        {
            (row[0], at) = (before, 0);
            row = row[1..];
        }
        if (at < ids.Count) ids.Read((int)at, row[..(int)Math.Min(row.Length, ids.Count - at)]);
    }

    public void Dispose() => Owner?.Dispose();

    static Batch Chunk(int steps, int size, bool fresh, Action<int> begin, Func<int, int, (int Input, int Label, bool Counts)> at)
    {
        int[] ids = new int[steps * size], labels = new int[steps * size];
        var weights = new float[steps * size];
        for (var b = 0; b < size; b++)
        {
            begin(b);
            for (var t = 0; t < steps; t++)
            {
                var (input, label, counts) = at(t, b);
                (ids[t * size + b], labels[t * size + b], weights[t * size + b]) = (input, label, counts ? 1 : 0);
            }
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
