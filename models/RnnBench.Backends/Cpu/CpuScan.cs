using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// A scan on kernels built for its equations. All that is trained is one flat leaf, so that an optimiser makes few calls; the kernels read it as
/// it is, unless some of the weights are computed.
/// </summary>
sealed class CpuScan : ScanRunner
{
    readonly Scan scan;
    readonly ScanProgram program;
    readonly Tensor flat;
    readonly Dictionary<Parameter, long> places = [];
    readonly Dictionary<Parameter, Tensor> constants;
    readonly bool computes;

    /// <param name="scan">What is run.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="options">How it is run.</param>
    public CpuScan(Scan scan, ScalarType dtype, CpuOptions options)
    {
        this.scan = scan;
        program = new ScanProgram(scan.Cell, dtype == ScalarType.Float32 ? typeof(float) : typeof(double), scan.Reversed, options);
        program.Plan(training: true, gates: false, inputGradient: true);  // an unknown node is an error when the runner is made, not when it runs
        var count = 0L;
        foreach (var q in scan.Cell.Parameters.Where(q => q.Trained))
        {
            places[q] = count;
            count += scan.Cell.CountOf(q);
        }
        flat = new TorchSharp.Modules.Parameter(zeros(count, dtype)).DetachFromDisposeScope();
        constants = scan.Cell.Parameters.Where(q => !q.Trained).ToDictionary(q => q, q => zeros(Shape(q), dtype).DetachFromDisposeScope());
        computes = !scan.Cell.Weights.SequenceEqual(scan.Cell.Parameters);
    }

    /// <summary>Why a model cannot be compiled, or null if it can.</summary>
    public static string? WhyNot(Model model)
    {
        try
        {
            foreach (var scan in model.Scans) Plan(scan);
            return null;
        }
        catch (NotSupportedException e)
        {
            return e.Message;
        }
    }

    /// <summary>The plan of a scan for training in float32 on this machine.</summary>
    /// <exception cref="NotSupportedException">It holds a node that the kernels lack.</exception>
    public static ScanPlan Plan(Scan scan) =>
        new(scan.Cell, new PlanKey(typeof(float), VectorUnit.Widths[0], Training: true, Gates: false, InputGradient: true, LowMemory: false));

    public override IReadOnlyList<Tensor> Trainable => [flat];

    public override IReadOnlyList<Tensor> Constants => [.. constants.Values];

    public override IReadOnlyList<MeasuredChoice> Choices => program.Loops.Made;

    public override Tensor Read(Parameter weight) => Stored(weight).detach();

    public override Tensor ReadGradient(Parameter weight) => constants.TryGetValue(weight, out var constant) ? zeros_like(constant)
        : flat.grad is { } gradient ? View(gradient, weight) : View(zeros_like(flat), weight).detach();

    public override void Write(Parameter weight, Tensor value)
    {
        using var still = no_grad();
        using var stored = Stored(weight).alias();
        stored.copy_(value);
    }

    public override SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        if (hooks.Tap is not null) throw new UserError("The backend cpu shows no single steps; use --backend eager for probes that tap the states.");
        using var scope = NewDisposeScope();
        var states = scan.Cell.States.Select(s => s.Name).ToArray();
        x = Lengths.Masked(x, hooks.Lengths);
        initial = ComputedWeights.Started(scan.Cell, initial, x.shape[1], Stored);
        var call = new ScanCall(program, states, hooks.RecordGates, is_grad_enabled(), x.requires_grad, hooks.Lengths);
        var (weights, input) = (computes ? Weights() : Viewed(flat), Viewed(x.contiguous()));
        Tensor?[] starts = [.. states.Select(s => initial.GetValueOrDefault(s)?.contiguous())];
        var outputs = call.Training ? AutogradCall.Apply(() => ScanFunction.apply([call, weights, input, .. starts]), call.Bare, () => call.Gates.Select(g => g.Value))
            : call.Forward(weights, input, starts);
        outputs[0] = Lengths.Masked(outputs[0], hooks.Lengths);
        var gates = call.Gates.ToDictionary(g => scan.Prefix + g.Name, g => Lengths.Masked(g.Value, hooks.Lengths));
        foreach (var kept in (IEnumerable<Tensor>)[.. outputs, .. gates.Values]) kept.MoveToOuterDisposeScope();
        return new SequenceResult<Tensor>(outputs[0], states.Index().ToDictionary(s => s.Item, s => outputs[1 + s.Index]), gates);
    }

    /// <summary>A view stands between a leaf and the function: its gradient is then a tensor of its own, which the leaf takes over instead of copying it.</summary>
    static Tensor Viewed(Tensor argument) => argument is { is_leaf: true, requires_grad: true } ? argument.view(argument.shape) : argument;

    public override void Dispose()
    {
        flat.Dispose();
        foreach (var constant in constants.Values) constant.Dispose();
        program.Dispose();
    }

    /// <summary>What the kernels read: all weights one after the other, those that are computed among them.</summary>
    Tensor Weights()
    {
        var computed = ComputedWeights.Of(scan.Cell, Stored).ToDictionary();
        return cat([.. scan.Cell.Weights.Select(w => (w is Matrix m && computed.TryGetValue(m, out var value) ? value : Stored(w)).reshape(-1))], 0);
    }

    Tensor Stored(Parameter q) => constants.TryGetValue(q, out var constant) ? constant : View(flat, q);

    Tensor View(Tensor all, Parameter q) => all.narrow(0, places[q], scan.Cell.CountOf(q)).view(Shape(q));

    long[] Shape(Parameter q) => [.. scan.Cell.Shapes[q].Select(side => (long)side.Size)];
}

