using System.Runtime.CompilerServices;
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
/// waits for another thread inside the time loop. What is done for all steps at once is dealt by rows of the sequence or of the result.
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
    readonly int size;

    public ScanExecution(ScanProgram program, ScanPlan plan, int steps, int batch, int threads, IReadOnlyList<int>? lengths = null)
    {
        (this.program, this.plan, unit, this.steps, this.batch) = (program, plan, plan.Unit, steps, batch);
        size = unit.Size;
        // A thread is worth waking for a hundred thousand multiplications or so.
        this.threads = (int)Math.Clamp((long)steps * batch * (program.Count + plan.Storages.Sum(s => s.Columns)) / 100_000, 1, threads);
        memory = new ScanMemory(plan, steps, batch, this.threads, program.Reversed);
        runner = new StageRunner(plan, memory);
        if (lengths is not null && lengths.Any(n => n < steps)) this.lengths = new UnequalLengths(plan, memory, lengths, steps, program.Reversed);
        var stages = Products(plan.Forward.Hoisted, plan.Forward.Step);
        forward = program.Pool.Take(memory.Bytes(false, Bound, stages.Select(s => s.Stage)));
        memory.Lay(forward.Memory!.Address, false, Bound, stages);
    }

    /// <summary>The plan that is run.</summary>
    public ScanPlan Plan => plan;

    int LoopThreads => Math.Min(threads, batch);

    /// <summary>Whether x is read where it is: no kernel needs whole registers of it, nor the steps before the first.</summary>
    bool InputInPlace => plan.X.Margin == 0 && !plan.CutsInput && (plan.Cell.Input.Size == plan.X.Columns || !plan.Key.Training && !plan.ReadsInput);

    bool Bound(Storage s) => s == plan.X && InputInPlace || plan.Backward is { } b && s == b.Incoming && OutputWidth == b.Incoming.Columns;

    int OutputWidth => plan.Cell.WidthOf(plan.Cell.Output).Size;

    List<(ProductStage Stage, int Rows)> Products(IReadOnlyList<Stage> whole, IReadOnlyList<Stage> step) =>
        [.. whole.OfType<ProductStage>().Select(s => (s, steps * batch)), .. step.OfType<ProductStage>().Select(s => (s, (batch + LoopThreads - 1) / LoopThreads))];

    /// <summary>Runs all steps.</summary>
    public void Forward(ForwardTensors tensors)
    {
        if (InputInPlace) memory.Bind(plan.X, tensors.X, (long)plan.Cell.Input.Size * size);
        Team.Run(threads, part => Prepare(tensors, part));
        if (plan.Forward.Hoisted.Count > 0)
            Team.Run(threads, part =>
            {
                var (from, to) = Team.Share(steps * batch, part, threads);
                runner.Run(plan.Forward.Hoisted, from, to - from, 0, 0);
            });
        Team.Run(LoopThreads, part => Loop(tensors, part));
        if (!plan.Key.Training) forward.Return();
    }

    void Prepare(ForwardTensors tensors, int part)
    {
        foreach (var stage in plan.Forward.Hoisted.Concat(plan.Forward.Step).OfType<ProductStage>()) runner.Pack(stage, tensors.Weights, program.Offsets, part, threads);
        if (!InputInPlace) Copy(plan.X, plan.Cell.Input.Size, tensors.X, part);
        if (part > 0) return;
        foreach (var (vector, place) in plan.Vectors)
            Packing.Rows(tensors.Weights + (long)program.Offsets[vector] * size, 0, memory.Address(place, 0, 0, 0), 0, 1, (long)plan.Cell.CountOf(vector) * size, Padding(place.Storage, plan.Cell.CountOf(vector)));
        for (var lag = 1; lag <= plan.X.Margin; lag++) Zero(new Place(plan.X), -lag);
        foreach (var state in plan.Cell.States)
            for (var lag = 1; lag <= plan.States[state.Name].Margin; lag++)
                Start(new Place(plan.States[state.Name]), plan.Cell.WidthOf(state).Size, -lag, tensors.Initial.GetValueOrDefault(state.Name), plan.States[state.Name].Margin - lag);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Loop(ForwardTensors tensors, int part)
    {
        var (from, to) = Team.Share(batch, part, LoopThreads);
        var width = (long)OutputWidth * size;
        for (var step = 0; step < steps; step++)
        {
            var row = memory.Row(step) + from;
            runner.Run(plan.Forward.Step, row, to - from, step, from);
            lengths?.Hold(step, from, to);
            Packing.Rows(memory.Address(plan.Forward.Output, row, step, from), memory.Stride(plan.Forward.Output.Storage), tensors.Output + row * width, width, to - from, width);
            for (var g = 0; g < plan.Forward.Gates.Count; g++)
            {
                var (_, place, columns) = plan.Forward.Gates[g];
                Packing.Rows(memory.Address(place, row, step, from), memory.Stride(place.Storage), tensors.Gates[g] + row * columns * size, (long)columns * size, to - from, (long)columns * size);
            }
        }
        foreach (var state in plan.Cell.States)
        {
            var (storage, target) = (plan.States[state.Name], tensors.Final.GetValueOrDefault(state.Name));
            if (lengths is null) States(storage, state, steps, target, from, to);
            else for (var member = from; member < to; member++) States(storage, state, lengths.End(member), target, member, member + 1);
        }
    }

    /// <summary>Copies the last steps of a state, before step <paramref name="end"/>, out to a tensor [D,B,W].</summary>
    void States(Storage storage, State state, int end, long target, int from, int to)
    {
        if (target == 0) return;
        var width = (long)plan.Cell.WidthOf(state).Size * size;
        for (var lag = 1; lag <= storage.Margin; lag++)
            Packing.Rows(memory.Address(new Place(storage), memory.Row(end - lag) + from, end - lag, from), memory.Stride(storage),
                target + ((long)(storage.Margin - lag) * batch + from) * width, width, to - from, width);
    }

    /// <summary>Goes back through time. It can be done again as long as no other run has taken the memory.</summary>
    /// <exception cref="InvalidOperationException">Another run has taken the memory.</exception>
    public void Backward(BackwardTensors tensors)
    {
        var back = plan.Backward ?? throw new InvalidOperationException("a run without gradients cannot go back");
        if (forward.Memory is null) throw new InvalidOperationException($"{plan.Cell.Name}: going back a second time, after another run has taken the memory of this one");
        forward.Reclaim();
        if (InputInPlace) memory.Bind(plan.X, tensors.X, (long)plan.Cell.Input.Size * size);
        var stages = Products(back.After, back.Step);
        var scratch = GradientTask.Scratch(plan);
        var bytes = memory.Bytes(true, Bound, stages.Select(s => s.Stage));
        var lease = program.Pool.Take(bytes + threads * scratch);
        var block = lease.Memory!.Address;
        memory.Lay(block, true, Bound, stages);
        Team.Run(threads, part =>
        {
            foreach (var (stage, _) in stages) runner.Pack(stage, tensors.Weights, program.Offsets, part, threads);
            if (part == 0) Start(back, tensors);
        });
        if (Bound(back.Incoming)) memory.Bind(back.Incoming, tensors.Output, (long)OutputWidth * size);
        else Team.Run(threads, part => Copy(back.Incoming, OutputWidth, tensors.Output, part));
        Team.Run(LoopThreads, part => LoopBack(back, tensors, part));
        if (back.After.Count > 0)
            Team.Run(threads, part =>
            {
                var (from, to) = Team.Share(steps * batch, part, threads);
                runner.Run(back.After, from, to - from, 0, part);
            });
        if (tensors.Input != 0) InputGradient(back, tensors.Input);
        Team.Run(threads, part => new GradientTask(plan, memory, program.Offsets, steps, batch).Run(tensors.Gradients, block + bytes + part * scratch, part, threads));
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void LoopBack(BackwardPlan back, BackwardTensors tensors, int part)
    {
        var (from, to) = Team.Share(batch, part, LoopThreads);
        for (var step = steps - 1; step >= 0; step--)
        {
            foreach (var ring in back.Cleared) Clear(ring, step, from, to);
            runner.Run(back.Step, memory.Row(step) + from, to - from, step, from);
            lengths?.Back(back, tensors, step, from, to, batch);
        }
        foreach (var state in plan.Cell.States)
        {
            var (ring, target) = (back.States[state.Name], tensors.Initial.GetValueOrDefault(state.Name));
            if (lengths is null) States(ring, state, 0, target, from, to);
            else for (var member = from; member < to; member++) if (!lengths.HasLeft(member)) States(ring, state, 0, target, member, member + 1);
        }
    }

    void Clear(Storage ring, int step, int from, int to)
    {
        var address = memory.Address(new Place(ring, 0, ring.Margin), 0, step, from);
        new Span<byte>((void*)address, checked((int)((to - from) * memory.Stride(ring)))).Clear();
    }

    void InputGradient(BackwardPlan back, long target)
    {
        var width = (long)plan.Cell.Input.Size * size;
        var direct = back.Inputs.Where(x => x.Lag == 0).ToArray();
        Team.Run(threads, part =>
        {
            var (from, to) = Team.Share(steps * batch, part, threads);
            if (direct.Sum(x => x.Width) < plan.Cell.Input.Size) new Span<byte>((void*)(target + from * width), checked((int)((to - from) * width))).Clear();
            foreach (var (_, place, column, count) in direct)
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
