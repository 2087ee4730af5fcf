using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>How an image becomes a sequence.</summary>
/// <param name="Order">Which pixel each step reads.</param>
/// <param name="Values">The number for each byte.</param>
sealed record PixelCoding(int[] Order, float[] Values);

/// <summary>Images and their labels as sequences of pixels; training in epochs of shuffled batches, the last of which may be smaller.</summary>
sealed class ImageSequences : ITaskData
{
    /// <summary>Images of an evaluation batch.</summary>
    public const int EvaluationRows = 100;

    /// <summary>Where the images of a split lie: in which pair of files, from which place, and how many.</summary>
    readonly record struct Part(IdxFile Images, IdxFile Labels, int From, int Count);

    readonly int batch;
    readonly PixelCoding coding;
    readonly IReadOnlyDictionary<Split, Part> parts;
    readonly EpochOrder orders;

    ImageSequences(TaskContext context, PixelCoding coding, IReadOnlyDictionary<Split, Part> parts, IReadOnlyDictionary<string, string> provenance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(context.BatchSize, 1);
        (batch, this.coding, this.parts, Provenance) = (context.BatchSize, coding, parts, provenance);
        orders = new EpochOrder(context, parts[Split.Train].Count);
    }

    /// <summary>Reads the four files of a folder.</summary>
    /// <param name="context">The batch and the streams.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="coding">How an image becomes a sequence.</param>
    /// <param name="images">Images to train on; 0 for all.</param>
    /// <param name="evalImages">Images in each of validation and test; 0 for all.</param>
    /// <exception cref="Language.UserError">A file is missing, damaged or of other counts than the published one.</exception>
    public static ImageSequences Read(TaskContext context, string folder, PixelCoding coding, int images, int evalImages)
    {
        var files = DataSets.Mnist.Files.Select((file, i) =>
            IdxFile.Read(folder, file.Name, i % 2 == 0 ? [file.Count, PixelMnist.Side, PixelMnist.Side] : [file.Count])).ToArray();
        foreach (var labels in new[] { files[1], files[3] }) labels.DemandBelow(PixelMnist.Digits);
        var (learnt, tested) = (files[1].Bytes.Length - PixelMnist.Validation, files[3].Bytes.Length);
        var parts = new Dictionary<Split, Part>
        {
            [Split.Train] = new(files[0], files[1], 0, Some(images, learnt)),
            [Split.Valid] = new(files[0], files[1], learnt, Some(evalImages, PixelMnist.Validation)),
            [Split.Test] = new(files[2], files[3], 0, Some(evalImages, tested)),
        };
        return new ImageSequences(context, coding, parts, DataSets.Mnist.Files.Zip(files).ToDictionary(f => f.First.Name, f => f.Second.Sha256));

        static int Some(int wanted, int all) => wanted == 0 ? all : Math.Min(wanted, all);
    }

    public int? BatchesPerEpoch => (parts[Split.Train].Count + batch - 1) / batch;

    public IReadOnlyDictionary<string, string> Provenance { get; }

    public Batch Training(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (epoch, place) = Math.DivRem(index, BatchesPerEpoch!.Value);
        return Of(parts[Split.Train], Piece(orders[epoch], (int)place));
    }

    public IEnumerable<Batch> Evaluation(Split split) =>
        Enumerable.Range(0, parts[split].Count).Chunk(EvaluationRows).Select(places => Of(parts[split], places));

    public void Dispose() { }

    ReadOnlySpan<int> Piece(int[] order, int place) => order.AsSpan(place * batch, Math.Min(batch, order.Length - place * batch));

    Batch Of(Part part, ReadOnlySpan<int> places)
    {
        var (steps, size) = (coding.Order.Length, places.Length);
        var values = new float[steps * size];
        var labels = new int[steps * size];
        var last = new float[steps * size];
        for (var b = 0; b < size; b++)
        {
            var image = part.Images.Bytes.Slice((part.From + places[b]) * steps, steps);
            for (var t = 0; t < steps; t++) values[t * size + b] = coding.Values[image[coding.Order[t]]];
            labels[(steps - 1) * size + b] = part.Labels.Bytes[part.From + places[b]];
            last[(steps - 1) * size + b] = 1;
        }
        return new Batch
        {
            Steps = steps, Size = size, Values = values, Labels = labels, StartsFresh = true,
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = last },
        };
    }
}
