using System.Diagnostics;
using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>Addresses of the tensors of a forward pass; all contiguous.</summary>
/// <param name="X">[T,B,I].</param>
/// <param name="Weights">All parameters, flat.</param>
/// <param name="Initial">For each state [D,B,W], oldest step first; 0 for zeros.</param>
/// <param name="Output">[T,B,O].</param>
/// <param name="Final">For each state [D,B,W].</param>
/// <param name="Gates">For each recorded gate [T,B,W].</param>
sealed record ForwardTensors(long X, long Weights, IReadOnlyDictionary<string, long> Initial, long Output, IReadOnlyDictionary<string, long> Final, IReadOnlyList<long> Gates);

/// <summary>Addresses of the tensors of a backward pass; all contiguous. A state that is missing is zero on the way in and not wanted on the way out, as is an <paramref name="Input"/> of 0.</summary>
/// <param name="X">[T,B,I], as in the forward pass.</param>
/// <param name="Weights">All parameters, as in the forward pass.</param>
/// <param name="Output">d loss / d y [T,B,O].</param>
/// <param name="Final">For each state [D,B,W].</param>
/// <param name="Input">d loss / d x [T,B,I], to be written.</param>
/// <param name="Initial">For each state [D,B,W], to be written.</param>
/// <param name="Gradients">All parameters' gradients, to be written.</param>
sealed record BackwardTensors(long X, long Weights, long Output, IReadOnlyDictionary<string, long> Final, long Input, IReadOnlyDictionary<string, long> Initial, long Gradients);

/// <summary>
/// One run of a scan: forward, and back through time. Batch rows are dealt to threads, and each thread runs all steps of its rows without a barrier
/// among them; a small batch may be dealt by units instead (<see cref="LoopForm"/>). What is done for all steps at once goes piece by piece to
/// whoever is free, and so makes up for cores of unequal speed: what is hoisted to the thread that is ahead, what trails to the one that is through.
/// </summary>
sealed unsafe class ScanExecution
{
    readonly ScanProgram program;
    readonly ScanPlan plan;
    readonly VectorUnit unit;
    readonly int steps, batch, threads;
    readonly ScanMemory memory;
    readonly StageRunner runner;
    readonly Lease forward;
    readonly UnequalLengths? lengths;
    readonly LoopForm form;
    readonly StepBlocks blocks;
    readonly TimeLoop inTime;
    readonly int size;
    TimeSpan loops;

    public ScanExecution(ScanProgram program, ScanPlan plan, int steps, int batch, int threads, IReadOnlyList<int>? lengths = null)
    {
        (this.program, this.plan, unit, this.steps, this.batch) = (program, plan, plan.Unit, steps, batch);
        size = unit.Size;
        // A thread is worth waking for a hundred thousand multiplications or so.
        this.threads = (int)Math.Clamp((long)steps * batch * (program.Count + plan.Storages.Sum(s => s.Columns)) / 100_000, 1, threads);
        blocks = new StepBlocks(steps, batch, BlockRows(plan));
        memory = new ScanMemory(plan, steps, batch, blocks.Count, program.Reversed);
        runner = new StageRunner(plan, memory);
        if (lengths is not null && lengths.Any(n => n < steps)) this.lengths = new UnequalLengths(plan, memory, lengths, steps, program.Reversed);
        form = Form();
        var stages = Products(plan.Forward.Hoisted, plan.Forward.Step);
        inTime = new TimeLoop(plan, memory, runner, this.lengths, steps, batch, LoopThreads);
        forward = program.Pool.Take(memory.Bytes(false, Bound, stages.Select(s => s.Stage)));
        memory.Lay(forward.Memory!.Address, false, Bound, stages);
    }

    /// <summary>The plan that is run.</summary>
    public ScanPlan Plan => plan;

    /// <summary>
    /// Rows in a block of what is done for all steps: as few as keep a core busy, because what is computed for them is then soon at hand again; more
    /// where the weights come from afar each time.
    /// </summary>
    static int BlockRows(ScanPlan plan)
    {
        const int Cache = 1 << 20, Few = 160, Many = 256;
        long Weights(IEnumerable<Stage> stages) => stages.OfType<ProductStage>().Sum(p => (long)p.Depth * p.Columns) * plan.Unit.Size;
        return Math.Max(Weights(plan.Forward.Hoisted), Weights(plan.Backward?.After ?? [])) > Cache ? Many : Few;
    }

    /// <summary>Threads that deal the rows of a batch among them.</summary>
    int LoopThreads => Math.Min(threads, batch);

    /// <summary>Units are worth a try where a thread has few rows and there are products to share; a product of many rows keeps a core busy anyway.</summary>
    LoopForm Form() => program.Options.Form ?? (threads > 1 && batch <= 8 * threads && plan.Forward.Step.Any(s => s is ProductStage) ? program.Loops.Next(plan.Key, batch, threads) : LoopForm.Rows);

