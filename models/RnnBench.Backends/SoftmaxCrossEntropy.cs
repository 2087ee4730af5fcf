using RnnBench.Backends.Cpu;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>What a softmax cross-entropy gives for N rows.</summary>
/// <param name="Sum">The weighted sum of the losses, a scalar; it alone has gradients.</param>
/// <param name="Losses">The loss -log p(label) of each row in nats, [N].</param>
/// <param name="Likeliest">The likeliest class of each row, the first of several, [N], 64-bit.</param>
/// <param name="Best">log p of that class, [N].</param>
public sealed record SoftmaxLosses(Tensor Sum, Tensor Losses, Tensor Likeliest, Tensor Best);

/// <summary>
/// A linear layer over classes, softmax and cross-entropy as one function of autograd on the CPU. No tensor of N by V numbers is ever made: the logits
/// of a few rows exist at a time. As the weights of the rows are known, the gradients are formed along with the losses, and no product is made twice.
/// </summary>
public static class SoftmaxCrossEntropy
{
    static readonly MemoryPool pool = new();

    /// <summary>The losses of some rows.</summary>
    /// <param name="x">[N,H], float32 or float64, on the CPU.</param>
    /// <param name="weight">W, [V,H]; may be the embedding of the same words, whose gradients then add up.</param>
    /// <param name="bias">b, [V], or null.</param>
    /// <param name="labels">The right class of each row, [N], 64-bit.</param>
    /// <param name="weights">The weight of each row in the sum, [N], which gets no gradient; null for ones.</param>
    /// <exception cref="ArgumentException">Shapes, types or labels that do not fit.</exception>
    public static SoftmaxLosses Of(Tensor x, Tensor weight, Tensor? bias, Tensor labels, Tensor? weights = null) =>
        Of(x, weight, bias, labels, weights, new CpuOptions());

    internal static SoftmaxLosses Of(Tensor x, Tensor weight, Tensor? bias, Tensor labels, Tensor? weights, CpuOptions options)
    {
        Demand(x.dim() == 2 && weight.dim() == 2 && x.shape[1] == weight.shape[1], "x is [N,H] and the weight [V,H]");
        Demand(bias is null || (bias.dim() == 1 && bias.shape[0] == weight.shape[0]), "the bias is [V]");
        Demand(labels.dtype == ScalarType.Int64 && labels.dim() == 1 && labels.shape[0] == x.shape[0], "there is one 64-bit label a row");
        Demand(weights is null || weights.shape.SequenceEqual(labels.shape), "there is one weight a row");
        Demand(x.dtype is ScalarType.Float32 or ScalarType.Float64 && weight.dtype == x.dtype && (bias is null || bias.dtype == x.dtype), "all are float32 or float64");
        Demand(new[] { x, weight, labels }.All(t => t.device_type == TorchSharp.DeviceType.CPU), "all lie on the CPU");
        using var scope = NewDisposeScope();
        var call = new SoftmaxCall(pool, options, Numbers<long>(labels), weights is null ? [.. Enumerable.Repeat(1.0, (int)x.shape[0])] : Numbers<double>(weights.to(ScalarType.Float64)))
        {
            Wanted = is_grad_enabled() ? (x.requires_grad, weight.requires_grad, bias is { requires_grad: true }) : default,
        };
        Demand(call.Labels.All(label => label >= 0 && label < weight.shape[0]), "labels are from 0 to V - 1");
        // A view stands between a leaf and the function: its gradient is then a tensor of its own, which the leaf takes over instead of copying it.
        var (all, matrix, vector) = (x.contiguous().view(x.shape), weight.contiguous().view(weight.shape), bias?.contiguous().view(-1));
        var sum = call.Wanted == default ? call.Forward(all, matrix, vector) : Apply(call, [call, all, matrix, vector]);
        var rows = call.Rows!;
        Tensor Row(Func<int, double> value) => tensor([.. Enumerable.Range(0, call.Labels.Length).Select(value)]).to(x.dtype).MoveToOuterDisposeScope();
        return new SoftmaxLosses(sum.MoveToOuterDisposeScope(), Row(call.Loss), tensor(rows.Likeliest).MoveToOuterDisposeScope(),
            Row(r => rows.Largest[r] - rows.Normaliser[r]));
    }

    /// <summary>Gives the memory back that was kept for the next call.</summary>
    internal static void Forget() => pool.Dispose();

    static T[] Numbers<T>(Tensor tensor) where T : unmanaged => tensor.detach().contiguous().data<T>().ToArray();

