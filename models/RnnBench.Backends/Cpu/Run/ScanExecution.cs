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
/// One run of a scan: forward, and back through time. Batch rows are dealt to threads, and each thread runs all steps of its rows: nothing
/// waits for another thread inside the time loop; a small batch may be dealt by units instead (<see cref="LoopForm"/>). What is done for all steps
/// at once is dealt by rows of the sequence or of the result.
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
    readonly TimeLoop inTime;
    readonly int size;
    TimeSpan loops;

    public ScanExecution(ScanProgram program, ScanPlan plan, int steps, int batch, int threads, IReadOnlyList<int>? lengths = null)
    {
        (this.program, this.plan, unit, this.steps, this.batch) = (program, plan, plan.Unit, steps, batch);
        size = unit.Size;
        // A thread is worth waking for a hundred thousand multiplications or so.
        this.threads = (int)Math.Clamp((long)steps * batch * (program.Count + plan.Storages.Sum(s => s.Columns)) / 100_000, 1, threads);
        memory = new ScanMemory(plan, steps, batch, this.threads, program.Reversed);
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

    /// <summary>Threads that deal the rows of a batch among them.</summary>
    int LoopThreads => Math.Min(threads, batch);

    /// <summary>Units are worth a try where a thread has few rows and there are products to share; a product of many rows keeps a core busy anyway.</summary>
    LoopForm Form() => program.Options.Form ?? (threads > 1 && batch <= 8 * threads && plan.Forward.Step.Any(s => s is ProductStage) ? program.Loops.Next(plan.Key, batch, threads) : LoopForm.Rows);

    /// <summary>Runs the loop of all steps, forward or backward, in the chosen form; the threads of one form go their ways, those of the other meet.</summary>
    void Loops(string phase, Action<int> byRows, Action<int, int, Meeting> byUnits)
    {
        var began = Stopwatch.GetTimestamp();
        if (form == LoopForm.Rows) Team.Run(LoopThreads, byRows);
        else Meeting.Of(threads, byUnits);
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
        if (plan.Forward.Hoisted.Count > 0)
            All("hoisted", threads, part =>
            {
                var (from, to) = Team.Share(steps * batch, part, threads);
                runner.Run(plan.Forward.Hoisted, from, to - from, 0, 0);
            });
        Loops("forward loop", part => inTime.Forward(tensors, part), (part, parts, meeting) => inTime.Forward(tensors, part, parts, meeting));
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
        All("pack back", threads, part =>
        {
            foreach (var (stage, _) in stages) runner.Pack(stage, tensors.Weights, program.Offsets, part, threads);
            if (part == 0) Start(back, tensors);
        });
        if (back.Input is { } input) memory.Bind(input, tensors.Input, (long)plan.Cell.Input.Size * size);
        if (plan.InPlace.Incoming) memory.Bind(back.Incoming, tensors.Output, (long)OutputWidth * size);
        else All("pack back", threads, part => Copy(back.Incoming, OutputWidth, tensors.Output, part));
        Loops("backward loop", part => inTime.Backward(back, tensors, part), (part, parts, meeting) => inTime.Backward(back, tensors, part, parts, meeting));
        Took();
        if (back.After.Count > 0)
            All("after", threads, part =>
            {
                var (from, to) = Team.Share(steps * batch, part, threads);
                runner.Run(back.After, from, to - from, 0, part);
            });
        if (tensors.Input != 0) InputGradient(back, tensors.Input);
        All("weight gradients", threads, part => new GradientTask(plan, memory, program.Offsets, steps, batch).Run(tensors.Gradients, block + bytes + part * scratch, part, threads));
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

    void InputGradient(BackwardPlan back, long target)
    {
        var width = (long)plan.Cell.Input.Size * size;
        var direct = back.Inputs.Where(x => x.Lag == 0).ToArray();
        All("input gradient", threads, part =>
        {
            var (from, to) = Team.Share(steps * batch, part, threads);
            if (direct.Sum(x => x.Width) < plan.Cell.Input.Size) new Span<byte>((void*)(target + from * width), checked((int)((to - from) * width))).Clear();
            foreach (var (_, place, column, count) in direct.Where(x => x.Place.Storage != back.Input))
                Packing.Rows(memory.Address(place, from, 0, 0), memory.Stride(place.Storage), target + from * width + (long)column * size, width, to - from, (long)count * size);
        });
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
