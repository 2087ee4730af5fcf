namespace RnnBench.Backends.Cpu;

/// <summary>Finds the values that are needed only within a step, and gives them room for one step: they then stay in the caches.</summary>
static class Temporaries
{
    /// <summary>Changes the storages of a plan.</summary>
    public static void Shrink(ScanPlan plan)
    {
        var (forward, back) = (plan.Forward, plan.Backward);
        HashSet<Storage> lasting = [plan.X, forward.Output.Storage, .. plan.States.Values, .. forward.Gates.Select(g => g.Place.Storage), .. Touched(forward.Hoisted)];
        if (back is not null)
        {
            lasting.UnionWith([back.Incoming, .. back.States.Values, .. back.Inputs.Select(x => x.Place.Storage), .. Touched(back.After)]);
            lasting.UnionWith(back.Outers.SelectMany(o => new[] { o.Left.Storage, o.Right.Storage }));
            lasting.UnionWith(Touched(back.Step).Where(s => !s.Late));
        }
        foreach (var s in plan.Storages.Where(s => s is { Kind: BufferKind.Sequence, Margin: 0 } && !lasting.Contains(s))) s.Kind = BufferKind.Ring;
    }

    /// <summary>The storages that some stages read or write.</summary>
    public static IEnumerable<Storage> Touched(IEnumerable<Stage> stages) => stages.SelectMany(Places).Select(place => place.Storage).Distinct();

    /// <summary>The places that a stage reads or writes.</summary>
    public static IEnumerable<Place> Places(Stage stage) => stage switch
    {
        KernelStage x => x.Operands,
        ProductStage x => [x.Operand, x.Target],
        OperatorStage x => [x.Source, x.Target],
        _ => throw new NotSupportedException($"Temporaries does not know {stage.GetType().Name}"),
    };
}
