using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>The functions of matrices behind constraints and initialisations, as golden cases check them.</summary>
public static class ConstraintFunctions
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<MatrixFunction> All { get; } =
    [
        new("svclip", [Setting.Real("lo", null, "the least singular value", min: 0), Setting.Real("hi", null, "the largest singular value", min: 0)],
            (settings, tensors) => Of(tensors, x => settings.Real("lo") <= settings.Real("hi") ? MatrixProjections.ClampSingularValues(x, settings.Real("lo"), settings.Real("hi"))
                : throw new UserError("svclip: lo is above hi; give the smaller bound as lo."))),
        new("np-rnn-init", [Architecture.Hidden], (_, tensors) => Of(tensors, x =>
            tensor(Initializer.NormalisedPositiveDefinite(MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfRowMajor((int)x.shape[0], (int)x.shape[1], x.data<double>())).ToRowMajorArray(), x.shape))),
        new("full-urnn-step", [Architecture.Hidden, Setting.Real("lr", null, "the step size", min: 0)],
            (settings, tensors) => Of(tensors, x => CayleyStep(x, settings.Real("lr")))),
    ];

    static Tensor CayleyStep(Tensor x, double rate)
    {
        if (x.dim() != 3 || x.shape[0] != 4) throw new UserError("full-urnn-step: x is [4,H,H], the real and imaginary parts of U and of the gradient.");
        var moved = MatrixProjections.CayleyStep(MatrixProjections.RealForm(x[0], x[1]), MatrixProjections.RealForm(x[2], x[3]), rate);
        return moved.narrow(1, 0, x.shape[1]).reshape(2, x.shape[1], x.shape[1]);
    }

    static Dictionary<string, StoredTensor> Of(IReadOnlyDictionary<string, StoredTensor> tensors, Func<Tensor, Tensor> function)
    {
        if (!tensors.TryGetValue("x", out var x)) throw new UserError("the case has no tensor x.");
        using var scope = NewDisposeScope();
        return new() { ["y"] = Tensors.Store(function(Tensors.Load(x).to(ScalarType.Float64))) };
    }
}
