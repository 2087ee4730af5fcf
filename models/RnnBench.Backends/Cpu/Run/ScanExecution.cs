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
    readonly ScanLayout layout;
    readonly int steps, batch, threads, loopThreads, size;
    readonly ScanMemory memory;
    readonly StageRunner runner;
    readonly Aligned forward;
    readonly UnequalLengths? lengths;
    readonly LoopForm form;
    readonly TimeLoop inTime;
    TimeSpan loops;

    public ScanExecution(ScanProgram program, ScanPlan plan, int steps, int batch, int threads, IReadOnlyList<int>? lengths = null)
    {
        (this.program, this.plan, this.steps, this.batch, size) = (program, plan, steps, batch, plan.Unit.Size);
        // A thread is worth waking for a hundred thousand multiplications or so.
        this.threads = (int)Math.Clamp((long)steps * batch * (program.Count + plan.Columns) / 100_000, 1, threads);
        form = Form();
        var shape = new RunShape(plan, steps, batch, this.threads, form);
        (layout, loopThreads) = (program.Layout(shape), shape.LoopThreads);
        memory = new ScanMemory(layout);
        runner = new StageRunner(layout, memory);
        if (lengths is not null && lengths.Any(n => n < steps)) this.lengths = new UnequalLengths(plan, memory, lengths, steps, program.Reversed);
        inTime = new TimeLoop(plan, memory, runner, this.lengths, steps, batch, loopThreads);
        forward = program.Pool.Take(layout.Forward.Bytes);
        memory.Lay(layout.Forward, forward.Address);
    }

    /// <summary>The plan that is run.</summary>
    public ScanPlan Plan => plan;

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

    int OutputWidth => plan.Cell.WidthOf(plan.Cell.Output).Size;

    /// <summary>Runs all steps.</summary>
    public void Forward(ForwardTensors tensors)
    {
        if (plan.InPlace.Input) memory.Bind(plan.X, tensors.X);
        if (plan.InPlace.Output) memory.Bind(plan.Forward.Output.Storage, tensors.Output);
        All("pack", threads, part => Prepare(tensors, part));
        var hoisting = new Hoisting(plan, memory, runner, layout.Blocks);
        Loops("forward", () =>
        {
            if (form == LoopForm.Units)
            {
                Team.Run(threads, hoisting.Run);
                Meeting.Of(threads, (part, parts, meeting) => inTime.Forward(tensors, part, parts, meeting));
            }
            else Team.Run(threads, part =>
            {
                if (part < loopThreads) inTime.Forward(tensors, hoisting, part);
                else hoisting.Run(part);
            });
        });
        if (plan.Key.Training) return;
        Took();
        IsOver = true;
        program.Pool.Return(forward);
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
        foreach (var product in plan.Products) runner.Pack(product, tensors.Weights, program.Offsets, part, threads);
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

    /// <summary>Whether it cannot go back any more: it has done so, or need not.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Goes back through time, once: what the way forward has left is used up on the way.</summary>
    /// <exception cref="InvalidOperationException">It has been done already.</exception>
    public void Backward(BackwardTensors tensors)
    {
        var back = plan.Backward ?? throw new InvalidOperationException("a run without gradients cannot go back");
        if (IsOver) throw new InvalidOperationException($"{plan.Cell.Name}: going back a second time");
        IsOver = true;
        if (plan.InPlace.Input) memory.Bind(plan.X, tensors.X);
        var late = program.Pool.Take(layout.Backward.Bytes + threads * layout.Gradients!.Scratch);
        memory.Lay(layout.Backward, late.Address);
        if (back.Input is { } input) memory.Bind(input, tensors.Input);
        if (plan.InPlace.Incoming) memory.Bind(back.Incoming, tensors.Output);
        All("pack back", threads, part =>
        {
            foreach (var product in plan.BackwardProducts) runner.Pack(product, tensors.Weights, program.Offsets, part, threads);
            if (!plan.InPlace.Incoming) Copy(back.Incoming, OutputWidth, tensors.Output, part);
            if (part == 0) Start(back, tensors);
        });
        var trailing = new Trailing(layout.Blocks, form == LoopForm.Rows ? loopThreads : 0, block =>
        {
            var (row, rows) = memory.Rows(layout.Blocks[block]);
            runner.Run(back.After, row, rows, 0, block);
            if (tensors.Input != 0) InputGradient(back, tensors.Input, row, rows);
        });
        Loops("backward", () =>
        {
            if (form == LoopForm.Units) Meeting.Of(threads, (part, parts, meeting) => inTime.Backward(back, tensors, part, parts, meeting));
            else if (loopThreads == threads) Team.Run(threads, part => trailing.Follow(part, () => inTime.Backward(back, tensors, trailing, part)));
            else Team.Run(loopThreads, part => inTime.Backward(back, tensors, trailing, part));
            if (!trailing.IsDealt) Team.Run(threads, trailing.Run);
        });
        Took();
        if (tensors.Input != 0) LaggedInputGradient(back, tensors.Input);
        var gradients = new GradientTask(layout, memory, tensors.Gradients, late.Address + layout.Backward.Bytes);
        All("weight gradients", threads, gradients.Run);
        program.Pool.Return(late);
        program.Pool.Return(forward);
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
                Packing.Add(plan.Unit, memory.Address(place, memory.Row(step), step, 0), memory.Stride(place.Storage),
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
