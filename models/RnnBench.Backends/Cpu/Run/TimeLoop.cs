using System.Runtime.CompilerServices;
using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>The steps of a scan one after the other, forward and back, in either form (<see cref="LoopForm"/>).</summary>
/// <param name="plan">The plan.</param>
/// <param name="memory">Where its values lie.</param>
/// <param name="runner">What runs its stages.</param>
/// <param name="lengths">What unequal lengths need; null where all are equal.</param>
/// <param name="steps">T.</param>
/// <param name="batch">B.</param>
/// <param name="groups">The threads that rows are dealt to; where units are, sums are still made in these groups of rows.</param>
sealed unsafe class TimeLoop(ScanPlan plan, ScanMemory memory, StageRunner runner, UnequalLengths? lengths, int steps, int batch, int groups)
{
    readonly int size = plan.Unit.Size;

    int OutputWidth => plan.Cell.WidthOf(plan.Cell.Output).Size;

    /// <summary>All steps of one thread's rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(ForwardTensors tensors, Hoisting hoisting, int part)
    {
        var (from, to) = Team.Share(batch, part, groups);
        for (var step = 0; step < steps; step++)
        {
            hoisting.Reach(step, part);
            var row = memory.Row(step) + from;
            runner.Run(plan.Forward.Step, row, to - from, step, from);
            lengths?.Hold(step, from, to);
            Out(tensors, step, from, to);
        }
        Final(tensors, from, to);
    }

    /// <summary>One thread's share of the units for all steps; the first hands out what has been computed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(ForwardTensors tensors, int part, int parts, Meeting meeting)
    {
        for (var step = 0; step < steps; step++)
        {
            runner.RunShare(plan.Forward.Step, memory.Row(step), batch, step, groups, part, parts, meeting);
            if (part == 0) lengths?.Hold(step, 0, batch);
            if (lengths is not null) meeting.Wait();
            if (part == 0) Out(tensors, step, 0, batch);
        }
        if (part == 0) Final(tensors, 0, batch);
    }

    /// <summary>Copies the output and the gates of a step out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Out(ForwardTensors tensors, int step, int from, int to)
    {
        var (width, row) = ((long)OutputWidth * size, memory.Row(step) + from);
        if (!memory.Close(plan.Forward.Output.Storage))                 // else it has been written where it is wanted
            Packing.Rows(memory.Address(plan.Forward.Output, row, step, from), memory.Stride(plan.Forward.Output.Storage), tensors.Output + row * width, width, to - from, width);
        for (var g = 0; g < plan.Forward.Gates.Count; g++)
        {
            var (_, place, columns) = plan.Forward.Gates[g];
            Packing.Rows(memory.Address(place, row, step, from), memory.Stride(place.Storage), tensors.Gates[g] + row * columns * size, (long)columns * size, to - from, (long)columns * size);
        }
    }

    void Final(ForwardTensors tensors, int from, int to)
    {
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

    /// <summary>All steps of one thread's rows, the last first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(BackwardPlan back, BackwardTensors tensors, Trailing trailing, int part)
    {
        var (from, to) = Team.Share(batch, part, groups);
        for (var step = steps - 1; step >= 0; step--)
        {
            foreach (var ring in back.Cleared) Clear(ring, step, from, to);
            runner.Run(back.Step, memory.Row(step) + from, to - from, step, from);
            lengths?.Back(back, tensors, step, from, to, batch);
            trailing.Passed(step);
        }
        Leave(back, tensors, from, to);
    }

    /// <summary>One thread's share of the units for all steps, the last first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(BackwardPlan back, BackwardTensors tensors, int part, int parts, Meeting meeting)
    {
        for (var step = steps - 1; step >= 0; step--)
        {
            if (part == 0) foreach (var ring in back.Cleared) Clear(ring, step, 0, batch);
            if (back.Cleared.Count > 0) meeting.Wait();
            runner.RunShare(back.Step, memory.Row(step), batch, step, groups, part, parts, meeting);
            if (part == 0) lengths?.Back(back, tensors, step, 0, batch, batch);
            if (lengths is not null) meeting.Wait();
        }
        if (part == 0) Leave(back, tensors, 0, batch);
    }

    /// <summary>Copies the derivatives of the initial states out.</summary>
    void Leave(BackwardPlan back, BackwardTensors tensors, int from, int to)
    {
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
}
