using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>
/// The adding problem: at each step a number of [0, 1) and a marker; two steps are marked, and at the last step the sum of their numbers is
/// to be said. Input [T,B,2] (number, marker), target one number at the last step, judged by squared error.
/// </summary>
/// <remarks>Hochreiter and Schmidhuber 1997, section 5.4; in the form of Arjovsky, Shah and Bengio 2016, section 4.2.</remarks>
public sealed class Adding : BenchTask
{
    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("adding", "Adding problem", "Hochreiter and Schmidhuber 1997; Arjovsky et al. 2016",
    [
        Setting.Integer("T", 100, "steps", min: 2, max: 100_000),
        Setting.Choice("markers", Halves, "where the two marked steps lie: one in each half, or any two", Halves, Anywhere),
        Setting.Integer("eval_sequences", 1000, "sequences in the validation set, and in the test set", min: 1, max: 100_000),
    ],
    (text, settings) => new Adding(settings) { Text = text });

    const string Halves = "halves", Anywhere = "anywhere";

    static readonly Dictionary<string, string> variants = new()
    {
        [Halves] = "one marked step in each half (Arjovsky et al. 2016)",
        [Anywhere] = "two different marked steps anywhere (Bai et al. 2018)",
    };

    readonly int steps, evaluated;
    readonly string markers;

    Adding(Settings settings)
    {
        steps = settings.Integer("T");
        markers = settings.Choice("markers");
        evaluated = settings.Integer("eval_sequences");
    }

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.Real(2);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Real(1);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("squared error")];

    /// <summary>Always saying 1 leaves the variance of the sum of two uniform numbers.</summary>
    public override double? Baseline => 1.0 / 6;

    /// <summary>
    /// The project's choice: a root mean square error of 0.1 on sums between 0 and 2. Knowing one of the two numbers perfectly and nothing of
    /// the other leaves 1/12 = 0.083, so both must have been found.
    /// </summary>
    public override double? Solved => 0.01;

    /// <inheritdoc/>
    public override string Protocol =>
        $"{steps} steps, {variants[markers]}, mean squared error of the sum at the last step. {GeneratedData.Protocol(evaluated)} "
        + "Solved: 0.01, well below the 1/12 of a model that knows one of the two numbers.";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LongLags.Plain, LongLags.Arjovsky(hidden: 128)];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context) => new GeneratedData(context, evaluated, 2L * steps, Draw);

    Batch Draw(Random random, int size)
    {
        var values = new float[steps * size * 2];
        float[] targets = new float[steps * size], last = new float[steps * size];
        for (var b = 0; b < size; b++)
        {
            for (var t = 0; t < steps; t++) values[At(t)] = random.NextSingle();
            var (first, second) = Marked(random);
            values[At(first) + 1] = values[At(second) + 1] = 1;
            targets[(steps - 1) * size + b] = values[At(first)] + values[At(second)];
            last[(steps - 1) * size + b] = 1;

            int At(int t) => (t * size + b) * 2;
        }
        return new Batch
        {
            Steps = steps, Size = size, Values = values, Targets = targets, StartsFresh = true,
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = last },
        };
    }

    (int First, int Second) Marked(Random random)
    {
        if (markers == Halves) return (random.Next(steps / 2), random.Next(steps / 2, steps));
        var first = random.Next(steps);
        // One of the T - 1 other steps, each equally likely.
        var second = random.Next(steps - 1);
        return (first, second < first ? second : second + 1);
    }
}
