namespace RnnBench.Language;

/// <summary>Sequences [T,B,W] side by side, in parts, and summed.</summary>
static class Sequences
{
    /// <summary>[T,B,W0], [T,B,W1] ... as [T,B,W0+W1+...].</summary>
    public static NdArray Join(IReadOnlyList<NdArray> parts)
    {
        if (parts.Count == 1) return parts[0];
        var joined = NdArray.Zeros(parts[0].Shape[0], parts[0].Shape[1], parts.Sum(part => part.Shape[2]));
        var offset = 0;
        foreach (var part in parts)
        {
            for (var k = 0; k < part.Shape[0] * part.Shape[1]; k++)
                part.Data.AsSpan(k * part.Shape[2], part.Shape[2]).CopyTo(joined.Data.AsSpan(k * joined.Shape[2] + offset));
            offset += part.Shape[2];
        }
        return joined;
    }

    /// <summary>The columns from <paramref name="offset"/> on, as many as <paramref name="width"/>.</summary>
    public static NdArray Part(NdArray whole, int offset, int width)
    {
        var part = NdArray.Zeros(whole.Shape[0], whole.Shape[1], width);
        for (var k = 0; k < whole.Shape[0] * whole.Shape[1]; k++)
            whole.Data.AsSpan(k * whole.Shape[2] + offset, width).CopyTo(part.Data.AsSpan(k * width));
        return part;
    }

    /// <summary>The sum; null counts as zero, and one of the two is there.</summary>
    public static NdArray Sum(NdArray? a, NdArray? b) => (a, b) switch
    {
        ({ } x, { } y) => new NdArray(x.Shape, [.. x.Data.Zip(y.Data, (p, q) => p + q)]),
        _ => a ?? b ?? throw new ArgumentNullException(nameof(a)),
    };
}
