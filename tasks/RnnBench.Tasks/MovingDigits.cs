using System.Globalization;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Two figures move through a frame and bounce off its border; each next frame is to be foretold. A frame is read row by row, [T,B,size·size],
/// values from 0 to 1, and judged as so many independent bits.
/// </summary>
/// <remarks>
/// Srivastava, Mansimov and Salakhutdinov 2015, arXiv 1502.04681, as in Shi et al. 2015: direction uniform on the circle, 3 to 5 pixels a step
/// in a frame of 64. Here every next frame is judged, those that are read too.
/// </remarks>
public sealed class MovingDigits : BenchTask
{
    const int PublishedSide = 64, DigitSide = PixelMnist.Side;

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("moving-digits", "Moving digits, frame by frame", "Srivastava et al. 2015",
    [
        Setting.Choice("source", "shapes", "what moves: drawn shapes, or digits of MNIST", "shapes", "digits"),
        Setting.Integer("size", 16, "the side of a frame in pixels; figures and speeds are scaled with it", min: 16, max: 64),
        Setting.Integer("objects", 2, "figures in a frame", max: 10),
        Setting.Integer("T", 10, "frames that are foretold", max: 1000),
        Setting.Integer("eval_sequences", 200, "sequences in the validation set, and in the test set", min: 1, max: 100_000),
    ],
    (text, settings) => new MovingDigits(settings) { Text = text });

    readonly int size, objects, steps, evaluated;
    readonly bool digits;

    MovingDigits(Settings settings) => (size, objects, steps, evaluated, digits) =
        (settings.Integer("size"), settings.Integer("objects"), settings.Integer("T"), settings.Integer("eval_sequences"), settings.Choice("source") == "digits");

