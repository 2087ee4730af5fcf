using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// Turns gradients into updates. Its memory is a table of tensors, so that a checkpoint restores it to the bit; torch's own optimisers keep
/// theirs to themselves. Scalars are held until an update is done: one made for a call could be collected while libtorch still reads it.
/// </summary>
abstract class Optimizer : IDisposable
{
    /// <summary>The optimisers by name.</summary>
    public static IReadOnlyDictionary<string, Func<Settings, Optimizer>> Table { get; } = new Dictionary<string, Func<Settings, Optimizer>>
    {
        ["sgd"]     = s => new Sgd(s.Real("momentum"), s.Flag("nesterov")),
        ["adam"]    = s => new Adam(s.Real("beta1"), s.Real("beta2"), s.Real("epsilon")),
        ["rmsprop"] = s => new RmsProp(s.Real("rms_decay"), s.Real("epsilon"), s.Real("momentum"), s.Real("rms_start")),
        ["adagrad"] = s => new AdaGrad(s.Real("epsilon")),
    };

    readonly SortedDictionary<string, Tensor> memory = new(StringComparer.Ordinal);

    /// <summary>What it remembers, by a name of its own; lives until the optimiser is disposed of.</summary>
    public IReadOnlyDictionary<string, Tensor> Memory => memory;

    /// <summary>Takes over what another of its kind remembered.</summary>
    public void Restore(IEnumerable<KeyValuePair<string, Tensor>> saved)
    {
        foreach (var (name, value) in saved) memory[name] = value.clone().DetachFromDisposeScope();
    }

    /// <summary>Updates the parameters in place.</summary>
    /// <param name="parameters">Those with a gradient are updated.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="step">The number of this update, from 1.</param>
    /// <param name="decay">For a place among the parameters the factor λ of λ/2 |p|², whose gradient joins that of the loss; null for none.</param>
    public void Step(IReadOnlyList<Tensor> parameters, double rate, long step, Func<int, double>? decay = null)
    {
        using var still = no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            if (parameters[i].grad is not { } gradient) continue;
            var factor = decay?.Invoke(i) ?? 0;
            Update(i, parameters[i], factor == 0 ? gradient : gradient.add(parameters[i], factor), rate, step);
        }
    }

    /// <summary>Updates one parameter.</summary>
    protected abstract void Update(int place, Tensor parameter, Tensor gradient, double rate, long step);

    /// <summary>A tensor like the parameter, filled with <paramref name="start"/> at first, that lives on between updates.</summary>
    protected Tensor Remembered(string name, int place, Tensor parameter, double start = 0)
    {
        var key = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}.{place}");
        if (memory.TryGetValue(key, out var value)) return value;
        using Scalar filling = start;
        return memory[key] = full_like(parameter, filling).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in memory.Values) value.Dispose();
        memory.Clear();
    }
}

/// <summary>
/// v = μ v + g, p = p - η v; with μ = 0 plain gradient descent. The momentum of Sutskever et al. 2013, eq. 1 and 2, η outside v; Nesterov's, their
/// eq. 3 and 4, seen from the point that looks ahead: p = p - η (g + μ v).
/// </summary>
sealed class Sgd(double momentum, bool nesterov) : Optimizer
{
    protected override void Update(int place, Tensor parameter, Tensor gradient, double rate, long step)
    {
        using Scalar size = -rate, share = momentum;
        if (momentum == 0) { parameter.add_(gradient, size); return; }
        var velocity = Remembered("velocity", place, parameter).mul_(share).add_(gradient);
        parameter.add_(nesterov ? gradient.add(velocity, share) : velocity, size);
    }
}

/// <summary>Duchi, Hazan and Singer 2011, figure 1 with diagonal matrices: g divided by the root of the sum of its squares so far, ε outside the root.</summary>
sealed class AdaGrad(double epsilon) : Optimizer
{
    protected override void Update(int place, Tensor parameter, Tensor gradient, double rate, long step)
    {
        using Scalar one = 1, size = -rate;
        parameter.addcdiv_(gradient, Remembered("square", place, parameter).addcmul_(gradient, gradient, one).sqrt().add_(epsilon), size);
    }
}

/// <summary>Kingma and Ba 2015, algorithm 1, with the rearrangement of its section 2: the corrections of the bias are in the step size.</summary>
sealed class Adam(double beta1, double beta2, double epsilon) : Optimizer
{
    protected override void Update(int place, Tensor parameter, Tensor gradient, double rate, long step)
    {
        using Scalar first = 1 - beta1, second = 1 - beta2, size = -rate / (1 - Math.Pow(beta1, step));
        var mean = Remembered("mean", place, parameter).mul_(beta1).add_(gradient, first);
        var square = Remembered("square", place, parameter).mul_(beta2).addcmul_(gradient, gradient, second);
        var root = (square / (1 - Math.Pow(beta2, step))).sqrt_().add_(epsilon);
        parameter.addcdiv_(mean, root, size);
    }
}

/// <summary>
/// Tieleman and Hinton 2012, lecture 6e: g divided by the root of its mean square; ε outside the root, as torch has it. The mean square may start
/// above zero, as in the code of Arjovsky et al. 2016, which has no ε.
/// </summary>
sealed class RmsProp(double decay, double epsilon, double momentum, double start) : Optimizer
{
    protected override void Update(int place, Tensor parameter, Tensor gradient, double rate, long step)
    {
        using Scalar share = 1 - decay, size = -rate, one = 1;
        var root = Remembered("square", place, parameter, start).mul_(decay).addcmul_(gradient, gradient, share).sqrt().add_(epsilon);
        if (momentum == 0) parameter.addcdiv_(gradient, root, size);
        else parameter.add_(Remembered("velocity", place, parameter).mul_(momentum).addcdiv_(gradient, root, one), size);
    }
}