/// <summary>What one run of a scan hands from its forward to its backward pass.</summary>
/// <param name="program">The scan.</param>
/// <param name="states">The states' names, in order.</param>
/// <param name="gates">Whether gate values are recorded.</param>
/// <param name="training">Whether a backward pass may follow.</param>
/// <param name="inputGradient">Whether x wants a gradient.</param>
/// <param name="lengths">The real steps of each batch member; null for all.</param>
sealed class ScanCall(ScanProgram program, string[] states, bool gates, bool training, bool inputGradient, IReadOnlyList<int>? lengths)
{
    ScanExecution? execution;

    /// <summary>Whether a backward pass may follow.</summary>
    public bool Training => training;

    /// <summary>The outputs before autograd wrapped them.</summary>
    public List<Tensor> Bare { get; } = [];

    /// <summary>The recorded gates.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Gates { get; private set; } = [];

    public List<Tensor> Forward(Tensor weights, Tensor x, Tensor?[] initial)
    {
        var (steps, batch) = (x.shape[0], x.shape[1]);
        var plan = program.Plan(training, gates, inputGradient);
        execution = new ScanExecution(program, plan, checked((int)steps), checked((int)batch), program.Options.Threads ?? get_num_threads(), lengths);
        var cell = program.Cell;
        var output = empty([steps, batch, cell.WidthOf(cell.Output).Size], x.dtype);
        var final = states.Select(s => empty(Shape(plan, s, batch), x.dtype)).ToArray();
        Gates = [.. plan.Forward.Gates.Select(g => (g.Name, empty([steps, batch, g.Width], x.dtype)))];
        execution.Forward(new ForwardTensors(Address(x), Address(weights), Named(initial), Address(output), Named(final), [.. Gates.Select(g => Address(g.Value))]));
        Bare.AddRange([output, .. final]);
        return [output, .. final];
    }

    /// <summary>The gradients of weights, x and initial states; null where none is wanted. A second time, over a graph that was kept, it goes forward again first.</summary>
    public List<Tensor?> Backward(Tensor weights, Tensor x, Tensor?[] initial, IReadOnlyList<Tensor> incoming)
    {
        using var scope = NewDisposeScope();
        if (execution!.IsOver) Forward(weights, x, initial);
        var (run, batch) = (execution, x.shape[1]);
        var whole = incoming.Select(d => d.contiguous()).ToArray();
        var (gradient, input) = (empty_like(weights), inputGradient ? empty_like(x) : null);
        var starts = states.Select((s, i) => initial[i] is null ? null : empty(Shape(run.Plan, s, batch), x.dtype)).ToArray();
        run.Backward(new BackwardTensors(Address(x), Address(weights), Address(whole[0]), Named(whole[1..]), input is null ? 0 : Address(input), Named(starts), Address(gradient)));
        List<Tensor?> all = [gradient, input, .. starts];
        foreach (var tensor in all) tensor?.MoveToOuterDisposeScope();
        return all;
    }

    long[] Shape(ScanPlan plan, string state, long batch)
    {
        var storage = plan.States[state];
        var width = program.Cell.WidthOf(program.Cell.States.First(s => s.Name == state)).Size;
        return storage.Margin == 1 ? [batch, width] : [storage.Margin, batch, width];
    }

    Dictionary<string, long> Named(IEnumerable<Tensor?> tensors) => states.Zip(tensors).Where(s => s.Second is not null).ToDictionary(s => s.First, s => Address(s.Second!));

    /// <summary>Where a contiguous CPU tensor's first element lies.</summary>
    static unsafe long Address(Tensor tensor)
    {
        if (tensor.numel() == 0) return 0;
        fixed (byte* first = tensor.bytes) return (long)first;
    }
}

/// <summary>A whole scan as one function of autograd: weights, x and initial states to the output and the final states.</summary>
sealed class ScanFunction : autograd.MultiTensorFunction<ScanFunction>
{
    public override string Name => "CompiledScan";

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (ScanCall)vars[0];
        var (weights, x) = ((Tensor)vars[1], (Tensor)vars[2]);
        ctx.save_data("call", call);
        Tensor?[] initial = [.. vars[3..].Cast<Tensor?>()];
        ctx.save_for_backward([weights, x, .. initial]);
        return call.Forward(weights, x, initial);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> incoming)
    {
        var saved = ctx.get_saved_variables();
        var gradients = ((ScanCall)ctx.get_data("call")).Backward(saved[0], saved[1], [.. saved[2..]], incoming);
        foreach (var tensor in saved.Concat(incoming)) tensor?.Dispose();
        return [null!, .. gradients.Select(d => d!)];                          // a missing gradient is null for TorchSharp
    }
}
