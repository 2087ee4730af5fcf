namespace RnnBench.Backends.Cpu;

/// <summary>
/// Finds values of the way back that can lie where the way forward kept a value which nobody wants once it has been read: a run then takes less memory,
/// and what is written is in the cache already. Going back over the same run once more takes going forward first.
/// </summary>
sealed class Reuse
{
    readonly ScanPlan plan;
    readonly BackwardPlan back;
    readonly HashSet<Storage> lasting;
    readonly HashSet<Place> taken = [];

    Reuse(ScanPlan plan, BackwardPlan back)
    {
        (this.plan, this.back) = (plan, back);
        lasting = [plan.X, .. plan.States.Values];
        if (plan.InPlace.Output) lasting.Add(plan.Forward.Output.Storage);
    }

    /// <summary>Some columns of a storage.</summary>
    readonly record struct Span(Storage Storage, int Column, int Width)
    {
        public bool Meets(Span other) => Storage == other.Storage && Column < other.Column + other.Width && other.Column < Column + Width;
    }

    /// <summary>Says of the storages of a plan which lie over others.</summary>
    public static void Mark(ScanPlan plan)
    {
        if (plan.Backward is { } back) new Reuse(plan, back).Mark();
    }

    void Mark()
    {
        for (var i = 0; i < back.Step.Count; i++)
        {
            if (back.Step[i] is not KernelStage kernel) continue;
            Span[] later = [.. back.Step.Skip(i + 1).Concat(back.After).SelectMany(Spans), .. back.Outers.SelectMany(Spans)];
            foreach (var (at, store) in kernel.Code.Index().Where(c => c.Item is Instruction.Store))
            {
                var target = kernel.Operands[((Instruction.Store)store).Operand];
                if (!MayMove(target, kernel)) continue;
                var place = Loads(kernel, 0, at).FirstOrDefault(place => IsFree(place, kernel, at, later));
                if (place.Storage is null) continue;
                (target.Storage.Over, kernel.Changes) = (place, true);
                taken.Add(place);
            }
        }
    }

    /// <summary>Whether a value has a row for each step and this kernel alone makes it, without reading it.</summary>
    bool MayMove(Place target, KernelStage kernel) =>
        target is { Column: 0, Lag: 0, Storage: { Late: true, Kind: BufferKind.Sequence, Margin: 0 } storage } && storage.Columns == kernel.Columns
        && storage != back.Incoming && storage != back.Input && !Loads(kernel, 0, kernel.Code.Count).Any(place => place.Storage == storage)
        && back.Step.Concat(back.After).Sum(stage => Written(stage).Count(place => place.Storage == storage)) == 1;

    /// <summary>Whether nobody wants what was kept in a place after an instruction of a kernel.</summary>
    bool IsFree(Place place, KernelStage kernel, int at, Span[] later)
    {
        var span = new Span(place.Storage, place.Column, kernel.Columns);
        return place is { Lag: 0, Storage: { Late: false, Kind: BufferKind.Sequence } storage } && !lasting.Contains(storage) && !taken.Contains(place)
            && !Loads(kernel, at, kernel.Code.Count).Contains(place) && !later.Any(span.Meets)
            && kernel.Operands.All(other => other == place || !span.Meets(new Span(other.Storage, other.Column, kernel.Columns)));
    }

    static IEnumerable<Place> Loads(KernelStage kernel, int from, int to) =>
        kernel.Code.Take(to).Skip(from).OfType<Instruction.Load>().Select(load => kernel.Operands[load.Operand]);

    static IEnumerable<Place> Written(Stage stage) => stage switch
    {
        KernelStage x => x.Code.OfType<Instruction.Store>().Select(store => x.Operands[store.Operand]),
        ProductStage x => [x.Target],
        OperatorStage x => [x.Target],
        _ => throw new NotSupportedException($"Reuse does not know {stage.GetType().Name}"),
    };

    /// <summary>What a stage touches; an operator may take any part of its storages.</summary>
    static IEnumerable<Span> Spans(Stage stage) => stage switch
    {
        KernelStage x => x.Operands.Select(place => new Span(place.Storage, place.Column, x.Columns)),
        ProductStage x => [new Span(x.Operand.Storage, x.Operand.Column, x.Depth), new Span(x.Target.Storage, x.Target.Column, x.Columns)],
        OperatorStage x => [new Span(x.Source.Storage, 0, x.Source.Storage.Columns), new Span(x.Target.Storage, 0, x.Target.Storage.Columns)],
        _ => throw new NotSupportedException($"Reuse does not know {stage.GetType().Name}"),
    };

    IEnumerable<Span> Spans(OuterSum outer)
    {
        var (rows, columns) = (plan.Cell.Shapes[outer.Matrix][0].Size, plan.Cell.Shapes[outer.Matrix][1].Size);
        return [new Span(outer.Left.Storage, outer.Left.Column, rows), new Span(outer.Right.Storage, outer.Right.Column, columns)];
    }
}
