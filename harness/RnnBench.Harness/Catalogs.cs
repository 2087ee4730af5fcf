using RnnBench.Language;
using RnnBench.Tasks;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>Makes a model runnable.</summary>
/// <param name="backend">The backend by name, or <c>auto</c>.</param>
/// <param name="model">What to run.</param>
/// <param name="device">Where its parameters lie.</param>
/// <param name="dtype">float32 or float64.</param>
/// <param name="needsGatesOrTaps">Whether runs will record gates or tap states.</param>
public delegate ISequenceRunner<Tensor> RunnerFactory(string backend, Model model, Device device, ScalarType dtype, bool needsGatesOrTaps);

/// <summary>What there is to run, handed in by the program: the harness itself names no cell, task or backend.</summary>
/// <param name="Models">The architectures.</param>
/// <param name="Tasks">The tasks.</param>
/// <param name="Runner">Makes a model runnable.</param>
public sealed record Catalogs(IReadOnlyList<Architecture> Models, IReadOnlyList<TaskEntry> Tasks, RunnerFactory Runner)
{
    /// <summary>Functions of tensors that have golden cases of their own.</summary>
    public IReadOnlyList<MatrixFunction> Functions { get; init; } = [];

    /// <summary>A softmax cross-entropy for the CPU that holds no logits of all rows; used for many classes. Null for none.</summary>
    public SoftmaxLoss? Softmax { get; init; }

    /// <summary>Gives the threads of a run, of that number, the rules of arithmetic that it runs under, until what it returns is disposed. Null leaves them as they are.</summary>
    public Func<int, IDisposable>? Arithmetic { get; init; }

    /// <summary>Has so many threads compute from now on, under these rules until what it returns is disposed.</summary>
    internal IDisposable? OnThreads(int threads)
    {
        set_num_threads(threads);
        return Arithmetic?.Invoke(threads);
    }
}
