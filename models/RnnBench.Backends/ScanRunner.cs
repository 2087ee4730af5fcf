using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>One scan of a model as a backend runs it: the weights of one cell, and one pass over a sequence.</summary>
abstract class ScanRunner : IDisposable
{
    /// <summary>What an optimiser updates.</summary>
    public abstract IReadOnlyList<Tensor> Trainable { get; }

    /// <summary>What is stored beside <see cref="Trainable"/> and is not trained.</summary>
    public virtual IReadOnlyList<Tensor> Constants => [];

    /// <summary>What was chosen by measuring in the training steps so far.</summary>
    public virtual IReadOnlyList<MeasuredChoice> Choices => [];

    /// <summary>The value of each weight in the catalogue's layout and sign, as a tensor of the caller's.</summary>
    public abstract Tensor Read(Parameter weight);

    /// <summary>The gradient of each weight in the catalogue's layout and sign, zeros where none arrived; a tensor of the caller's.</summary>
    public abstract Tensor ReadGradient(Parameter weight);

    /// <summary>Sets one weight.</summary>
    public abstract void Write(Parameter weight, Tensor value);

    /// <summary>Runs the cell over a sequence, from its last step to its first if the scan is reversed.</summary>
    /// <remarks>Its tensors, passing ones included, are left to the scope of <see cref="TorchRunner"/>.</remarks>
    /// <param name="x">[T,B,I].</param>
    /// <param name="initial">The state before the first step by name, [B,W] (deep states [D,B,W]); those that are missing are zero.</param>
    /// <param name="hooks">What to do along the way.</param>
    public abstract SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks);

    /// <inheritdoc/>
    public abstract void Dispose();
}
