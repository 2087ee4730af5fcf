using RnnBench.Backends.Cpu;
using RnnBench.Backends.Eager;
using RnnBench.Backends.Library;
using RnnBench.Backends.Modules;
using RnnBench.Backends.Prefix;
using RnnBench.Backends.Reversible;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>A way to run models. All give the same numbers; they differ in what they can do and how fast.</summary>
public sealed class Backend
{
    readonly Func<Stack, string?> cannot;
    readonly Func<Stack, Device, ScalarType, ISequenceRunner<Tensor>> make;

    Backend(string id, string meaning, bool showsSteps, Func<Stack, string?> cannot, Func<Stack, Device, ScalarType, ISequenceRunner<Tensor>> make) =>
        (Id, Meaning, ShowsSteps, this.cannot, this.make) = (id, meaning, showsSteps, cannot, make);

    /// <summary>Its name on the command line.</summary>
    public string Id { get; }
    /// <summary>What it is, in a few words.</summary>
    public string Meaning { get; }
    /// <summary>Whether it can record gates and let a tap see single steps.</summary>
    public bool ShowsSteps { get; }

    /// <summary>The word for "whichever is fastest and right": no backend of its own.</summary>
    public const string Auto = "auto";

    /// <summary>The compiled CPU backend that keeps as little as it can between forward and backward pass.</summary>
    public const string LowMemory = "cpu-low";

    /// <summary>
    /// All of them; a new one is one row. The first is the one that runs every model. A row is about stacks; a <see cref="Module"/> runs on TorchSharp's
    /// operations, and the models inside it on the backend that was asked for.
    /// </summary>
    public static IReadOnlyList<Backend> All { get; } =
    [
        new("eager", "TorchSharp operations with autograd, from the equations", showsSteps: true, model => model.Reversal == Reversal.None ? null : Undoable.WhyNot(model),
            (model, device, dtype) => model.Reversal == Reversal.None
                ? new TorchRunner(model, "eager", device, dtype, scan => new EagerScan(scan, device, dtype))
                : new TorchRunner(model, $"eager: reversible{(model.Reversal == Reversal.FixedPoint ? "" : ", in floating point")}", device, dtype, scan => new ReversibleScan(scan, model.Reversal, device, dtype))),
        new("library", "nn.RNN, nn.LSTM, nn.GRU where the equations are theirs", showsSteps: false,
            model => model.Scans.FirstOrDefault(scan => LibraryModule.For(scan.Cell) is null) is { } scan
                ? $"no layer of the library has the equations of {scan.Cell.Name}" : null,
            (model, device, dtype) => new TorchRunner(model, $"library: {LibraryModule.For(model.Scans[0].Cell)!.Value.Module.Path}", device, dtype,
                scan => new LibraryScan(scan, device, dtype))),
        new("cpu", "kernels built at run time for the equations, on the CPU", showsSteps: false, CpuScan.WhyNot,
            (model, device, dtype) => device.type == TorchSharp.DeviceType.CPU
                ? new TorchRunner(model, model.Scans.Any(scan => InterleavedScan.DilationOf(scan) > 1) ? "cpu: compiled, interleaved" : "cpu: compiled", device, dtype,
                    scan => InterleavedScan.Of(scan, undilated => new CpuScan(undilated, dtype, new CpuOptions())))
                : throw new UserError($"The backend cpu runs on the CPU, not on {device}; use --device cpu, or --backend auto.")),
        new("persistent", "as cpu; each core computes its share of the units and keeps their weights, for batches of a few rows", showsSteps: false, CpuScan.WhyNot,
            (model, device, dtype) => device.type == TorchSharp.DeviceType.CPU
                ? new TorchRunner(model, "cpu: compiled, persistent", device, dtype, scan => new CpuScan(scan, dtype, new CpuOptions { Form = LoopForm.Units }))
                : throw new UserError($"The backend persistent runs on the CPU, not on {device}; use --device cpu.")),
        new(LowMemory, "as cpu; functions are computed anew on the way back, not kept", showsSteps: false, CpuScan.WhyNot,
            (model, device, dtype) => device.type == TorchSharp.DeviceType.CPU
                ? new TorchRunner(model, "cpu: compiled, low memory", device, dtype, scan => new CpuScan(scan, dtype, new CpuOptions { LowMemory = true }))
                : throw new UserError($"The backend {LowMemory} runs on the CPU, not on {device}; use --device cpu.")),
        new("parallel", "TorchSharp operations for all steps at once, states by prefix scans where they are linear in their past", showsSteps: false, ParallelScan.WhyNot,
            (model, device, dtype) => new TorchRunner(model, "parallel: prefix scans", device, dtype, scan => new ParallelScan(scan, device, dtype))),
    ];

