using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// MNIST pixel by pixel: 784 steps of one pixel, and at the last the digit is to be named. Sequential (<c>smnist</c>): row by row from the top
/// left. Permuted (<c>pmnist</c>): in one random order, the same for all images and runs.
/// </summary>
/// <remarks>
/// Le, Jaitly and Hinton 2015, arXiv 1504.00941. The permutation is NumPy's RandomState(92916).permutation(784), as in the published code of
/// Arjovsky et al. 2016 and Chang et al. 2017; other papers have others.
/// </remarks>
public sealed class PixelMnist : BenchTask
{
    internal const int Side = 28, Pixels = Side * Side, Digits = 10, Validation = 5000;

    const string Unit = "unit", Standard = "standard", Permutation = "permutation";

    /// <summary>How a byte becomes a number, and in words.</summary>
    static readonly Dictionary<string, (Func<int, double> Of, string Words)> scales = new()
    {
        [Unit] = (v => v / 255.0, "value / 255"),
        [Standard] = (v => (v / 255.0 - 0.1307) / 0.3081, "(value / 255 - 0.1307) / 0.3081"),
    };

    static readonly IReadOnlyList<Setting> common =
    [
        Setting.Choice("scale", Unit, "pixels from 0 to 1, or less their mean and over their standard deviation", [.. scales.Keys]),
        Setting.Integer("images", 0, "train on the first so many images; 0 for all", min: 0, max: DataSets.Mnist.Files[0].Count - Validation),
        Setting.Integer("eval_images", 0, "evaluate on the first so many images of validation and test; 0 for all", min: 0, max: Validation),
    ];

    /// <summary>The line of the catalogue for <c>smnist</c>.</summary>
    public static TaskEntry Sequential { get; } = new("smnist", "MNIST, pixel by pixel", "LeCun et al. 1998; Le et al. 2015",
        common, (text, settings) => new PixelMnist(settings, null) { Text = text });

    /// <summary>The line of the catalogue for <c>pmnist</c>.</summary>
    public static TaskEntry Permuted { get; } = new("pmnist", "MNIST, pixel by pixel in a fixed random order", "LeCun et al. 1998; Le et al. 2015",
        [.. common, Setting.Integer(Permutation, 92916, "the seed of the order of the pixels", min: 0, max: int.MaxValue)],
        (text, settings) => new PixelMnist(settings, settings.Integer(Permutation)) { Text = text });

    readonly int images, evalImages;
    readonly string scale;
    readonly int? permutation;

    PixelMnist(Settings settings, int? permutation)
    {
        this.permutation = permutation;
        scale = settings.Choice("scale");
        images = settings.Integer("images");
        evalImages = settings.Integer("eval_images");
    }

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.Real(1);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(Digits);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("nats"), Tasks.Metrics.Accuracy("accuracy", Batch.Trained)];

    /// <summary>All digits equally likely.</summary>
    public override double? Baseline => Math.Log(Digits);

    /// <inheritdoc/>
    public override double? Solved => null;

    /// <inheritdoc/>
    public override string Protocol =>
        $"{Pixels} steps of one pixel, {scales[scale].Words}, {Order}; the digit is named at the last step, which alone is trained on and counted. "
        + $"{(images == 0 ? "Trained on the first 55000 training images" : $"Trained on the first {images} training images only")}, shuffled each epoch; "
        + $"validation on {Part("the last 5000 training images")}, test on {Part("the 10000 test images")}. Every image starts from the zero state; "
        + $"evaluation in batches of {ImageSequences.EvaluationRows}.";

    string Order => permutation is { } seed ? $"step t reading pixel p[t] of p = NumPy's RandomState({seed}).permutation({Pixels})" : "row by row from the top left";

    string Part(string whole) => evalImages == 0 ? whole : $"the first {evalImages} of {whole} only";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes => [PixelRecipes.Plain, PixelRecipes.Dilated, PixelRecipes.Bai(permutation is null ? "1" : "10")];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context)
    {
        var order = permutation is { } seed ? new MersenneTwister((uint)seed).Permutation(Pixels) : [.. Enumerable.Range(0, Pixels)];
        float[] values = [.. Enumerable.Range(0, 256).Select(v => (float)scales[scale].Of(v))];
        return ImageSequences.Read(context, DataSets.Mnist.FolderFor(Text, context), new PixelCoding(order, values), images, evalImages);
    }
}
