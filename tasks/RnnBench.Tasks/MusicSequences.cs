using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Sequences of notes in batches of like length. An epoch shuffles the sequences, sorts them by length (equal ones stay shuffled), cuts them
/// into batches, the last of which may be smaller, and shuffles the batches.
/// </summary>
sealed class MusicSequences : ITaskData
{
    /// <summary>Sequences of an evaluation batch.</summary>
    public const int EvaluationRows = 10;

    readonly TaskContext context;
    readonly IReadOnlyDictionary<Split, byte[][][]> splits;
    readonly byte[][][] train;
    readonly EpochOrder orders;
    (long Epoch, int[][] Batches) last = (-1, []);

    /// <param name="context">The batch and the streams.</param>
    /// <param name="splits">For each split its sequences, for each sequence the notes of each step; no sequence is shorter than two steps.</param>
    /// <param name="provenance">Where they come from.</param>
    public MusicSequences(TaskContext context, IReadOnlyDictionary<Split, byte[][][]> splits, IReadOnlyDictionary<string, string> provenance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(context.BatchSize, 1);
        (this.context, this.splits, Provenance, train) = (context, splits, provenance, splits[Split.Train]);
        orders = new EpochOrder(context, train.Length);
    }

    public int? BatchesPerEpoch => (train.Length + context.BatchSize - 1) / context.BatchSize;

    public IReadOnlyDictionary<string, string> Provenance { get; }

    public Batch Training(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (epoch, place) = Math.DivRem(index, BatchesPerEpoch!.Value);
        if (last.Epoch != epoch) last = (epoch, BatchesOf(epoch));
        return Padded([.. last.Batches[place].Select(at => train[at])]);
    }

    public IEnumerable<Batch> Evaluation(Split split) => splits[split].OrderBy(sequence => sequence.Length).Chunk(EvaluationRows).Select(Padded);

    public void Dispose() { }

    int[][] BatchesOf(long epoch)
    {
        int[][] batches = [.. orders[epoch].OrderBy(at => train[at].Length).Chunk(context.BatchSize)];
        context.Stream($"batches/{epoch}").Shuffle(batches);
        return batches;
    }

    static Batch Padded(byte[][][] sequences)
    {
        var (steps, size) = (sequences.Max(s => s.Length) - 1, sequences.Length);
        float[] values = new float[steps * size * MusicFile.Notes], bits = new float[values.Length], weights = new float[steps * size];
        for (var b = 0; b < size; b++)
            for (var t = 0; t < sequences[b].Length - 1; t++)
            {
                var row = t * size + b;
                weights[row] = 1;
                foreach (var note in sequences[b][t]) values[row * MusicFile.Notes + note] = 1;
                foreach (var note in sequences[b][t + 1]) bits[row * MusicFile.Notes + note] = 1;
            }
        return new Batch
        {
            Steps = steps, Size = size, Values = values, Bits = bits, StartsFresh = true,
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = weights },
        };
    }
}
