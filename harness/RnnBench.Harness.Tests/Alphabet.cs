using RnnBench.Language;
using RnnBench.Tasks;

namespace RnnBench.Harness.Tests;

/// <summary>
/// A stream for tests: the letters a b c d ... over and over, read in chunks whose state is carried over. With <c>blind</c> the input of all
/// steps but the first of an epoch is one and the same token, so that only a carried state can know the place.
/// </summary>
sealed class Alphabet : BenchTask
{
    const int Letters = 6, Chunks = 4;

    public static TaskEntry Entry { get; } = new("alphabet", "Letters in order", "for tests",
        [Setting.Flag("blind", false, "only the first letter of an epoch is shown")], (text, s) => new Alphabet(s.Flag("blind")) { Text = text });

    readonly bool blind;

    Alphabet(bool blind) => this.blind = blind;

    public override InputKind Input => new InputKind.Tokens(Letters + 1);
    public override TargetKind Target => new TargetKind.Classes(Letters);
    public override IReadOnlyList<Metric> Metrics { get; } = [new("loss", "nats", true, totals => totals[Batch.Trained].Loss / totals[Batch.Trained].Count)];
    public override double? Baseline => Math.Log(Letters);
    public override double? Solved => null;
    public override string Protocol => "one epoch";
    public override IReadOnlyList<Recipe> Recipes { get; } =
    [
        new("plain", "for tests", new Dictionary<string, string>
        {
            ["batch"] = "3", ["bptt"] = "6", ["epochs"] = "2", ["learning_rate"] = "0.01", ["model.hidden"] = "8", ["model?.forget_bias"] = "0",
        }),
        new("short", "for tests", new Dictionary<string, string> { ["steps"] = "3", ["model.hidden"] = "8" }),
    ];

    public override ITaskData Open(TaskContext context) => new Data(context, blind);

    sealed class Data(TaskContext context, bool blind) : ITaskData
    {
        public int? BatchesPerEpoch => Chunks;
        public IReadOnlyDictionary<string, string> Provenance { get; } = new Dictionary<string, string> { ["data"] = "generated" };

        public Batch Training(long index)
        {
            var first = (int)(index % Chunks) * context.Bptt;
            var size = context.BatchSize;
            int Letter(int t, int b) => (first + t + b) % Letters;
            return new Batch
            {
                Steps = context.Bptt, Size = size, StartsFresh = first == 0,
                Ids = [.. from t in Enumerable.Range(0, context.Bptt) from b in Enumerable.Range(0, size) select blind && first + t > 0 ? Letters : Letter(t, b)],
                Labels = [.. from t in Enumerable.Range(0, context.Bptt) from b in Enumerable.Range(0, size) select Letter(t + 1, b)],
                Groups = new Dictionary<string, float[]> { [Batch.Trained] = [.. Enumerable.Repeat(1f, context.Bptt * size)] },
            };
        }

        public IEnumerable<Batch> Evaluation(Split split) => Enumerable.Range(0, Chunks).Select(chunk => Training(chunk));

        public void Dispose() { }
    }
}
