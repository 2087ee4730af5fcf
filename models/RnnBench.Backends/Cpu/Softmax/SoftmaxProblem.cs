namespace RnnBench.Backends.Cpu;

/// <summary>Some rows of a softmax.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
/// <param name="Columns">How many in whole registers.</param>
readonly record struct RowBlock(int First, int Count, int Columns);

/// <summary>
/// A linear layer over classes and the right class of each row, cut into pieces: blocks of rows, and of the classes as many at a time as stay in a
/// core's cache. Logits are held as [classes, rows of a block], so that the weights are read where they lie.
/// </summary>
/// <param name="Unit">The arithmetic unit.</param>
/// <param name="X">The address of x, [N,H].</param>
/// <param name="Weight">The address of W, [V,H].</param>
/// <param name="Bias">The address of b, [V]; 0 where there is none.</param>
/// <param name="Labels">The right class of each row.</param>
/// <param name="Width">H.</param>
/// <param name="Classes">V.</param>
/// <param name="MostThreads">How many threads may be used.</param>
/// <param name="Gradients">Whether gradients follow: then the logits of a whole block of rows are kept until it is done.</param>
sealed unsafe record SoftmaxProblem(VectorUnit Unit, long X, long Weight, long Bias, long[] Labels, int Width, int Classes, int MostThreads, bool Gradients)
{
    const int MostRows = 1024, LeastPanels = 2, LeastClasses = 28, MostClasses = 512, WorthAThread = 1 << 20;
    const long HalfCache = 512 << 10, LeastKept = 8 << 20;

    /// <summary>Registers of columns in a panel of the right sides.</summary>
    public const int Panel = 2;

    /// <summary>N.</summary>
    public int Rows => Labels.Length;

    /// <summary>Threads; the number decides the order of sums.</summary>
    public int Threads { get; } = (int)Math.Clamp((long)Labels.Length * Width * Classes / WorthAThread, 1, MostThreads);

    /// <summary>
    /// The blocks of rows: whole panels, dealt out evenly. W is read twice for each, and dW read and written, so the logits that are kept are about half
    /// as large as W.
    /// </summary>
    public IReadOnlyList<RowBlock> Blocks { get; } = BlocksOf(Labels.Length, Panel * Unit.Lanes, Gradients ? Math.Max(LeastKept / ((long)Classes * Unit.Size), Width / 2) : MostRows, Unit);

    static RowBlock[] BlocksOf(int rows, int panel, long most, VectorUnit unit)
    {
        var panels = (rows + panel - 1) / panel;
        var each = (int)Math.Clamp(most / panel, LeastPanels, Math.Max(LeastPanels, MostRows / panel));
        var blocks = new RowBlock[(panels + each - 1) / each];
        for (var i = 0; i < blocks.Length; i++)
        {
            var (from, to) = Team.Share(panels, i, blocks.Length);
            var count = Math.Min(to * panel, rows) - from * panel;
            blocks[i] = new RowBlock(from * panel, count, unit.Pad(count));
        }
        return blocks;
    }

    /// <summary>Rows of the largest block, in whole registers.</summary>
    public int Columns => Blocks.Max(block => block.Columns);

    /// <summary>Bytes of a vector along the rows of a block.</summary>
    public int RowBytes => Columns * Unit.Size;

    /// <summary>Bytes from one class to the next in the logits: an odd number of cache lines, so that they do not compete for one set.</summary>
    public long Stride => (((RowBytes + 63) / 64) | 1) * 64L;

    /// <summary>Classes of a piece, at most: its logits and its weights each take at most half of a second cache of 1 MiB.</summary>
    int Most => (int)Math.Clamp(Math.Min(HalfCache / Stride, HalfCache / ((long)Width * Unit.Size)), LeastClasses, MostClasses);

    /// <summary>The layout of a block of x transposed, [H, rows of the block].</summary>
    PanelLayout Transposed(RowBlock rows) => new(Width, rows.Columns, Panel * Unit.Lanes);

    /// <summary>The classes in pieces of nearly equal size: the first class, the number of classes.</summary>
    public IReadOnlyList<(int First, int Count)> Pieces => pieces ??= Cut();

    (int, int)[]? pieces;

    (int, int)[] Cut()
    {
        var count = Math.Max((Classes + Most - 1) / Most, Math.Min(Classes / LeastClasses, Threads));
        return [.. Enumerable.Range(0, count).Select(i => Team.Share(Classes, i, count)).Select(share => (share.From, share.To - share.From))];
    }

    /// <summary>Classes of the largest piece.</summary>
    public int Largest => Pieces.Max(piece => piece.Count);

    /// <summary>Packs a share of a block of x, transposed.</summary>
    public void PackTransposed(RowBlock rows, long target, int share)
    {
        var layout = Transposed(rows);
        var (from, to) = Team.Share((layout.Columns + layout.Width - 1) / layout.Width, share, Threads);
        var (begin, end) = (from * layout.Width, Math.Min(to * layout.Width, layout.Columns));
        if (begin >= end) return;
        if (end > rows.Count) new Span<byte>((void*)(target + (long)begin * Width * Unit.Size), checked((end - begin) * Width * Unit.Size)).Clear();
        Packing.Pack(Unit, X + (long)(rows.First + begin) * Width * Unit.Size, 1, Width, Width, Math.Min(end, rows.Count) - begin, target, layout, 0, begin);
    }

    /// <summary>The logits of some classes for a block of rows.</summary>
    /// <param name="rows">The block.</param>
    /// <param name="transposed">The block of x, as packed.</param>
    /// <param name="target">[classes, rows of the block].</param>
    /// <param name="first">The first class.</param>
    /// <param name="count">Classes.</param>
    public void Logits(RowBlock rows, long transposed, long target, int first, int count)
    {
        if (Bias != 0)
            for (var c = 0; c < count; c++) Fill(target + c * Stride, Number(Bias + (long)(first + c) * Unit.Size));
        var (bytes, vectors) = ((long)Width * Unit.Size, rows.Columns / Unit.Lanes);
        MatrixProduct.Run(Unit, new Left(Weight + first * bytes, bytes), new Right(transposed, Panel, 0, Width), target, Stride, count, Width, 0, vectors, vectors, Bias == 0);
    }

    /// <summary>Sets a vector along the rows of a block.</summary>
    public void Fill(long target, double value)
    {
        if (Unit.Size == sizeof(float)) new Span<float>((void*)target, Columns).Fill((float)value);
        else new Span<double>((void*)target, Columns).Fill(value);
    }

    /// <summary>Reads an element of a vector along the rows.</summary>
    public double Row(long vector, int row) => Number(vector + (long)row * Unit.Size);

    /// <summary>Writes an element of a vector along the rows.</summary>
    public void WriteRow(long vector, int row, double value) => Write(vector + (long)row * Unit.Size, value);

    /// <summary>Reads an element.</summary>
    public double Number(long at) => Unit.Size == sizeof(float) ? *(float*)at : *(double*)at;

    /// <summary>Writes an element.</summary>
    public void Write(long at, double value)
    {
        if (Unit.Size == sizeof(float)) *(float*)at = (float)value;
        else *(double*)at = value;
    }
}

/// <summary>Deals out a block of memory from its start, in pieces on cache lines.</summary>
struct Dealing(long start)
{
    readonly long start = start;

    /// <summary>Bytes dealt so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The address of the next piece.</summary>
    public long Next(long bytes)
    {
        var address = start + Bytes;
        Bytes += (bytes + 63) / 64 * 64;
        return address;
    }
}
