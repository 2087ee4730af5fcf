using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>What came of running a golden case.</summary>
/// <param name="Path">The path that ran it.</param>
/// <param name="Computed">Output, gradients and gates, named as in the file.</param>
/// <param name="ShowsGates">Whether the backend shows gates at all.</param>
sealed record CaseRun(string Path, IReadOnlyDictionary<string, NdArray> Computed, bool ShowsGates)
{
    /// <summary>Whether a tensor of the file must have been computed.</summary>
    public bool Owes(string name) => ShowsGates || !name.StartsWith(GoldenCase.GatePrefix, StringComparison.Ordinal);
}

/// <summary>Runs a golden case forward and backward.</summary>
static class CaseRuns
{
    /// <summary>By the definition of the equations.</summary>
    public static CaseRun Interpreted(GoldenCase golden)
    {
        using var runner = new Interpreter(golden.Model);
        runner.Write(golden.Parameters);
        var run = runner.Run(golden.Input, golden.State, new RunHooks<NdArray> { RecordGates = true, Given = golden.Given.ToDictionary(g => g.Key, g => g.Value.ToArray()) });
        var back = runner.Backward(golden.Cotangent);
        return new CaseRun(runner.Path, Named(run.Output, back.Input, back.Parameters, run.Gates), ShowsGates: true);
    }

    /// <summary>
    /// On a backend. Gates come from a runner of the same backend that shows them; where it has none, as with fused layers, they are left out.
    /// </summary>
    public static CaseRun OnTorch(Catalogs catalogs, GoldenCase golden, string backend, Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var runner = catalogs.Runner(backend, golden.Model, device, dtype, false);
        var parameters = golden.Parameters.ToDictionary(p => p.Key, p => Torch(p.Value));
        using (no_grad()) runner.Write(parameters);
        var (x, state) = (Torch(golden.Input).requires_grad_(true), golden.State?.ToDictionary(s => s.Key, s => Torch(s.Value)));
        var hooks = new RunHooks<Tensor> { Given = golden.Given.ToDictionary(g => g.Key, g => Whole(Tensors.Load(g.Value))) };
        var y = runner.Run(x, state, hooks).Output;
        if (!y.shape.SequenceEqual(golden.Cotangent.Shape.Select(side => (long)side)))
            throw new UserError($"{golden.Name}: grad_y has the shape {golden.Cotangent}, but y is [{string.Join(",", y.shape)}].");
        (y * Torch(golden.Cotangent)).sum().backward();
        var gates = Gates();
        return new CaseRun(runner.Path, Named(Tensors.ToArray(y), Tensors.ToArray(x.grad!), Arrays(runner.ReadGradients()), gates ?? []), gates is not null);

        Dictionary<string, NdArray>? Gates()
        {
            using var showing = Showing();
            if (showing is null) return null;
            using var still = no_grad();
            showing.Write(parameters);
            return Arrays(showing.Run(x, state, hooks with { RecordGates = true }).Gates);
        }

        ISequenceRunner<Tensor>? Showing()
        {
            try { return catalogs.Runner(backend, golden.Model, device, dtype, true); }
            catch (UserError) { return null; }
        }

        Tensor Torch(NdArray array) => Tensors.Of(array, dtype, device);

        Tensor Whole(Tensor given) => given.is_integral() ? given.to(device) : given.to(dtype, device);
    }

    static Dictionary<string, NdArray> Arrays(IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.ToDictionary(t => t.Key, t => Tensors.ToArray(t.Value));

    static Dictionary<string, NdArray> Named(NdArray y, NdArray dx, IReadOnlyDictionary<string, NdArray> parameters,
        IReadOnlyDictionary<string, NdArray> gates) => new(
    [
        KeyValuePair.Create("y", y),
        KeyValuePair.Create("grad.x", dx),
        .. parameters.Select(p => KeyValuePair.Create($"grad.param.{p.Key}", p.Value)),
        .. gates.Select(g => KeyValuePair.Create($"{GoldenCase.GatePrefix}{g.Key}", g.Value)),
    ]);
}
