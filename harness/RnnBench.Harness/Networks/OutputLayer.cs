using RnnBench.Language;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>Losses of some rows of a batch.</summary>
/// <param name="Sum">Their weighted sum, a scalar with gradients.</param>
/// <param name="Each">The loss of each row, [N].</param>
/// <param name="Right">Whether the likeliest class of each row is its label, [N]; null where there are no classes.</param>
sealed record RowLosses(Tensor Sum, Tensor Each, Func<Tensor>? Right);

/// <summary>What turns the output of a model into losses.</summary>
abstract class OutputLayer : IDisposable
{
    /// <summary>With so many classes a fused softmax is faster than one that holds all logits.</summary>
    const int ManyClasses = 256;

    /// <summary>The names and shapes of the parameters that the layer adds, by what the settings say.</summary>
    /// <exception cref="UserError">The settings do not fit the task or the model.</exception>
    public static IReadOnlyList<(string Name, int[] Shape)> ShapesOf(Parts parts)
    {
        var (outputs, width, tied) = (parts.Task.Target.Outputs, parts.Model.Output, parts.Training.Flag("tied"));
        if (AdaptiveSoftmax.IsAsked(parts)) return AdaptiveSoftmax.ShapesOf(parts, new Cutoffs(parts));
        if (!tied) return [("output.W", [outputs, width]), ("output.b", [outputs])];
        if (parts.Vocabulary != outputs) throw new UserError($"tied=true: {parts.Task.Text} does not predict the words that it reads, so no matrix serves for both.");
        if (width != parts.Model.Input) throw new UserError(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"tied=true: the output of {parts.Model.Text} is {width} wide and the embedding {parts.Model.Input}; give --set embedding={width}."));
        return [("output.b", [outputs])];
    }

    /// <summary>The output layer that the settings name.</summary>
    /// <param name="parts">Task, model, settings.</param>
    /// <param name="own">The parameters by name, as <see cref="ShapesOf"/> names them; disposed of with the layer.</param>
    /// <param name="embedding">The embedding; the output matrix too where weights are tied.</param>
    public static OutputLayer Of(Parts parts, IReadOnlyDictionary<string, Tensor> own, Tensor? embedding) => AdaptiveSoftmax.IsAsked(parts)
        ? new AdaptiveSoftmax(parts, own) : new LinearOutput(own, own.GetValueOrDefault("output.W") ?? embedding!, parts);

    protected OutputLayer(IReadOnlyDictionary<string, Tensor> own) => Own = own;

    /// <summary>The layer's parameters, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Own { get; }

    /// <summary>The losses of rows.</summary>
    /// <param name="y">What the model put out, [N,H].</param>
    /// <param name="batch">The targets.</param>
    /// <param name="rows">Which rows of the batch they are; null for all.</param>
    /// <param name="weights">The weight of each row in the sum, [N]; null for ones.</param>
    public abstract RowLosses Losses(Tensor y, Batch batch, long[]? rows, Tensor? weights);

    /// <summary>Says in which order of frequency the words are; only some layers want to know.</summary>
    /// <param name="byFrequency">The ids, the most frequent first.</param>
    public virtual void Sort(Func<IReadOnlyList<int>?> byFrequency) { }

    /// <summary>The softmax for a number of classes on the device of a run.</summary>
    protected static SoftmaxLoss Softmax(Parts parts, long classes) =>
        classes >= ManyClasses && parts.Device.type == DeviceType.CPU && parts.Softmax is { } fused ? fused : PlainSoftmax.Of;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in Own.Values) parameter.Dispose();
    }
}

/// <summary>A linear layer W, b, followed by what the targets ask for: softmax and cross-entropy, squared errors, or independent bits.</summary>
sealed class LinearOutput(IReadOnlyDictionary<string, Tensor> own, Tensor weight, Parts parts) : OutputLayer(own)
{
    readonly SoftmaxLoss softmax = Softmax(parts, weight.shape[0]);
    readonly Tensor bias = own["output.b"];

    /// <summary>The outputs themselves, [N,O].</summary>
    public Tensor Outputs(Tensor y) => nn.functional.linear(y, weight, bias);

    public override RowLosses Losses(Tensor y, Batch batch, long[]? rows, Tensor? weights)
    {
        if (batch.Labels is null)
        {
            var each = Harness.Losses.Each(Outputs(y), batch, rows);
            return new RowLosses((weights is null ? each : each * weights).sum(), each, null);
        }
        var labels = Harness.Losses.Labels(batch, rows).to(y.device);
        var found = softmax(y, weight, bias, labels, weights);
        return new RowLosses(found.Sum, found.Each, () => found.Likeliest().Class.eq(labels));
    }
}
