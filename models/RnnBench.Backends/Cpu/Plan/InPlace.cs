namespace RnnBench.Backends.Cpu;

/// <summary>
/// Which sequences are read and written in the caller's tensors, whose rows lie close together, rather than copied to rows of whole registers.
/// Kernels and what products read keep to the elements of a row; what a product writes does not.
/// </summary>
/// <param name="Input">x [T,B,I].</param>
/// <param name="Output">y [T,B,O]: only where nothing reads it later, because it then belongs to the caller.</param>
/// <param name="Incoming">d loss / d y [T,B,O].</param>
sealed record InPlace(bool Input, bool Output, bool Incoming)
{
    /// <summary>What a plan allows.</summary>
    public static InPlace Of(ScanPlan plan)
    {
        var (forward, back, width) = (plan.Forward, plan.Backward, plan.Cell.WidthOf(plan.Cell.Output).Size);
        Stage[] later = [.. back?.Step ?? [], .. back?.After ?? []], all = [.. forward.Hoisted, .. forward.Step, .. later];
        var y = forward.Output.Storage;
        var alone = forward.Output is { Storage.Kind: BufferKind.Sequence, Column: 0 } && y != plan.X && y != forward.Slots && !plan.States.Values.Contains(y) && y.Columns == plan.Unit.Pad(width);
        return new InPlace(plan.X.Margin == 0 && KeepsToRows(plan.X),
            alone && !Temporaries.Touched(later).Contains(y) && back?.Outers.Any(o => o.Left.Storage == y || o.Right.Storage == y) != true && (width == y.Columns || KeepsToRows(y)),
            back is not null && (width == back.Incoming.Columns || KeepsToRows(back.Incoming)));

        bool KeepsToRows(Storage s) => !all.OfType<ProductStage>().Any(p => p.Target.Storage == s);
    }
}
