namespace RnnBench.Backends.Cpu;

/// <summary>How a buffer's rows are found.</summary>
enum BufferKind
{
    /// <summary>A row for each step and batch member, and some steps before the first.</summary>
    Sequence,
    /// <summary>As a sequence, of which only the last few steps exist.</summary>
    Ring,
    /// <summary>One row for all.</summary>
    Row,
    /// <summary>One row for all, in which values are added up over steps and batch members; each thread has its own.</summary>
    Sum,
}

/// <summary>A block of memory of a plan. How large it is follows from the batch and the steps of a run.</summary>
/// <param name="name">What it is called in listings.</param>
/// <param name="kind">How its rows are found.</param>
/// <param name="index">Its number in the plan.</param>
sealed class Storage(string name, BufferKind kind, int index)
{
    public string Name => name;
    public BufferKind Kind { get; set; } = kind;
    public int Index => index;
    /// <summary>Elements of a row, whole registers.</summary>
    public int Columns { get; set; }
    /// <summary>Steps that are kept before the first; for a ring, how many steps there are less one.</summary>
    public int Margin { get; set; }
    /// <summary>Whether only the backward pass uses it.</summary>
    public bool Late { get; init; }
    /// <summary>Where it lies in another storage, whose values there nobody wants by then; null where it has memory of its own.</summary>
    public Place? Over { get; set; }

    /// <summary>Bytes from one row to the next: an odd number of cache lines where rows are long, because even ones crowd a few sets of the cache.</summary>
    public long Stride(VectorUnit unit)
    {
        var bytes = (long)Columns * unit.Size;
        return bytes >= 512 && bytes % 128 == 0 ? bytes + 64 : bytes;
    }
}

/// <summary>Where a value of the current step lies.</summary>
/// <param name="Storage">The buffer.</param>
/// <param name="Column">Its first column.</param>
/// <param name="Lag">How many steps before the current one.</param>
readonly record struct Place(Storage Storage, int Column = 0, int Lag = 0)
{
    public override string ToString() => Storage.Name + (Column == 0 ? "" : $"+{Column}") + (Storage.Kind is BufferKind.Row or BufferKind.Sum ? "" : Lag == 0 ? "[t]" : $"[t-{Lag}]");
}