    /// <summary>The words that name a backend, <see cref="Auto"/> last.</summary>
    public static IEnumerable<string> Names => [.. All.Select(b => b.Id), Auto];

    /// <summary>Why this backend cannot run a model, or null if it can.</summary>
    /// <param name="model">The model.</param>
    /// <param name="needsGatesOrTaps">Whether gates are recorded or states tapped.</param>
    public string? WhyNot(Model model, bool needsGatesOrTaps = false) =>
        needsGatesOrTaps && !ShowsSteps ? "it shows neither gates nor single steps" : model switch
        {
            Stack { Reversal: Reversal.FixedPoint } when this != All[0] => "its arithmetic in fixed point is that of the backend eager",
            Stack { Reversal: not Reversal.None } when this != All[0] => "its steps are undone by the backend eager",
            Stack stack => cannot(stack),
            Module when this == All[0] => null,
            Module { Insides.Count: 0 } => "it is made of tensor operations, with no cell inside to compile",
            Module module => module.Insides.Values.Select(inside => WhyNot(inside)).FirstOrDefault(why => why is not null),
            _ => $"there is no runner for a {model.GetType().Name}",
        };

    /// <summary>What the compiled CPU backend does for a model, scan by scan: the plan, with the kernels that were generated for it.</summary>
    /// <exception cref="UserError">It cannot run the model.</exception>
    public static string Kernels(Model model)
    {
        if (CpuScan.WhyNot(model) is { } why) throw new UserError($"The backend cpu has no kernels for {model.Text}: {why}.");
        return string.Join('\n', model.Scans.Select(scan => $"{scan.Prefix}{scan.Cell.Name}{(scan.Reversed ? ", from the last step to the first" : "")}\n{CpuScan.Plan(scan).Explain()}"));
    }

    /// <summary>Makes a model runnable. Its parameters are zero until they are written.</summary>
    /// <remarks>
    /// A run disposes what it made on the way and leaves output, states and gates in the caller's dispose scope. A tapped run leaves all of
    /// its tensors there, so that those which the tap keeps stay alive; tap inside a scope.
    /// </remarks>
    /// <param name="backend">One of <see cref="Names"/>.</param>
    /// <param name="model">What is run.</param>
    /// <param name="device">Where.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="needsGatesOrTaps">Whether gates are recorded or states tapped.</param>
    /// <exception cref="UserError">An unknown name, or a backend that cannot run this model.</exception>
    public static ISequenceRunner<Tensor> Create(string backend, Model model, Device device, ScalarType dtype, bool needsGatesOrTaps = false)
    {
        Native.Libtorch.Load();
        if (dtype is not (ScalarType.Float32 or ScalarType.Float64)) throw new UserError($"Models run in float32 or float64, not in {dtype}.");
        var chosen = backend == Auto ? Fastest(model, device, needsGatesOrTaps) : All.FirstOrDefault(b => b.Id == backend)
            ?? throw new UserError($"There is no backend {backend}; there are {string.Join(", ", Names)}.");
        if (chosen.WhyNot(model, needsGatesOrTaps) is { } why)
            throw new UserError($"The backend {backend} cannot run {model.Text}: {why}.\nUse --backend eager, which runs every model, or auto.");
        return model is Module module ? new ModuleRunner(module, device, dtype, inside => Create(backend, inside, device, dtype, needsGatesOrTaps))
            : chosen.make((Stack)model, device, dtype);
    }

    /// <remarks>
    /// On a CPU the compiled kernels where they know every node: they were faster than both others in every cell and shape that
    /// <c>rnnbench bench cells</c> has measured. A rule and not a measurement at each start: the path decides the last bits of a run, and a run
    /// that goes on tomorrow has to take the same path.
    /// </remarks>
    static Backend Fastest(Model model, Device device, bool needsGatesOrTaps)
    {
        var (eager, library, cpu) = (All[0], All[1], All[2]);
        if (model is Module || needsGatesOrTaps) return eager;
        if (device.type == TorchSharp.DeviceType.CPU) return cpu.WhyNot(model) is null ? cpu : eager;
        // A time loop on a GPU waits for a launch at every step; where there need be none, the logarithm of the steps is all there is to wait for.
        return library.WhyNot(model) is null ? library : All.Single(b => b.Id == "parallel") is var parallel && parallel.WhyNot(model) is null ? parallel : eager;
    }
}
