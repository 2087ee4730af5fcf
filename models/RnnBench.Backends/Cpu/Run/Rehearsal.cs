using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// Plans and runs a small scan in the background, once for each process, while files are still being opened: the runtime has then compiled the planner and
/// the loops, some 1,800 methods, when the first model wants its kernels. They take several times as long as the kernels of a cell.
/// </summary>
static class Rehearsal
{
    static readonly Lazy<Task> begun = new(() => Task.Run(Run));

    /// <summary>Begins, and returns at once; libtorch has been loaded, so that <see cref="Team"/> finds its threads.</summary>
    public static Task Begin() => begun.Value;

    static void Run()
    {
        const int steps = 2, batch = 2, width = 16;
        var scan = ((Stack)Model.Build([new Architecture("rehearsal", _ => new Gated()) { Title = "", Source = "", Family = "" }], Notation.Parse($"rehearsal(hidden={width})"), width)).Scans[0];
        using var program = new ScanProgram(scan.Cell, typeof(float), scan.Reversed, new CpuOptions());
        List<Aligned> memory = [];
        try
        {
            var plan = program.Plan(training: true, gates: false, inputGradient: true);
            var run = new ScanExecution(program, plan, steps, batch, threads: 1);
            var (x, weights, none) = (New(steps * batch * width), New(program.Count), new Dictionary<string, long>());
            run.Forward(new ForwardTensors(x, weights, none, New(steps * batch * width), none, []));
            run.Backward(new BackwardTensors(x, weights, New(steps * batch * width), none, New(steps * batch * width), none, New(program.Count)));
        }
        finally
        {
            memory.ForEach(block => block.Dispose());
        }

        long New(int count)
        {
            memory.Add(new Aligned((long)count * program.Size));
            memory[^1].Clear();
            return memory[^1].Address;
        }
    }

    /// <summary>What most gated cells are made of: products of input and state, both squashing functions, a state that is carried elementwise.</summary>
    sealed class Gated : Cell
    {
        readonly State h = new(), c = new();

        protected override void Equations(Input x)
        {
            var f = Gate("f", σ(W * x[t] + U * h[t-1] + b));
            var g = Let("g", tanh(W * x[t] + U * (f * h[t-1]) + b));
            c[t] = f * c[t-1] + (1 - f) * g;
            h[t] = f * tanh(c[t]);
        }
    }
}
