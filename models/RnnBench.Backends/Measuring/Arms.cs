using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Measuring;

/// <summary>One contender: a layer with weights.</summary>
interface ISequenceArm : IDisposable
{
    /// <summary>x [T,B,I] to y [T,B,O].</summary>
    Tensor Run(Tensor x);

    /// <summary>Drops the gradients of the weights.</summary>
    void Forget();
}

/// <summary>A backend of ours, its weights uniform on ±1/√H.</summary>
sealed class RunnerArm : ISequenceArm
{
    readonly ISequenceRunner<Tensor> runner;

    public RunnerArm(ISequenceRunner<Tensor> runner)
    {
        this.runner = runner;
        var bound = 1 / Math.Sqrt(runner.Model.Output);
        using var still = no_grad();
        foreach (var weight in runner.Trainable) nn.init.uniform_(weight, -bound, bound);
    }

    public Tensor Run(Tensor x) => runner.Run(x).Output;

    public void Forget()
    {
        foreach (var weight in runner.Trainable) weight.grad = null;
    }

    public void Dispose() => runner.Dispose();
}

/// <summary>A layer of the library as it stands, two biases and all.</summary>
sealed class LibraryArm(nn.Module layer, Func<Tensor, Tensor> run) : ISequenceArm
{
    static readonly Dictionary<string, Func<int, int, ScalarType, LibraryArm>> layers = new()
    {
        ["lstm"] = (i, h, s) => nn.LSTM(i, h, dtype: s) is var layer ? new(layer, x => layer.call(x, null).Item1) : null!,
        ["gru"] = (i, h, s) => nn.GRU(i, h, dtype: s) is var layer ? new(layer, x => layer.call(x, null).Item1) : null!,
        ["rnn"] = (i, h, s) => nn.RNN(i, h, dtype: s) is var layer ? new(layer, x => layer.call(x, null).Item1) : null!,
    };

    /// <summary>The layer that goes by the model's name; null where there is none, or the model is more than its plain cell.</summary>
    public static LibraryArm? Of(Stack model, ScalarType dtype) =>
        layers.TryGetValue(model.Architecture.Id, out var make) && model.Scans.Count == 1 && !model.Text.Contains('[') ? make(model.Input, model.Output, dtype) : null;

    public Tensor Run(Tensor x) => run(x);

    public void Forget()
    {
        foreach (var weight in layer.parameters()) weight.grad = null;
    }

    public void Dispose() => layer.Dispose();
}
