using RnnBench.Backends.Cpu;
using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Measuring;

/// <summary>What is measured: a sequence of T steps, a batch of B, I = H.</summary>
/// <param name="Steps">T.</param>
/// <param name="Batch">B.</param>
/// <param name="Hidden">H, the input width too.</param>
public readonly record struct BenchShape(int Steps, int Batch, int Hidden)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Steps}x{Batch}x{Hidden}");

    /// <summary>Reads <c>35x20x200</c>.</summary>
    /// <exception cref="UserError">It is no such text.</exception>
    public static BenchShape Parse(string text) =>
        text.Split('x').Select(part => int.TryParse(part, System.Globalization.CultureInfo.InvariantCulture, out var side) ? side : 0).ToArray() is [> 0 and var t, > 0 and var b, > 0 and var h]
            ? new BenchShape(t, b, h) : throw new UserError($"the shape {text} is not T x B x H; write it as 35x20x200.");
}

/// <summary>One cell at one shape, forward and backward, the gradient of x included.</summary>
/// <param name="Cell">Its notation, or <c>recurrence: sru</c> where the input products are given.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Eager">The backend <c>eager</c>: input products hoisted, gates merged.</param>
/// <param name="Library">nn.LSTM, nn.GRU or nn.RNN as it stands, even where its equations differ; null where there is none.</param>
/// <param name="Cpu">The backend <c>cpu</c>; null where it cannot run the cell.</param>
/// <param name="Flops">Of the matrix products, forward and backward.</param>
/// <param name="Build">Milliseconds that the first run takes beyond a later one: planning the cell and building its kernels.</param>
/// <param name="Phases">Milliseconds of each phase of a run on the backend <c>cpu</c>, the mean over all.</param>
public sealed record CellTiming(string Cell, BenchShape Shape, Timing Eager, Timing? Library, Timing? Cpu, double Flops, double? Build, IReadOnlyDictionary<string, double> Phases)
{
    /// <summary>The backend <c>cpu</c> with the batch dealt by rows, and by units (persistent); null where they were not told apart.</summary>
    public (Timing Rows, Timing Units)? Forms { get; init; }

    /// <summary>GFLOP/s of multiply-adds in registers on all threads, at the median of runs between the others: what the machine could do at that time.</summary>
    public required double Peak { get; init; }

    /// <summary>
    /// Milliseconds, the median, of nothing but copying as many bytes as a run must read and write at least (x twice and dy; y and dx), on all threads, in
    /// turn with the others: the bound of a recurrence without products.
    /// </summary>
    public required double Copy { get; init; }

    /// <summary>The least milliseconds that any way of computing the cell needs on this machine: its products at <see cref="Peak"/>, or <see cref="Copy"/> alone.</summary>
    public double Bound => Math.Max(Flops / Peak / 1e6, Copy);
    /// <summary>How many times faster than eager that would be.</summary>
    public double BoundOverEager => Eager.Median / Bound;

    /// <summary>GFLOP/s of the backend <c>cpu</c> at its median.</summary>
    public double? Gflops => Flops > 0 && Cpu is { } cpu ? Flops / cpu.Median / 1e6 : null;
    /// <summary>The share of <see cref="Peak"/> that the products alone account for.</summary>
    public double? OfPeak => Gflops / Peak;
    /// <summary>How many times faster than eager; medians.</summary>
    public double? OverEager => Eager.Median / Cpu?.Median;
    /// <summary>How many times faster than the library; medians.</summary>
    public double? OverLibrary => Library?.Median / Cpu?.Median;
}

/// <summary>Times cells on the backends, interleaved.</summary>
/// <param name="dtype">Float32 or Float64.</param>
/// <param name="threads">CPU threads, of libtorch and of the kernels.</param>
/// <param name="seconds">For each row.</param>
public sealed class CellBench(ScalarType dtype, int threads, double seconds)
{
    /// <summary>Why a model cannot be measured at a shape, or null if it can: a run that pages to the disk would say nothing.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shape">The shape.</param>
    public string? WhyNot(Stack model, BenchShape shape)
    {
        var cell = model.Scans[0].Cell;
        // Eager keeps about every value of every step, and the gradients of some of them beside it.
        var needed = 2.0 * cell.Nodes.Where(e => e is not (ParameterVector or Constant)).Sum(e => (double)cell.WidthOf(e).Size) * shape.Steps * shape.Batch * (dtype == ScalarType.Float32 ? 4 : 8);
        return needed < 0.5 * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes ? null : FormattableString.Invariant($"it would take about {needed / 1e9:F0} GB");
    }

    /// <summary>Times a model of one scan.</summary>
    /// <param name="model">The model; its input width decides that of x.</param>
    /// <param name="shape">The shape; its hidden size is that of the model.</param>
    /// <param name="forms">Whether to tell the forms of the compiled loop apart.</param>
    public CellTiming Measure(Stack model, BenchShape shape, bool forms = false)
    {
        set_num_threads(threads);
        using var scope = NewDisposeScope();
        var x = rand(shape.Steps, shape.Batch, model.Input, dtype).sub(0.5).requires_grad_();
        var dy = rand(shape.Steps, shape.Batch, model.Output, dtype);
        List<(string Name, ISequenceArm Arm)> arms = [("eager", new RunnerArm(Backend.Create("eager", model, CPU, dtype)))];
        if (LibraryArm.Of(model, dtype) is { } library) arms.Add(("library", library));
        var phases = new PhaseTimes();
        var first = Timing.Once(() =>
        {
            if (CpuScan.WhyNot(model) is not null) return;
            arms.Add(("cpu", Compiled(new CpuOptions { Phases = phases })));
            Step(arms[^1].Arm, x, dy);
        });
        phases.Clear();
        if (forms && arms[^1].Name == "cpu") arms.AddRange([("rows", Compiled(new CpuOptions { Form = LoopForm.Rows })), ("units", Compiled(new CpuOptions { Form = LoopForm.Units }))]);
        var runs = 0;
        using var peak = new PeakLoop(dtype, threads);
        using var copy = new CopyLoop((3L * model.Input + 2L * model.Output) * shape.Steps * shape.Batch * x.element_size(), threads);
        var times = Timing.Interleaved([.. arms.Select(arm => (Action)(() =>
        {
            if (arm.Name == "cpu") runs++;
            Step(arm.Arm, x, dy);
        })), peak.Run, copy.Run], seconds);
        foreach (var (_, arm) in arms) arm.Dispose();
        Timing? Of(string name) => arms.FindIndex(arm => arm.Name == name) is >= 0 and var k ? times[k] : null;
        RunnerArm Compiled(CpuOptions options) => new(new TorchRunner(model, "cpu: compiled", CPU, dtype, scan => new CpuScan(scan, dtype, options)));
        var cost = Cost.Of(model.Scans[0].Cell);
        return new CellTiming(model.Text, shape, Of("eager")!, Of("library"), Of("cpu"),
            3.0 * (cost.HoistedFlops + cost.SequentialFlops) * shape.Steps * shape.Batch, Of("cpu") is { } cpu ? first - cpu.Median : null,
            phases.All.ToDictionary(p => p.Phase, p => p.Time.TotalMilliseconds / runs)) 
        {
            Peak = peak.Flops / times[^2].Median / 1e6,
            Copy = times[^1].Median,
            Forms = Of("units") is { } units ? (Of("rows")!, units) : null,
        };
    }

    static void Step(ISequenceArm arm, Tensor x, Tensor dy)
    {
        using var scope = NewDisposeScope();
        autograd.backward([arm.Run(x)], [dy]);
        x.grad = null;
        arm.Forget();
    }
}
