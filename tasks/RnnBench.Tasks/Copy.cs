using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>
/// Copy memory: some symbols, a long blank, a delimiter, and then the symbols are to be said in their order.
/// <code>
/// input : s_1 ... s_n | 0 x (T-1) | delimiter | 0 x n          s_i uniform on 1..S, with repetition
/// target: 0 x (T+n)                           | s_1 ... s_n
/// </code>
/// Input is one-hot of S + 2 symbols (0 blank, S + 1 the delimiter), output one of S + 1 classes; the loss is the mean over all T + 2n steps.
/// </summary>
/// <remarks>Hochreiter and Schmidhuber 1997, section 5; in the form of Arjovsky, Shah and Bengio 2016, section 4.1.</remarks>
public sealed class Copy : BenchTask
{
    /// <summary>The steps at which the symbols are to be said.</summary>
    public const string Recall = "recall";

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("copy", "Copy memory", "Hochreiter and Schmidhuber 1997; Arjovsky et al. 2016",
    [
        Setting.Integer("T", 100, "steps over which the symbols are kept", min: 1, max: 100_000),
        Setting.Integer("symbols", 8, "different symbols", min: 2, max: 1000),
        Setting.Integer("length", 10, "symbols to keep", min: 1, max: 1000),
        Setting.Integer("eval_sequences", 1000, "sequences in the validation set, and in the test set", min: 1, max: 100_000),
    ],
    (text, settings) => new Copy(settings) { Text = text });

    readonly int delay, symbols, length, evaluated;

    Copy(Settings settings)
    {
        delay = settings.Integer("T");
        symbols = settings.Integer("symbols");
        length = settings.Integer("length");
        evaluated = settings.Integer("eval_sequences");
    }

    int Steps => delay + 2 * length;
    int Delimiter => symbols + 1;

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.OneHot(symbols + 2);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(symbols + 1);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } =
        [Tasks.Metrics.Loss("nats"), Tasks.Metrics.Mean("recall_loss", "nats", Recall), Tasks.Metrics.Accuracy("recall_accuracy", Recall)];

    /// <summary>Without memory: blank for certain until the recall, then each symbol equally likely.</summary>
    public override double? Baseline => length * Math.Log(symbols) / Steps;

    /// <summary>
    /// The loss that proves a recall accuracy of at least 99 %. A wrong answer means a probability of at most 1/2 for the right one, hence a
    /// loss of at least ln 2; so the share of wrong answers is at most recall loss / ln 2, and the recall loss is at most the mean loss times
    /// steps / length. With 8 symbols the level is 1/300 of the baseline.
    /// </summary>
    public override double? Solved => 0.01 * Math.Log(2) * length / Steps;

    /// <inheritdoc/>
    public override string Protocol =>
        $"Arjovsky et al. 2016: {length} of {symbols} symbols, {delay - 1} blanks, a delimiter, recall from the step after it; {Steps} steps, "
        + $"all counted in the loss, the last {length} in the recall figures. {GeneratedData.Protocol(evaluated)} "
        + "Solved: a mean loss that proves a recall accuracy of 99 %.";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LongLags.Plain, LongLags.Arjovsky(hidden: 40)];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context) => new GeneratedData(context, evaluated, (long)Steps * (symbols + 2), Draw);

    Batch Draw(Random random, int size)
    {
        int[] ids = new int[Steps * size], labels = new int[Steps * size];
        var recall = new float[Steps * size];
        for (var b = 0; b < size; b++)
        {
            for (var i = 0; i < length; i++)
            {
                var said = (delay + length + i) * size + b;
                ids[i * size + b] = labels[said] = random.Next(1, symbols + 1);
                recall[said] = 1;
            }
            ids[(delay + length - 1) * size + b] = Delimiter;
        }
        var all = new float[Steps * size];
        Array.Fill(all, 1f);
        return new Batch
        {
            Steps = Steps, Size = size, Ids = ids, Labels = labels, StartsFresh = true,
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = all, [Recall] = recall },
        };
    }
}