    /// <summary>The loop of all steps in the chosen form, and what is done for them in blocks.</summary>
    void Loops(string phase, Action loop)
    {
        var began = Stopwatch.GetTimestamp();
        loop();
        var time = Stopwatch.GetElapsedTime(began);
        loops += time;
        program.Options.Phases?.Add(phase, time);
    }

    bool Bound(Storage s) => s == plan.X && plan.InPlace.Input || s == plan.Forward.Output.Storage && plan.InPlace.Output
        || plan.Backward is { } b && (s == b.Incoming && plan.InPlace.Incoming || s == b.Input);

    int OutputWidth => plan.Cell.WidthOf(plan.Cell.Output).Size;

    List<(ProductStage Stage, int Rows)> Products(IReadOnlyList<Stage> whole, IReadOnlyList<Stage> step) =>
        [.. whole.OfType<ProductStage>().Select(s => (s, steps * batch)), .. step.OfType<ProductStage>().Select(s => (s, form == LoopForm.Rows ? (batch + LoopThreads - 1) / LoopThreads : batch))];

    /// <summary>Runs all steps.</summary>
    public void Forward(ForwardTensors tensors)
    {
        if (plan.InPlace.Input) memory.Bind(plan.X, tensors.X, (long)plan.Cell.Input.Size * size);
        if (plan.InPlace.Output) memory.Bind(plan.Forward.Output.Storage, tensors.Output, (long)OutputWidth * size);
        All("pack", threads, part => Prepare(tensors, part));
        var hoisting = new Hoisting(plan, memory, runner, blocks);
        Loops("forward", () =>
        {
            if (form == LoopForm.Units)
            {
                Team.Run(threads, hoisting.Run);
                Meeting.Of(threads, (part, parts, meeting) => inTime.Forward(tensors, part, parts, meeting));
            }
            else Team.Run(threads, part =>
            {
                if (part < LoopThreads) inTime.Forward(tensors, hoisting, part);
                else hoisting.Run(part);
            });
        });
        if (plan.Key.Training) return;
        Took();
        forward.Return();
    }

    void Took() => program.Loops.Took(plan.Key, batch, threads, form, loops / steps);

    void All(string phase, int count, Action<int> work)
    {
        var began = Stopwatch.GetTimestamp();
        Team.Run(count, work);
        program.Options.Phases?.Add(phase, Stopwatch.GetElapsedTime(began));
    }

    void Prepare(ForwardTensors tensors, int part)
    {
        foreach (var stage in plan.Forward.Hoisted.Concat(plan.Forward.Step).OfType<ProductStage>()) runner.Pack(stage, tensors.Weights, program.Offsets, part, threads);
        if (!plan.InPlace.Input) Copy(plan.X, plan.Cell.Input.Size, tensors.X, part);
        if (part > 0) return;
        foreach (var (vector, place) in plan.Vectors)
            Packing.Rows(tensors.Weights + (long)program.Offsets[vector] * size, 0, memory.Address(place, 0, 0, 0), 0, 1, (long)plan.Cell.CountOf(vector) * size, Padding(place.Storage, plan.Cell.CountOf(vector)));
        foreach (var (constant, place) in plan.Constants) Write(constant.Values, place);
        for (var lag = 1; lag <= plan.X.Margin; lag++) Zero(new Place(plan.X), -lag);
        foreach (var state in plan.Cell.States)
            for (var lag = 1; lag <= plan.States[state.Name].Margin; lag++)
                Start(new Place(plan.States[state.Name]), plan.Cell.WidthOf(state).Size, -lag, tensors.Initial.GetValueOrDefault(state.Name), plan.States[state.Name].Margin - lag);
    }

    void Write(IReadOnlyList<double> numbers, Place place)
    {
        var row = memory.Address(place, 0, 0, 0);
        for (var i = 0; i < place.Storage.Columns; i++)
        {
            var number = i < numbers.Count ? numbers[i] : 0;
            if (size == sizeof(float)) ((float*)row)[i] = (float)number;
            else ((double*)row)[i] = number;
        }
    }

