using RnnBench.Language;

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
/// <param name="Error">The largest absolute difference, divided by the largest absolute element that was expected; NaN counts as infinite.</param>
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
    /// <summary>Checks one file.</summary>
    /// <param name="catalogs">The models and backends.</param>
    /// <param name="file">A golden case in the safetensors format.</param>
    /// <param name="request">How.</param>
    /// <exception cref="UserError">The file is no golden case, its model is not in the catalogue, or the backend cannot run it.</exception>
    public static VerificationResult Run(Catalogs catalogs, string file, VerificationRequest request) => throw new NotImplementedException();
}
