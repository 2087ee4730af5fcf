using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>How a sum is computed: from a merged product where there is one, products of two values in one call with the addition.</summary>
/// <param name="merging">Who uses what.</param>
/// <param name="read">The slot of an operand, of the given width if it is a number.</param>
sealed class Summing(Merging merging, Func<Value, int, int> read)
{
    /// <summary>The operation that gives the sum.</summary>
    public Func<Frame, Tensor> Of(Total sum)
    {
        if (Mixture(sum) is { } mixture) return mixture;
        var guest = merging.GuestOf(sum);
        Value[] first = guest is not null ? [guest] : sum.Start is { } start ? [start] : [];
        Value[] terms = [.. first, .. sum.Terms.Where(term => term != guest).OrderBy(Fuses)];
        var slot = read(terms[0], sum.Width);
        var steps = terms.Skip(1).Select(Step).ToArray();
        return f => steps.Aggregate(f[slot], (before, add) => add(f, before));
    }

    /// <summary>Kept, because the collector may take a scalar that is made for a call while libtorch still reads it.</summary>
    static readonly TorchSharp.Scalar one = 1;

    Func<Frame, Tensor, Tensor> Step(Value term)
    {
        if (term is Number number) return (f, before) => before.add(number.Of);
        if (Fuses(term) && term is Join product)
        {
            var (a, b) = (read(product.Left, 0), read(product.Right, 0));
            return (f, before) => before.addcmul(f[a], f[b], one);
        }
        var slot = read(term, 0);
        return (f, before) => before.add(f[slot]);
    }

    /// <summary>A product of two values that nothing else uses.</summary>
    bool Fuses(Value term) => term is Join { Operator: Operator.Multiply, Left: not Number, Right: not Number } && merging.Alone(term);

    /// <summary>(1 - a) ⊙ b + a ⊙ c, the leaky average of many gated cells, is one call.</summary>
    Func<Frame, Tensor>? Mixture(Total sum)
    {
        if (sum is not { Start: null, Terms: [Join p, Join q] } || !Fuses(p) || !Fuses(q)) return null;
        var found = (from pair in new[] { (Old: p, New: q), (Old: q, New: p) }
                     from old in Orders(pair.Old)
                     from fresh in Orders(pair.New)
                     where old.A is Join { Operator: Operator.Subtract, Left: Number { Of: 1 } } rest && rest.Right == fresh.A
                     select (Old: old.B, New: fresh.B, Weight: fresh.A)).FirstOrDefault();
        if (found.Weight is null || found.Old.Width == 0 || found.New.Width == 0) return null;
        var (from, to, weight) = (read(found.Old, 0), read(found.New, 0), read(found.Weight, 0));
        return f => f[from].lerp(f[to], f[weight]);
    }

    static IEnumerable<(Value A, Value B)> Orders(Join product) => [(product.Left, product.Right), (product.Right, product.Left)];
}