    /// <summary>Goes back through time. It can be done again as long as no other run has taken the memory.</summary>
    /// <exception cref="InvalidOperationException">Another run has taken the memory.</exception>
    public void Backward(BackwardTensors tensors)
    {
        var back = plan.Backward ?? throw new InvalidOperationException("a run without gradients cannot go back");
        if (forward.Memory is null) throw new InvalidOperationException($"{plan.Cell.Name}: going back a second time, after another run has taken the memory of this one");
        forward.Reclaim();
        if (plan.InPlace.Input) memory.Bind(plan.X, tensors.X, (long)plan.Cell.Input.Size * size);
        var stages = Products(back.After, back.Step);
        var scratch = GradientTask.Scratch(plan);
        var bytes = memory.Bytes(true, Bound, stages.Select(s => s.Stage));
        var lease = program.Pool.Take(bytes + threads * scratch);
        var block = lease.Memory!.Address;
        memory.Lay(block, true, Bound, stages);
        if (back.Input is { } input) memory.Bind(input, tensors.Input, (long)plan.Cell.Input.Size * size);
        if (plan.InPlace.Incoming) memory.Bind(back.Incoming, tensors.Output, (long)OutputWidth * size);
        All("pack back", threads, part =>
        {
            foreach (var (stage, _) in stages) runner.Pack(stage, tensors.Weights, program.Offsets, part, threads);
            if (!plan.InPlace.Incoming) Copy(back.Incoming, OutputWidth, tensors.Output, part);
            if (part == 0) Start(back, tensors);
        });
        var trailing = new Trailing(blocks, form == LoopForm.Rows ? LoopThreads : 0, block =>
        {
            var (row, rows) = memory.Rows(blocks[block]);
            runner.Run(back.After, row, rows, 0, block);
            if (tensors.Input != 0) InputGradient(back, tensors.Input, row, rows);
        });
        Loops("backward", () =>
        {
            if (form == LoopForm.Units) Meeting.Of(threads, (part, parts, meeting) => inTime.Backward(back, tensors, part, parts, meeting));
            else if (LoopThreads == threads) Team.Run(threads, part => trailing.Follow(part, () => inTime.Backward(back, tensors, trailing, part)));
            else Team.Run(LoopThreads, part => inTime.Backward(back, tensors, trailing, part));
            if (!trailing.IsDealt) Team.Run(threads, trailing.Run);
        });
        Took();
        if (tensors.Input != 0) LaggedInputGradient(back, tensors.Input);
        var gradients = new GradientTask(plan, memory, program.Offsets, tensors.Gradients, steps * batch, threads, block + bytes, scratch);
        All("weight gradients", threads, gradients.Run);
        lease.Return();
        forward.Return();
    }

    void Start(BackwardPlan back, BackwardTensors tensors)
    {
        foreach (var state in plan.Cell.States)
        {
            var ring = back.States[state.Name];
            for (var lag = 0; lag <= ring.Margin; lag++) Start(new Place(ring), plan.Cell.WidthOf(state).Size, steps - 1 - lag, lag < ring.Margin ? tensors.Final.GetValueOrDefault(state.Name) : 0, ring.Margin - 1 - lag);
        }
        foreach (var (_, place) in back.Vectors)
        {
            var (sums, rows, stride) = memory.Sums(place.Storage);
            new Span<byte>((void*)sums, checked((int)(rows * stride))).Clear();
        }
        lengths?.Start(back, tensors.Initial, batch);
    }

    /// <summary>Copies some rows of the gradient of x out, unless they have been written where they are wanted.</summary>
    void InputGradient(BackwardPlan back, long target, long row, int rows)
    {
        var width = (long)plan.Cell.Input.Size * size;
        if (back.Inputs.Where(x => x.Lag == 0).Sum(x => x.Width) < plan.Cell.Input.Size) new Span<byte>((void*)(target + row * width), checked((int)(rows * width))).Clear();
        foreach (var (_, place, column, count) in back.Inputs.Where(x => x.Lag == 0 && x.Place.Storage != back.Input))
            Packing.Rows(memory.Address(place, row, 0, 0), memory.Stride(place.Storage), target + row * width + (long)column * size, width, rows, (long)count * size);
    }

    /// <summary>Adds what later steps say of the gradient of x.</summary>
    void LaggedInputGradient(BackwardPlan back, long target)
    {
        var width = (long)plan.Cell.Input.Size * size;
        foreach (var (lag, place, column, count) in back.Inputs.Where(x => x.Lag > 0))
            for (var step = lag; step < steps; step++)
                Packing.Add(unit, memory.Address(place, memory.Row(step), step, 0), memory.Stride(place.Storage),
                    target + memory.Row(step - lag) * width + (long)column * size, width, batch, count);
    }

    /// <summary>Copies a tensor [T,B,W] into a storage, one thread's share of it.</summary>
    void Copy(Storage storage, int width, long source, int part)
    {
        var (from, to) = Team.Share(steps * batch, part, threads);
        Packing.Rows(source + (long)from * width * size, (long)width * size, memory.Address(new Place(storage), from, 0, 0), memory.Stride(storage), to - from, (long)width * size, Padding(storage, width));
    }

    /// <summary>Sets a step's rows to those of a tensor [D,B,W] at <paramref name="index"/>, or to zero.</summary>
    void Start(Place place, int width, int step, long source, int index)
    {
        Zero(place, step);
        if (source != 0)
            Packing.Rows(source + (long)index * batch * width * size, (long)width * size, memory.Address(place, memory.Row(step), step, 0), memory.Stride(place.Storage), batch, (long)width * size);
    }

    void Zero(Place place, int step) =>
        new Span<byte>((void*)memory.Address(place, memory.Row(step), step, 0), checked((int)(batch * memory.Stride(place.Storage)))).Clear();

    long Padding(Storage storage, int width) => (long)(storage.Columns - width) * size;
}
