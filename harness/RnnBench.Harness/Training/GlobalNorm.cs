using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>The gradient of all parameters as one vector: its norm, and clipping by it.</summary>
static class GlobalNorm
{
    /// <summary>Its norm; the squares of the parameters' norms are added in double precision.</summary>
    public static double Of(IEnumerable<Tensor> parameters)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var norms = parameters.Select(p => p.grad).OfType<Tensor>().Select(g => g.norm()).ToArray();
        if (norms.Length == 0) return 0;
        return Math.Sqrt(stack(norms).to(ScalarType.Float64).data<double>().Sum(n => n * n));
    }

    /// <summary>Brings every element into ±<paramref name="largest"/>, without regard to the others (Mikolov 2012); 0 for no clipping.</summary>
    /// <returns>Whether one was beyond it.</returns>
    public static bool ClipEach(IEnumerable<Tensor> parameters, double largest)
    {
        if (largest == 0) return false;
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var gradients = parameters.Select(p => p.grad).OfType<Tensor>().ToArray();
        var beyond = gradients.Any(g => g.numel() > 0 && g.abs().max().to(ScalarType.Float64).item<double>() > largest);
        if (beyond) foreach (var gradient in gradients) gradient.clamp_(-largest, largest);
        return beyond;
    }

    /// <summary>Shortens it to <paramref name="longest"/> where it is longer (Pascanu et al. 2013, algorithm 1); 0 for no clipping.</summary>
    /// <returns>Whether it was shortened.</returns>
    public static bool Clip(IEnumerable<Tensor> parameters, double norm, double longest)
    {
        if (longest == 0 || norm <= longest) return false;
        using var still = no_grad();
        foreach (var parameter in parameters) parameter.grad?.mul_(longest / norm);
        return true;
    }
}
