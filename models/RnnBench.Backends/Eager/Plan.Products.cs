using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>The part of a plan that is about matrix products.</summary>
sealed partial class Plan
{
    /// <summary>A product with a vector of the parameters.</summary>
    int Multiply(MatVec product)
    {
        var operand = Emit(product.Operand, cell.Shapes[product.Matrix][product.Transposed ? 0 : 1].Size);
        return Add(product, product.Stage, f => (product.Transposed ? weights[product.Matrix].t() : weights[product.Matrix]).mv(f[operand]));
    }

    /// <summary>One product for all that share its operand, started from what they are added to.</summary>
    void Multiply(Merged merged)
    {
        var stage = merged.Operand.Stage;
        var operand = Read(merged.Operand, stage);
        var products = merged.Slices.Select(slice => slice.Product).ToArray();
        var stacked = Add(new object(), Stage.Parameters, _ => Stack([.. products.Select(p => (weights[p.Matrix], p.Transposed))]));
        var bias = Bias(merged, stage);
        Func<Frame, Tensor, Tensor> multiply = bias is { } start ? (f, v) => f[start].addmm(v, f[stacked]) : (f, v) => v.mm(f[stacked]);
        var product = Add(merged, stage, f => Rows(f[operand], v => multiply(f, v)));
        if (merged.Parts is [var only]) slots[only] = product;
        else Split(product, stage, merged.Parts, [.. merged.Parts.Select(part => part.Width)]);
        foreach (var part in merged.Parts)
        {
            if (part.Maps is [var map, ..])
            {
                var (before, function) = (slots[part], Arithmetic.Of(map.Function));
                var after = Add(new object(), stage, f => function(f[before]));
                if (part.Maps.Count == 1) slots[map] = after;
                else Split(after, stage, part.Maps, [.. part.Maps.Select(m => m.Width)]);
            }
            else if (part.Slices is [var slice]) slots[slice.Target] = slots[part];
        }
    }

    /// <summary>One band of a part that was to be handed on whole, but whose taker has other bands in between.</summary>
    int Band(Merged merged, Value target)
    {
        var part = merged.Parts.First(part => part.Slices.Any(slice => slice.Target == target));
        var from = part.Slices.TakeWhile(slice => slice.Target != target).Sum(slice => slice.Product.Width);
        var block = slots[part];
        return Add(target, merged.Operand.Stage, f => f[block].narrow(-1, from, target.Width));
    }

    static Tensor Stack((Tensor Leaf, bool Transposed)[] matrices) => matrices is [var (m, transposed)]
        ? transposed ? m : m.t()
        : cat([.. matrices.Select(m => m.Transposed ? m.Leaf.t() : m.Leaf)], 0).t();

    /// <summary>Matrix products want rows: [T,B,W] is taken as [T·B,W].</summary>
    static Tensor Rows(Tensor operand, Func<Tensor, Tensor> multiply) => operand.dim() == 2 ? multiply(operand)
        : multiply(operand.reshape(-1, operand.shape[2])).view(operand.shape[0], operand.shape[1], -1);

    void Split(int whole, Stage stage, IReadOnlyList<object> into, long[] widths)
    {
        var first = count;
        foreach (var part in into) Slot(part);
        stages[(int)stage].Add(f =>
        {
            var parts = f[whole].split(widths, -1);
            for (var k = 0; k < parts.Length; k++) f[first + k] = parts[k];
        });
    }

    /// <summary>What a merged product starts from: null for nothing, [R] from the parameters, or [T,B,R] hoisted out of the time loop.</summary>
    int? Bias(Merged merged, Stage stage)
    {
        var slices = merged.Slices.ToArray();
        if (slices.All(slice => slice.Bias is null)) return null;
        if (slices.All(slice => slice.Bias is null or { Stage: Stage.Parameters }))
            return Concatenate(Stage.Parameters, [.. slices.Select(Start)]);
        var whole = Concatenate(Stage.Sequence, [.. Pieces(merged, slices)]);
        crossings.Add(whole);
        return whole;
    }

    int Start(Slice slice) => slice.Bias is { } bias ? Emit(bias, slice.Product.Width) : Full(0, slice.Product.Width);

    /// <summary>The biases in the order of the bands, those that come as one block as one piece.</summary>
    IEnumerable<int> Pieces(Merged merged, Slice[] slices)
    {
        for (var k = 0; k < slices.Length;)
        {
            var block = Block(merged, slices.AsSpan(k));
            yield return block?.Slot ?? Start(slices[k]);
            k += block?.Bands ?? 1;
        }
    }

    /// <summary>The block that the next bands start from, if there is one that has their biases in their order.</summary>
    (int Slot, int Bands)? Block(Merged merged, ReadOnlySpan<Slice> next)
    {
        if (next[0].Bias is not { } first || merging.Of(first) is not { } source) return null;
        if (source.Parts.FirstOrDefault(part => part.Feeds == merged) is not { } part || part.Slices.Count > next.Length) return null;
        for (var k = 0; k < part.Slices.Count; k++)
            if (part.Slices[k].Target != next[k].Bias) return null;
        if (!slots.ContainsKey(source)) Multiply(source);
        return (slots[part], part.Slices.Count);
    }

    int Concatenate(Stage stage, int[] pieces) => pieces is [var only] ? only : Concatenate(new object(), stage, pieces);

    /// <summary>Pieces side by side, those from the parameters alone repeated for every batch member and step.</summary>
    int Concatenate(object value, Stage stage, int[] pieces) => Add(value, stage, f => cat([.. pieces.Select(piece => stage == Stage.Parameters || f[piece].dim() > 1 ? f[piece]
        : stage == Stage.Sequence ? f[piece].expand(f.Steps, f.Batch, f[piece].shape[0]) : f[piece].expand(f.Batch, f[piece].shape[0]))], -1));
}
