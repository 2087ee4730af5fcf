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
    /// <summary>
    /// Elements that a thread updates at once: the passes over them stay in a core's cache, where those over a whole embedding would not.
    /// </summary>
    const long Piece = 1 << 15;

    /// <summary>The optimisers by name.</summary>
    public static IReadOnlyDictionary<string, Func<Settings, Optimizer>> Table { get; } = new Dictionary<string, Func<Settings, Optimizer>>
    {
        ["sgd"]     = s => new Sgd(s.Real("momentum"), s.Flag("nesterov")),
        ["adam"]    = s => new Adam(s.Real("beta1"), s.Real("beta2"), s.Real("epsilon")),
        ["adamw"]   = s => new Adam(s.Real("beta1"), s.Real("beta2"), s.Real("epsilon"), apart: true),
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
    /// <param name="decay">For a place among the parameters λ of weight decay; null for none.</param>
    /// <param name="mask">For such a place 1 for each element that decays, else 0; null where all do.</param>
    public void Step(IReadOnlyList<Tensor> parameters, double rate, long step, Func<int, double>? decay = null, Func<int, Tensor?>? mask = null)
    {
        using var still = no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            if (parameters[i].grad is not { } gradient) continue;
            if (decay?.Invoke(i) is { } factor and not 0)
                gradient = Decayed(parameters[i], gradient, mask?.Invoke(i) is { } some ? parameters[i] * some : parameters[i], factor, rate);
            Pieces(i, parameters[i], gradient, rate, step);
        }
    }

    /// <summary>What weight decay makes of a gradient: that of λ/2 |p|² joins it. An optimiser may do something to the parameter instead.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">The gradient of the loss.</param>
    /// <param name="shrinking">The parameter, zero where it does not decay.</param>
    /// <param name="decay">λ.</param>
    /// <param name="rate">The learning rate.</param>
    protected virtual Tensor Decayed(Tensor parameter, Tensor gradient, Tensor shrinking, double decay, double rate) => gradient.add(shrinking, decay);

    /// <summary>Updates a large parameter piece by piece; as updates go element by element, to the same bits.</summary>
    void Pieces(int place, Tensor parameter, Tensor gradient, double rate, long step)
    {
        var (count, most) = (parameter.numel(), Piece * get_num_threads());
        if (count <= most || parameter.device_type != DeviceType.CPU || !parameter.is_contiguous())
        {
            Update(parameter, gradient, (name, start) => Remembered(name, place, parameter, start), rate, step);
            return;
        }
        var (all, slope) = (parameter.view(-1), gradient.reshape(-1));
        for (var first = 0L; first < count; first += most)
        {
            using var scope = NewDisposeScope();
            Tensor Part(Tensor whole) => whole.narrow(0, first, Math.Min(most, count - first));
            Update(Part(all), Part(slope), (name, start) => Part(Remembered(name, place, parameter, start).view(-1)), rate, step);
        }
    }

    /// <summary>What an optimiser keeps for a parameter.</summary>
    /// <param name="name">Under which name.</param>
    /// <param name="start">What it is filled with at first.</param>
    protected delegate Tensor Kept(string name, double start = 0);

    /// <summary>Updates one parameter, or a piece of one.</summary>
    /// <param name="parameter">What is updated.</param>
    /// <param name="gradient">Its gradient, of the same shape.</param>
    /// <param name="remembered">By name, a tensor of the same shape that lives on between updates.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="step">The number of this update, from 1.</param>
    protected abstract void Update(Tensor parameter, Tensor gradient, Kept remembered, double rate, long step);

    /// <summary>A tensor like the parameter, filled with <paramref name="start"/> at first, that lives on between updates.</summary>
    Tensor Remembered(string name, int place, Tensor parameter, double start)
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
    protected override void Update(Tensor parameter, Tensor gradient, Kept remembered, double rate, long step)
    {
        using Scalar size = -rate, share = momentum, one = 1;
        if (momentum == 0) { parameter.add_(gradient, size); return; }
        var velocity = remembered("velocity").mul_(share).add_(gradient, one);
        parameter.add_(nesterov ? gradient.add(velocity, share) : velocity, size);
    }
}

/// <summary>Duchi, Hazan and Singer 2011, figure 1 with diagonal matrices: g divided by the root of the sum of its squares so far, ε outside the root.</summary>
sealed class AdaGrad(double epsilon) : Optimizer
{
    protected override void Update(Tensor parameter, Tensor gradient, Kept remembered, double rate, long step)
    {
        using Scalar one = 1, size = -rate, small = epsilon;
        parameter.addcdiv_(gradient, remembered("square").addcmul_(gradient, gradient, one).sqrt().add_(small), size);
    }
}

/// <summary>
/// Kingma and Ba 2015, algorithm 1, with the rearrangement of its section 2: the corrections of the bias are in the step size. With weight decay
/// apart it goes past the gradient and its moments, p = p - η λ p before the step (Loshchilov and Hutter 2019, algorithm 2; their schedule is in η).
/// </summary>
sealed class Adam(double beta1, double beta2, double epsilon, bool apart = false) : Optimizer
{
    protected override Tensor Decayed(Tensor parameter, Tensor gradient, Tensor shrinking, double decay, double rate)
    {
        if (!apart) return base.Decayed(parameter, gradient, shrinking, decay, rate);
        using Scalar size = -rate * decay;
        parameter.add_(shrinking, size);
        return gradient;
    }

    protected override void Update(Tensor parameter, Tensor gradient, Kept remembered, double rate, long step)
    {
        using Scalar kept = beta1, keptSquare = beta2, first = 1 - beta1, second = 1 - beta2, correction = 1 - Math.Pow(beta2, step), small = epsilon,
            size = -rate / (1 - Math.Pow(beta1, step));
        var mean = remembered("mean").mul_(kept).add_(gradient, first);
        var square = remembered("square").mul_(keptSquare).addcmul_(gradient, gradient, second);
        var root = square.div(correction).sqrt_().add_(small);
        parameter.addcdiv_(mean, root, size);
    }
}

/// <summary>
/// Tieleman and Hinton 2012, lecture 6e: g divided by the root of its mean square; ε outside the root, as torch has it. The mean square may start
/// above zero, as in the code of Arjovsky et al. 2016, which has no ε.
/// </summary>
sealed class RmsProp(double decay, double epsilon, double momentum, double start) : Optimizer
{
    protected override void Update(Tensor parameter, Tensor gradient, Kept remembered, double rate, long step)
    {
        using Scalar kept = decay, share = 1 - decay, size = -rate, one = 1, small = epsilon, inertia = momentum;
        var root = remembered("square", start).mul_(kept).addcmul_(gradient, gradient, share).sqrt().add_(small);
        if (momentum == 0) parameter.addcdiv_(gradient, root, size);
        else parameter.add_(remembered("velocity").mul_(inertia).addcdiv_(gradient, root, one), size);
    }
}
