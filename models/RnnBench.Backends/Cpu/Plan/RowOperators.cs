using System.Numerics;
using System.Runtime.CompilerServices;
using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>What is done to whole rows, between the elementwise kernels: it mixes the elements of a row, or moves them.</summary>
abstract record RowOperator
{
    /// <summary>Runs it over rows; strides in bytes.</summary>
    public void Run(VectorUnit unit, long source, long sourceStride, long target, long targetStride, int rows)
    {
        for (var row = 0; row < rows; row++, source += sourceStride, target += targetStride)
        {
            if (unit.Size == sizeof(float)) Row<float>(source, target);
            else Row<double>(source, target);
        }
    }

    void Row<T>(long source, long target) where T : unmanaged, IBinaryFloatingPointIeee754<T> => Row(new Elements<T>(source), new Elements<T>(target));

    /// <summary>What happens to one row.</summary>
    protected abstract void Row<T>(Elements<T> source, Elements<T> target) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The elements of a row in native memory.</summary>
    protected readonly unsafe struct Elements<T>(long start) where T : unmanaged
    {
        public Span<T> Part(int from, int count) => new((T*)start + from, count);
    }
}

/// <summary>Copies some elements to another column.</summary>
/// <param name="To">The first column.</param>
/// <param name="Width">How many.</param>
sealed record CopyColumns(int To, int Width) : RowOperator
{
    protected override void Row<T>(Elements<T> source, Elements<T> target) => source.Part(0, Width).CopyTo(target.Part(To, Width));
}

/// <summary>A number in some columns.</summary>
/// <param name="Number">The number.</param>
/// <param name="To">The first column.</param>
/// <param name="Width">How many.</param>
sealed record FillColumns(double Number, int To, int Width) : RowOperator
{
    protected override void Row<T>(Elements<T> source, Elements<T> target) => target.Part(To, Width).Fill(T.CreateTruncating(Number));
}

/// <summary>The mean of a row in all its columns.</summary>
/// <param name="Width">The row's width.</param>
sealed record MeanOfRow(int Width) : RowOperator
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Row<T>(Elements<T> source, Elements<T> target)
    {
        var sum = T.Zero;
        foreach (var element in source.Part(0, Width)) sum += element;
        target.Part(0, Width).Fill(sum / T.CreateTruncating(Width));
    }
}

/// <summary>exp of each element of a row over the sum of all.</summary>
/// <param name="Width">The row's width.</param>
sealed record SoftmaxOfRow(int Width) : RowOperator
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Row<T>(Elements<T> source, Elements<T> target)
    {
        var from = source.Part(0, Width);
        var to = target.Part(0, Width);
        var (largest, sum) = (T.NegativeInfinity, T.Zero);
        foreach (var element in from) largest = T.Max(largest, element);
        for (var k = 0; k < Width; k++) sum += to[k] = T.Exp(from[k] - largest);
        for (var k = 0; k < Width; k++) to[k] /= sum;
    }
}

/// <summary>Each block of a row several times.</summary>
/// <param name="Side">The elements of a block.</param>
/// <param name="Blocks">The number of blocks.</param>
/// <param name="Count">How often each stands in the result.</param>
sealed record SpreadRow(int Side, int Blocks, int Count) : RowOperator
{
    protected override void Row<T>(Elements<T> source, Elements<T> target)
    {
        for (var block = 0; block < Blocks; block++)
        {
            var from = source.Part(block * Side, Side);
            var to = target.Part(block * Side * Count, Side * Count);
            if (Side == 1) to.Fill(from[0]);
            else for (var k = 0; k < Count; k++) from.CopyTo(to[(k * Side)..]);
        }
    }
}

/// <summary>Blocks of a row that stand several times, added up.</summary>
/// <param name="Side">The elements of a block.</param>
/// <param name="Blocks">The number of blocks of the result.</param>
/// <param name="Count">How many are added up into each.</param>
sealed record FoldRow(int Side, int Blocks, int Count) : RowOperator
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Row<T>(Elements<T> source, Elements<T> target)
    {
        for (var block = 0; block < Blocks; block++)
        {
            var from = source.Part(block * Side * Count, Side * Count);
            var to = target.Part(block * Side, Side);
            if (Side == 1) to[0] = Sum<T>(from);
            else
            {
                from[..Side].CopyTo(to);
                for (var k = 1; k < Count; k++) Add<T>(to, from.Slice(k * Side, Side));
            }
        }
    }

    static void Add<T>(Span<T> to, ReadOnlySpan<T> from) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var k = 0;
        for (; k <= to.Length - Vector<T>.Count; k += Vector<T>.Count) (new Vector<T>(to[k..]) + new Vector<T>(from[k..])).CopyTo(to[k..]);
        for (; k < to.Length; k++) to[k] += from[k];
    }

    static T Sum<T>(ReadOnlySpan<T> from) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (k, wide, other) = (0, Vector<T>.Zero, Vector<T>.Zero);         // two sums at a time, because an addition takes several cycles
        for (; k <= from.Length - 2 * Vector<T>.Count; k += 2 * Vector<T>.Count)
        {
            wide += new Vector<T>(from[k..]);
            other += new Vector<T>(from[(k + Vector<T>.Count)..]);
        }
        for (; k <= from.Length - Vector<T>.Count; k += Vector<T>.Count) wide += new Vector<T>(from[k..]);
        var sum = System.Numerics.Vector.Sum(wide + other);
        for (; k < from.Length; k++) sum += from[k];
        return sum;
    }
}

