using static TorchSharp.torch;

namespace RnnBench.Backends.Prefix;

/// <summary>
/// <c>s[t] = A[t] s[t-1] + b[t]</c> for all t at once: neighbours are joined into one step of half as many, whose results give every other s, and
/// these the rest. Depth 2 log T, work of the order of T (Blelloch 1990). Nothing is divided, so that factors may be 0.
/// </summary>
/// <param name="times">The product: of numbers, or their sum where maxima are taken.</param>
/// <param name="plus">The sum, or the larger of two.</param>
sealed class PrefixScan(Func<Tensor, Tensor, Tensor> times, Func<Tensor, Tensor, Tensor> plus)
{
    /// <summary>s, which is s[0] = b[0] at the first step: what was before it is in b already.</summary>
    /// <param name="factors">A, one [T,B,W] for each element of a small matrix; null for zero.</param>
    /// <param name="rest">b, one [T,B,W] for each row.</param>
    public Tensor[] Run(Tensor?[][] factors, Tensor[] rest)
    {
        var steps = rest[0].shape[0];
        if (steps == 1) return rest;
        var (pairs, odd) = (steps / 2, steps % 2 == 1);
        Tensor First(Tensor v) => v[TensorIndex.Slice(0, 2 * pairs, 2)];
        Tensor Second(Tensor v) => v[TensorIndex.Slice(1, null, 2)];
        Tensor?[][] early = Each(factors, First), late = Each(factors, Second);
        var joined = factors.Select((_, i) => factors.Select((_, k) => factors.Select((_, j) => Times(late[i][j], early[j][k])).Aggregate(Plus)).ToArray()).ToArray();
        var ends = Run(joined, Apply(late, [.. rest.Select(First)], [.. rest.Select(Second)]));

        // Every s of an even place but the first follows from the s before it.
        Tensor After(Tensor v) => v[TensorIndex.Slice(2, null, 2)];
        var before = ends.Select(s => s.narrow(0, 0, odd ? pairs : pairs - 1)).ToArray();
        var between = before[0].shape[0] == 0 ? before : Apply(Each(factors, After), before, [.. rest.Select(After)]);
        return [.. ends.Select((s, i) => Woven(cat([rest[i].narrow(0, 0, 1), between[i]], 0), s))];
    }

    /// <summary>A s + b, row by row.</summary>
    public Tensor[] Apply(Tensor?[][] factors, Tensor[] states, Tensor[] rest) =>
        [.. rest.Select((b, i) => Plus(states.Select((s, k) => Times(factors[i][k], s)).Aggregate(Plus), b)!)];

    static Tensor?[][] Each(Tensor?[][] factors, Func<Tensor, Tensor> part) => [.. factors.Select(row => row.Select(f => f is null ? null : part(f)).ToArray())];

    Tensor? Times(Tensor? a, Tensor? b) => a is null || b is null ? null : times(a, b);

    Tensor? Plus(Tensor? a, Tensor? b) => a is null ? b : b is null ? a : plus(a, b);

    /// <summary>Alternating steps of two sequences, the first as long or one longer.</summary>
    static Tensor Woven(Tensor even, Tensor odd)
    {
        var pairs = odd.shape[0];
        var both = stack([even.narrow(0, 0, pairs), odd], 1).flatten(0, 1);
        return even.shape[0] == pairs ? both : cat([both, even.narrow(0, pairs, 1)], 0);
    }
}
