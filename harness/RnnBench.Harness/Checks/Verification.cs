using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>How a golden case is checked.</summary>
public sealed record VerificationRequest
{
    /// <summary><c>interpreter</c>, or a backend as <see cref="RunnerFactory"/> knows it.</summary>
    public string Backend { get; init; } = "auto";
    /// <summary><c>float64</c> or <c>float32</c>.</summary>
    public string DType { get; init; } = "float64";
    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";
    /// <summary>The largest error that passes; null for 1e-10 in float64 and 1e-4 in float32, the bounds that every backend owes.</summary>
    public double? Tolerance { get; init; }
    /// <summary>Where what was computed is written, as <c>CASE.out.safetensors</c>; null for nowhere.</summary>
    public string? SaveFolder { get; init; }
}

/// <summary>How far a tensor is off.</summary>
/// <param name="Name">Its name in the file: <c>y</c>, <c>grad.x</c>, <c>grad.param.W_i</c>, <c>gate.f</c>.</param>
/// <param name="Error">
/// The largest absolute difference, divided by the largest absolute element that was expected; infinite where it is NaN or the tensor was not
/// computed.
/// </param>
public sealed record TensorError(string Name, double Error);

/// <summary>What came of a golden case.</summary>
/// <param name="Case">The file's name without its ending.</param>
/// <param name="Model">The model's canonical notation.</param>
/// <param name="Path">The path that ran it.</param>
/// <param name="DType">float64 or float32.</param>
/// <param name="Tolerance">The bound.</param>
/// <param name="Errors">Every tensor that the file holds to compare with.</param>
public sealed record VerificationResult(string Case, string Model, string Path, string DType, double Tolerance, IReadOnlyList<TensorError> Errors)
{
    /// <summary>The tensor that is farthest off.</summary>
    public TensorError Worst => Errors.MaxBy(e => e.Error)!;
    /// <summary>Whether every tensor is within the bound.</summary>
    public bool Passed => Errors.All(e => e.Error <= Tolerance);
}

/// <summary>Runs golden cases forward and backward and compares.</summary>
public static class Verification
{
    /// <summary>The word that stands for the interpreter among the backends.</summary>
    public const string Interpreter = "interpreter";

    /// <summary>Checks one file.</summary>
    /// <param name="catalogs">The models and backends.</param>
    /// <param name="file">A golden case in the safetensors format.</param>
    /// <param name="request">How.</param>
    /// <exception cref="UserError">The file is no golden case, its model is not in the catalogue, or the backend cannot run it.</exception>
    public static VerificationResult Run(Catalogs catalogs, string file, VerificationRequest request)
    {
        if (FunctionCase.Read(catalogs, file) is { } function) return function.Check(request);
        var golden = GoldenCase.Read(catalogs, file);
        var dtype = DTypes.Read(request.DType);
        if (request.Backend == Interpreter && dtype != ScalarType.Float64)
            throw new UserError("the interpreter computes in float64 only; give --dtype float64 or another backend.");
        var run = request.Backend != Interpreter ? CaseRuns.OnTorch(catalogs, golden, request.Backend, Parts.DeviceOf(request.Device), dtype)
            : golden.Model is Stack ? CaseRuns.Interpreted(golden)
            : CaseRuns.OnTorch(catalogs, golden, "eager", Parts.DeviceOf("cpu"), dtype) with { Path = "eager, as the interpreter runs cells only" };
        if (request.SaveFolder is { } folder) golden.Save(folder, run.Computed);
        var largest = golden.Expected.Where(e => IsGradient(e.Key)).SelectMany(e => e.Value.Data).Select(Math.Abs).DefaultIfEmpty(0).Max();
        var errors = golden.Expected.Where(e => run.Owes(e.Key)).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => new TensorError(e.Key,
            run.Computed.TryGetValue(e.Key, out var computed) ? Error(e.Value, computed, IsGradient(e.Key) ? largest : 0) : double.PositiveInfinity)).ToList();
        return new VerificationResult(golden.Name, golden.Model.Text, run.Path, request.DType,
            request.Tolerance ?? Bound(dtype), errors);
    }

    /// <summary>What every backend owes.</summary>
    internal static double Bound(ScalarType dtype) => dtype == ScalarType.Float64 ? 1e-10 : 1e-4;

    static bool IsGradient(string name) => name.StartsWith(GoldenCase.GradientPrefix, StringComparison.Ordinal);

    /// <summary>
    /// The largest difference, as a share of the largest element expected; as it is where nothing but zeros is expected. A gradient that is
    /// nothing but the rounding of terms that cancel, such as that of a bias which shifts all weights of an average alike, is measured by the
    /// largest element of all gradients.
    /// </summary>
    internal static double Error(NdArray expected, NdArray computed, double among = 0)
    {
        if (!expected.Shape.SequenceEqual(computed.Shape)) return double.PositiveInfinity;
        if (expected.Data.Length == 0) return 0;
        var worst = expected.Data.Zip(computed.Data, (a, b) => double.IsNaN(a - b) ? double.PositiveInfinity : Math.Abs(a - b)).Max();
        var largest = expected.Data.Max(Math.Abs);
        if (largest < 1e-14 * among) largest = among;
        return largest == 0 ? worst : worst / largest;
    }
}
