using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// What is done beside the step itself where the sequences of a batch have unequal lengths. All rows run all steps; a row whose sequence has no
/// such step is put back to the states that it had, so that its values stay finite, and on the way back its derivatives are zero there.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="memory">Where its values lie.</param>
/// <param name="lengths">The real steps of each batch member.</param>
/// <param name="steps">T.</param>
/// <param name="reversed">Whether the scan runs from the last step to the first.</param>
sealed unsafe class UnequalLengths(ScanPlan plan, ScanMemory memory, IReadOnlyList<int> lengths, int steps, bool reversed)
{
    /// <summary>A member's first real step in the order of the scan.</summary>
    int First(int member) => reversed ? steps - lengths[member] : 0;

    /// <summary>One past a member's last real step in the order of the scan.</summary>
    public int End(int member) => reversed ? steps : lengths[member];

    /// <summary>After a step forward: rows that have ended keep their states, rows that have not begun get their initial ones.</summary>
    public void Hold(int step, int from, int to)
    {
        for (var member = from; member < to; member++)
        {
            if (step >= First(member) && step < End(member)) continue;
            foreach (var storage in plan.States.Values)
            {
                Copy(storage, step < End(member) ? -1 : step - 1, step, member);
                if (step + 1 == First(member))
                    for (var lag = 1; lag <= storage.Margin; lag++) Copy(storage, -lag, step + 1 - lag, member);
            }
        }
    }

    /// <summary>Before the way back: whose derivatives arrive later has none yet, and who has no step at all is done.</summary>
    /// <param name="back">The backward plan.</param>
    /// <param name="initial">d loss / d initial states, to be written.</param>
    /// <param name="batch">B.</param>
    public void Start(BackwardPlan back, IReadOnlyDictionary<string, long> initial, int batch)
    {
        for (var member = 0; member < batch; member++)
        {
            if (First(member) == steps) Leave(back, initial, steps, member, batch);
            else if (End(member) < steps) Enter(back, new Dictionary<string, long>(), steps, member, batch);
        }
    }

    /// <summary>After a step back: the derivatives of the final states arrive at a row's end, those of the initial ones leave at its beginning.</summary>
    public void Back(BackwardPlan back, BackwardTensors tensors, int step, int from, int to, int batch)
    {
        for (var member = from; member < to; member++)
        {
            if (step == End(member)) Enter(back, tensors.Final, step, member, batch);
            if (step == First(member) && step > 0) Leave(back, tensors.Initial, step, member, batch);
        }
    }

    /// <summary>Whether a member's initial derivatives have left already before the last step back.</summary>
    public bool HasLeft(int member) => First(member) > 0;

    void Enter(BackwardPlan back, IReadOnlyDictionary<string, long> final, int step, int member, int batch)
    {
        foreach (var (name, ring) in back.States)
            for (var lag = 1; lag <= ring.Margin; lag++)
            {
                var row = Row(ring, step - lag, member);
                new Span<byte>((void*)row, (int)memory.Stride(ring)).Clear();
                if (final.GetValueOrDefault(name) is not 0 and var given) Packing.Rows(Outside(given, name, ring, lag, member, batch), 0, row, 0, 1, Bytes(name));
            }
    }

    void Leave(BackwardPlan back, IReadOnlyDictionary<string, long> initial, int step, int member, int batch)
    {
        foreach (var (name, ring) in back.States)
            for (var lag = 1; lag <= ring.Margin; lag++)
            {
                var row = Row(ring, step - lag, member);
                if (initial.GetValueOrDefault(name) is not 0 and var wanted) Packing.Rows(row, 0, Outside(wanted, name, ring, lag, member, batch), 0, 1, Bytes(name));
                new Span<byte>((void*)row, (int)memory.Stride(ring)).Clear();
            }
    }

    void Copy(Storage storage, int from, int to, int member) =>
        Packing.Rows(Row(storage, from, member), 0, Row(storage, to, member), 0, 1, (long)storage.Columns * plan.Unit.Size);

    long Row(Storage storage, int step, int member) => memory.Address(new Place(storage), memory.Row(step) + member, step, member);

    long Outside(long tensor, string name, Storage ring, int lag, int member, int batch) => tensor + ((long)(ring.Margin - lag) * batch + member) * Bytes(name);

    long Bytes(string state) => (long)plan.Cell.WidthOf(plan.Cell.States.First(s => s.Name == state)).Size * plan.Unit.Size;
}
