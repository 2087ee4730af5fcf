using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>
/// Data drawn when it is asked for: fresh sequences for each training batch, and fixed sets for validation and test. <paramref name="draw"/>
/// draws sequence by sequence, so that neither the training batch nor the evaluation batch changes what the fixed sets hold.
/// </summary>
/// <param name="context">The batch and the streams.</param>
/// <param name="evaluated">Sequences in each fixed set.</param>
/// <param name="cells">Numbers that one sequence takes (steps times the widest array), to refuse a batch that cannot be held.</param>
/// <param name="draw">Draws so many sequences as one batch.</param>
sealed class GeneratedData(TaskContext context, int evaluated, long cells, Func<Random, int, Batch> draw) : ITaskData
{
    /// <summary>Rows of an evaluation batch: enough to keep a processor busy, few enough for long sequences.</summary>
    public const int EvaluationRows = 100;

    /// <summary>An array of a batch holds at most 2^28 numbers, 1 GiB as float32.</summary>
    const long Largest = 1L << 28;

    /// <summary>What the protocols of such tasks have in common.</summary>
    public static string Protocol(int evaluated) =>
        "Every sequence starts from the zero state. Fresh training sequences for each batch; "
        + $"{evaluated} fixed sequences each for validation and test, in batches of {EvaluationRows}.";

    readonly int batch = Held(context.BatchSize, cells), rows = Held(Math.Min(evaluated, EvaluationRows), cells);

    public int? BatchesPerEpoch => null;

    public IReadOnlyDictionary<string, string> Provenance { get; } = new Dictionary<string, string> { ["data"] = "generated" };

    public Batch Training(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return draw(context.Stream($"train/{index}"), batch);
    }

    public IEnumerable<Batch> Evaluation(Split split)
    {
        var random = context.Stream(split switch
        {
            Split.Train => "train/sample",
            Split.Valid => "valid",
            Split.Test => "test",
            _ => throw new ArgumentOutOfRangeException(nameof(split), split, null),
        });
        for (var left = evaluated; left > 0; left -= rows)
            yield return draw(random, Math.Min(left, rows));
    }

    public void Dispose() { }

    static int Held(int size, long cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return cells * size <= Largest ? size : throw new UserError(
            $"a batch of {size} sequences would hold {cells * size} numbers, more than {Largest}: take shorter sequences or a smaller batch.");
    }
}
