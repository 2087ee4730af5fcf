namespace RnnBench.Language;

/// <summary>Numbers in double precision with a shape, last side fastest: the interpreter's tensor, and what files hold.</summary>
public sealed class NdArray
{
    /// <param name="shape">The sides.</param>
    /// <param name="data">As many numbers as the shape says; kept, not copied.</param>
    public NdArray(IReadOnlyList<int> shape, double[] data)
    {
        if (shape.Aggregate(1L, (product, side) => product * side) != data.Length)
            throw new ArgumentException($"shape {Written(shape)} does not hold {data.Length} numbers", nameof(data));
        (Shape, Data) = (shape, data);
    }

    /// <summary>The sides.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The numbers, last side fastest.</summary>
    public double[] Data { get; }

    /// <summary>Nothing but zeros.</summary>
    public static NdArray Zeros(params IReadOnlyList<int> shape) => new(shape, new double[shape.Aggregate(1, (product, side) => checked(product * side))]);

    /// <summary>An element.</summary>
    /// <param name="index">One index for each side.</param>
    public double this[params ReadOnlySpan<int> index]
    {
        get => Data[Offset(index)];
        set => Data[Offset(index)] = value;
    }

    /// <summary>A shape as messages show it: [5,2,4].</summary>
    public static string Written(IReadOnlyList<int> shape) => Text.Of(shape);

    /// <inheritdoc/>
    public override string ToString() => Written(Shape);

    int Offset(ReadOnlySpan<int> index)
    {
        if (index.Length != Shape.Count) throw new ArgumentException($"{index.Length} indices for the shape {this}");
        var offset = 0;
        for (var side = 0; side < index.Length; side++)
        {
            if ((uint)index[side] >= (uint)Shape[side]) throw new ArgumentOutOfRangeException(nameof(index), $"index {index[side]} on side {side} of the shape {this}");
            offset = offset * Shape[side] + index[side];
        }
        return offset;
    }
}
