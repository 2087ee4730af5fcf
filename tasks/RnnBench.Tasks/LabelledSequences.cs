namespace RnnBench.Tasks;

/// <summary>A sequence of ids and the class of the whole; and for each step the number of its clause, where that is known.</summary>
readonly record struct LabelledSequence(int[] Ids, int Label, int[]? Clauses = null);

/// <summary>
/// Sequences of unequal lengths, each with one class, in batches of like length. An epoch shuffles them, sorts them by length (equal ones stay
/// shuffled), cuts them into batches, the last of which may be smaller, and shuffles the batches. Shorter ones are padded at the end.
/// </summary>
/// <param name="context">The batch and the streams.</param>
/// <param name="count">Training sequences of an epoch.</param>
/// <param name="epoch">The training sequences of an epoch, as many in each.</param>
/// <param name="evaluated">The sequences that a split is judged by.</param>
/// <param name="provenance">Where they come from.</param>
sealed class LabelledSequences(TaskContext context, int count, Func<long, IReadOnlyList<LabelledSequence>> epoch,
    Func<Split, IEnumerable<LabelledSequence>> evaluated, IReadOnlyDictionary<string, string> provenance) : ITaskData
{
    /// <summary>Sequences of an evaluation batch.</summary>
    public const int EvaluationRows = 50;

    readonly EpochOrder orders = new(context, count);
    (long Epoch, LabelledSequence[][] Batches) last = (-1, []);

    public int? BatchesPerEpoch => (count + context.BatchSize - 1) / context.BatchSize;

    public IReadOnlyDictionary<string, string> Provenance => provenance;

    public IReadOnlyDictionary<int, float[]>? Vectors { get; init; }

    public Batch Training(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (number, place) = Math.DivRem(index, BatchesPerEpoch!.Value);
        if (last.Epoch != number) last = (number, BatchesOf(number));
        return Padded(last.Batches[place]);
    }

    public IEnumerable<Batch> Evaluation(Split split) => evaluated(split).OrderBy(s => s.Ids.Length).Chunk(EvaluationRows).Select(Padded);

    public void Dispose() { }

    LabelledSequence[][] BatchesOf(long number)
    {
        var all = epoch(number);
        LabelledSequence[][] batches = [.. orders[number].Select(at => all[at]).OrderBy(s => s.Ids.Length).Chunk(context.BatchSize)];
        context.Stream($"batches/{number}").Shuffle(batches);
        return batches;
    }

    static Batch Padded(LabelledSequence[] sequences)
    {
        var (steps, size) = (sequences.Max(s => s.Ids.Length), sequences.Length);
        return new Batch
        {
            Steps = steps, Size = size, Ids = Side(s => s.Ids), StartsFresh = true, Labels = [.. sequences.Select(s => s.Label)],
            Clauses = sequences.Any(s => s.Clauses is null) ? null : Side(s => s.Clauses!),
            Lengths = sequences.All(s => s.Ids.Length == steps) ? null : [.. sequences.Select(s => s.Ids.Length)],
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = Enumerable.Repeat(1f, size).ToArray() },
        };

        int[] Side(Func<LabelledSequence, int[]> of)
        {
            var all = new int[steps * size];
            foreach (var (b, sequence) in sequences.Index())
                foreach (var (t, number) in of(sequence).Index()) all[t * size + b] = number;
            return all;
        }
    }
}