    /// <summary>Applies the function; as in <see cref="CpuScan"/>, what stands in for a gradient that never comes belongs to the node of the graph.</summary>
    static Tensor Apply(SoftmaxCall call, object?[] arguments)
    {
        using var inner = NewDisposeScope();
        var sum = SoftmaxFunction.apply(arguments!);
        sum.MoveToOuterDisposeScope();
        call.Bare?.Dispose();
        foreach (var standIn in inner.DisposablesView.OfType<Tensor>().ToArray()) standIn.DetachFromDisposeScope();
        return sum;
    }

    static void Demand(bool right, string what)
    {
        if (!right) throw new ArgumentException($"softmax cross-entropy: {what}");
    }
}

/// <summary>What one softmax cross-entropy hands from its forward to its backward pass.</summary>
/// <param name="pool">Where memory is borrowed.</param>
/// <param name="options">How it is run.</param>
/// <param name="labels">The right class of each row.</param>
/// <param name="weights">The weight of each row in the sum.</param>
sealed class SoftmaxCall(MemoryPool pool, CpuOptions options, long[] labels, double[] weights)
{
    Tensor?[]? gradients;

    /// <summary>The right class of each row.</summary>
    public long[] Labels => labels;

    /// <summary>Which of x, weight and bias want a gradient.</summary>
    public (bool X, bool Weight, bool Bias) Wanted { get; init; }

    /// <summary>The sum before autograd wrapped it.</summary>
    public Tensor? Bare { get; private set; }

    /// <summary>What the forward pass found.</summary>
    public SoftmaxRows? Rows { get; private set; }

    /// <summary>The loss of a row.</summary>
    public double Loss(int row) => Rows!.Normaliser[row] - Rows.Target[row];

    /// <summary>The weighted sum of the losses; its gradients are formed too.</summary>
    public Tensor Forward(Tensor x, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        gradients = [Gradient(Wanted.X, x), Gradient(Wanted.Weight, weight), Gradient(Wanted.Bias, bias)];
        var problem = new SoftmaxProblem(VectorUnit.Of(x.dtype == ScalarType.Float32 ? typeof(float) : typeof(double), options.Bits), Address(x), Address(weight), Address(bias),
            labels, checked((int)weight.shape[1]), checked((int)weight.shape[0]), options.Threads ?? get_num_threads(), Wanted != default);
        Rows = SoftmaxPass.Run(problem, weights, new SoftmaxGradients(Address(gradients[0]), Address(gradients[1]), Address(gradients[2])), pool);
        // A row without weight adds nothing, whatever its loss.
        var sum = Enumerable.Range(0, labels.Length).Sum(row => weights[row] == 0 ? 0 : weights[row] * Loss(row));
        return Bare = tensor(sum).to(x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The gradients of x, weight and bias; null where one is not wanted. Those of the forward pass are handed out; a second call forms them anew.</summary>
    public List<Tensor?> Backward(Tensor x, Tensor weight, Tensor? bias, Tensor incoming)
    {
        using var scope = NewDisposeScope();
        if (gradients is null) Forward(x, weight, bias);
        var all = gradients!;
        gradients = null;
        if (incoming.ToDouble() is not 1 and var factor)
            foreach (var gradient in all) gradient?.mul_(factor);
        foreach (var gradient in all.OfType<Tensor>())
        {
            scope.Attach(gradient);
            scope.MoveToOuter(gradient);
        }
        return [.. all];
    }

    /// <summary>Room for a gradient. Outside all dispose scopes: it lives until it is handed out, or is collected with the graph.</summary>
    Tensor? Gradient(bool wanted, Tensor? of) =>
        !wanted ? null : (labels.Length == 0 ? zeros_like(of!) : empty_like(of!)).DetachFromDisposeScope();

    /// <summary>Where a contiguous CPU tensor's first element lies; 0 where there is none.</summary>
    static unsafe long Address(Tensor? tensor)
    {
        if (tensor is null || tensor.numel() == 0) return 0;
        fixed (byte* first = tensor.bytes) return (long)first;
    }
}

/// <summary>x, weight and bias to the weighted sum of the losses.</summary>
sealed class SoftmaxFunction : autograd.SingleTensorFunction<SoftmaxFunction>
{
    public override string Name => "SoftmaxCrossEntropy";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (SoftmaxCall)vars[0];
        ctx.save_data("call", call);
        ctx.save_for_backward([.. vars[1..].OfType<Tensor>()]);
        return call.Forward((Tensor)vars[1], (Tensor)vars[2], (Tensor?)vars[3]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor incoming)
    {
        var saved = ctx.get_saved_variables();
        var gradients = ((SoftmaxCall)ctx.get_data("call")).Backward(saved[0], saved[1], saved.ElementAtOrDefault(2), incoming);
        foreach (var tensor in saved.Append(incoming)) tensor.Dispose();
        return [null!, .. gradients.Select(d => d!)];                          // a missing gradient is null for TorchSharp
    }
}