/// <summary>How a node that mixes or moves elements is done.</summary>
/// <param name="Operand">What is read; null for nothing.</param>
/// <param name="Width">The operand's width.</param>
/// <param name="Operator">What is done to it.</param>
sealed record OperatorPart(Expr? Operand, int Width, RowOperator Operator);

/// <summary>The nodes that row operators stand for: one arm a node.</summary>
static class RowOperators
{
    /// <summary>Whether a node is done by row operators, or is a view into another value.</summary>
    public static bool Has(Expr e) => e is Mean or Softmax or Concat or Slice or Spread or Fold;

    /// <summary>The elements that a node takes of a value as they stand there: its first column, or null if it is no such node.</summary>
    public static int? View(Expr e) => e is Slice x ? x.Before : null;

    /// <summary>What a node does to its operands, part by part.</summary>
    /// <param name="e">The node.</param>
    /// <param name="width">The width of a node.</param>
    public static IReadOnlyList<OperatorPart> Parts(Expr e, Func<Expr, int> width) => e switch
    {
        Mean x => [new(Sums.Core(x.Operand), width(x.Operand), new MeanOfRow(width(x.Operand)))],
        Softmax x => [new(Sums.Core(x.Operand), x.Width.Size, new SoftmaxOfRow(x.Width.Size))],
        Concat x => [.. Columns(x).Select(part => Sums.Core(part.Value) is Constant c
            ? new OperatorPart(null, part.Width, new FillColumns(c.Value, part.Column, part.Width))
            : new OperatorPart(Sums.Core(part.Value), part.Width, new CopyColumns(part.Column, part.Width)))],
        Slice x => [new(Sums.Core(x.Operand), x.Before + x.Width.Size + x.After, new CopyColumns(0, x.Width.Size))],
        Spread x => [new(Sums.Core(x.Operand), x.Of.Size, new SpreadRow(x.Of.Size / x.Blocks, x.Blocks, x.Count))],
        Fold x => [new(Sums.Core(x.Operand), x.Of.Size, new FoldRow(x.Width.Size / x.Blocks, x.Blocks, x.Count))],
        _ => throw new NotSupportedException($"the cpu backend lacks the node {e.GetType().Name}"),
    };

    /// <summary>
    /// A value taken apart into columns: a concatenation, or a sum of concatenations whose values have the same columns or none in common, which is
    /// what the derivative of several slices is; any other value is one piece.
    /// </summary>
    public static IReadOnlyList<(Expr Value, int Column, int Width)> Apart(Expr value, int width)
    {
        var pieces = new List<(Expr Value, int Column, int Width)>();
        var (known, end) = (Collect(value), 0);
        pieces = [.. pieces.GroupBy(p => (p.Column, p.Width)).Select(same => (same.Select(p => p.Value).Aggregate((a, b) => new Elementwise(Operator.Add, a, b)), same.Key.Column, same.Key.Width))
            .OrderBy(p => p.Column)];
        foreach (var piece in pieces) (known, end) = (known && piece.Column >= end, piece.Column + piece.Width);
        return known ? pieces : [(Sums.Core(value), 0, width)];

        bool Collect(Expr e)
        {
            switch (Sums.Core(e))
            {
                case Concat x: pieces.AddRange(Columns(x).Where(part => Sums.Core(part.Value) is not Constant { Value: 0 }).Select(part => (Sums.Core(part.Value), part.Column, part.Width))); return true;
                case Elementwise { Operator: Operator.Add } x: return Collect(x.Left) && Collect(x.Right);
                default: return false;
            }
        }
    }

    static IEnumerable<(Expr Value, int Column, int Width)> Columns(Concat x)
    {
        var column = 0;
        foreach (var (part, width) in x.Parts)
        {
            yield return (part, column, width.Size);
            column += width.Size;
        }
    }
}