    int Pixels => size * size;

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.Real(Pixels);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Binary(Pixels);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("nats")];

    /// <inheritdoc/>
    public override double? Baseline => null;

    /// <inheritdoc/>
    public override double? Solved => null;

    /// <inheritdoc/>
    public override string Protocol => string.Create(CultureInfo.InvariantCulture,
        $"{objects} {(digits ? "digits of MNIST (training images to train on, test images for validation and test)" : "shapes")} of side {FigureSide} move {3.0 * size / PublishedSide:F2} to "
        + $"{5.0 * size / PublishedSide:F2} pixels a step through {size} x {size} pixels and bounce. From {steps} frames each next one; the loss is the negative log-likelihood of a "
        + $"frame in nats, summed over pixels, a pixel's grey value being its share of ink. {GeneratedData.Protocol(evaluated)}");

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } =
    [
        new("plain", "the project's own", new Dictionary<string, string>
        {
            ["batch"] = "16", ["optimizer"] = "adam", ["learning_rate"] = "0.003", ["clip_norm"] = "1", ["loss"] = "mean", ["steps"] = "2000", ["model.hidden"] = "16",
        }),
    ];

    int FigureSide => Math.Max(4, DigitSide * size / PublishedSide);

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context)
    {
        if (!digits) return Moving(context, Shapes());
        var folder = DataSets.Mnist.FolderFor(Text, context);
        var files = new[] { 0, 2 }.Select(at => DataSets.Mnist.Files[at]).ToDictionary(f => f, f => IdxFile.Read(folder, f.Name, f.Count, DigitSide, DigitSide));
        var (train, test) = (files.Values.First(), files.Values.Last());
        return new OtherEvaluation(Moving(context, Digits(train)), Moving(context, Digits(test)), files.ToDictionary(f => f.Key.Name, f => f.Value.Sha256));
    }

    GeneratedData Moving(TaskContext context, float[][] figures) => new(context, evaluated, (steps + 1L) * Pixels, (random, count) => Draw(random, count, figures));

    Batch Draw(Random random, int count, float[][] figures)
    {
        var frames = new float[(steps + 1) * count * Pixels];
        for (var b = 0; b < count; b++)
            for (var k = 0; k < objects; k++)
            {
                var figure = figures[random.Next(figures.Length)];
                foreach (var (t, (x, y)) in Path(random).Index()) Paint(frames.AsSpan((t * count + b) * Pixels, Pixels), figure, x, y);
            }
        return new Batch
        {
            Steps = steps, Size = count, StartsFresh = true, Values = frames[..(steps * count * Pixels)], Bits = frames[(count * Pixels)..],
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = Enumerable.Repeat(1f, steps * count).ToArray() },
        };
    }

    /// <summary>Where the upper left corner is at each step; reflected at the border.</summary>
    IEnumerable<(double X, double Y)> Path(Random random)
    {
        var room = size - FigureSide;
        var (angle, speed) = (2 * Math.PI * random.NextDouble(), (3 + 2 * random.NextDouble()) * size / PublishedSide);
        var (x, y) = (room * random.NextDouble(), room * random.NextDouble());
        for (var t = 0; t <= steps; t++) yield return (Reflected(x + t * speed * Math.Cos(angle), room), Reflected(y + t * speed * Math.Sin(angle), room));
    }

    static double Reflected(double at, double room)
    {
        var within = at - 2 * room * Math.Floor(at / (2 * room));
        return within <= room ? within : 2 * room - within;
    }

    /// <summary>Adds a figure at the nearest whole pixel; ink does not add up beyond 1.</summary>
    void Paint(Span<float> frame, float[] figure, double x, double y)
    {
        var (column, row) = ((int)Math.Round(x), (int)Math.Round(y));
        for (var r = 0; r < FigureSide; r++)
            for (var c = 0; c < FigureSide; c++)
            {
                ref var pixel = ref frame[(row + r) * size + column + c];
                pixel = Math.Max(pixel, figure[r * FigureSide + c]);
            }
    }

    /// <summary>A disc, a square, a cross and a triangle.</summary>
    float[][] Shapes()
    {
        Func<double, double, bool>[] inside =
        [
            (x, y) => x * x + y * y <= 1, (x, y) => Math.Max(Math.Abs(x), Math.Abs(y)) <= 0.8, (x, y) => Math.Min(Math.Abs(x), Math.Abs(y)) <= 0.25, (x, y) => Math.Abs(x) <= (y + 1) / 2,
        ];
        return [.. inside.Select(f => Enumerable.Range(0, FigureSide * FigureSide).Select(i => f(Centred(i % FigureSide), Centred(i / FigureSide)) ? 1f : 0f).ToArray())];
        double Centred(int i) => (2 * i + 1.0) / FigureSide - 1;
    }

    /// <summary>The digits of a file of images, made smaller by averaging.</summary>
    float[][] Digits(IdxFile file)
    {
        var figures = new float[file.Bytes.Length / PixelMnist.Pixels][];
        for (var i = 0; i < figures.Length; i++) figures[i] = Shrunk(file.Bytes.Slice(i * PixelMnist.Pixels, PixelMnist.Pixels));
        return figures;
    }

    float[] Shrunk(ReadOnlySpan<byte> image)
    {
        var (small, scale) = (new float[FigureSide * FigureSide], (double)DigitSide / FigureSide);
        for (var i = 0; i < small.Length; i++)
        {
            var (top, leftmost) = ((int)(i / FigureSide * scale), (int)(i % FigureSide * scale));
            var (bottom, right) = ((int)Math.Ceiling((i / FigureSide + 1) * scale), (int)Math.Ceiling((i % FigureSide + 1) * scale));
            var sum = 0;
            for (var r = top; r < Math.Min(bottom, DigitSide); r++)
                for (var c = leftmost; c < Math.Min(right, DigitSide); c++) sum += image[r * DigitSide + c];
            small[i] = sum / 255f / ((Math.Min(bottom, DigitSide) - top) * (Math.Min(right, DigitSide) - leftmost));
        }
        return small;
    }

    /// <summary>Training from one source, evaluation from another.</summary>
    sealed class OtherEvaluation(ITaskData train, ITaskData evaluation, IReadOnlyDictionary<string, string> provenance) : ITaskData
    {
        public int? BatchesPerEpoch => train.BatchesPerEpoch;
        public IReadOnlyDictionary<string, string> Provenance => provenance;
        public Batch Training(long index) => train.Training(index);
        public IEnumerable<Batch> Evaluation(Split split) => evaluation.Evaluation(split);
        public void Dispose() { }
    }
}
