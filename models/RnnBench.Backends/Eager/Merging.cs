using RnnBench.Language;

namespace RnnBench.Backends.Eager;

/// <summary>One product in a merged one: a band of its rows.</summary>
/// <param name="Product">The product.</param>
/// <param name="Host">The sum that the product belongs to, if the merged product can start from that sum's earlier stages.</param>
sealed record Slice(MatVec Product, Total? Host)
{
    /// <summary>What the product is added to, known before it.</summary>
    public Value? Bias => Host?.Start;
    /// <summary>The value that the band gives: the whole sum, where there is no further term.</summary>
    public Value Target => Host is { Terms.Count: 1 } ? Host : Product;
}

/// <summary>Adjacent bands that are treated as one: passed through one function, or handed on as the bias of another merged product.</summary>
/// <param name="Slices">The bands.</param>
/// <param name="Maps">The function applications that share one call, band by band; empty if there is none.</param>
/// <param name="Feeds">The merged product whose bias this is, or null.</param>
sealed record Part(IReadOnlyList<Slice> Slices, IReadOnlyList<Map> Maps, Merged? Feeds)
{
    /// <summary>The number of rows.</summary>
    public int Width => Slices.Sum(slice => slice.Product.Width);
}

/// <summary>All products with one operand, as one product with their matrices stacked.</summary>
sealed class Merged(Value operand)
{
    public Value Operand { get; } = operand;
    public IReadOnlyList<Part> Parts { get; set; } = [];
    public IEnumerable<Slice> Slices => Parts.SelectMany(part => part.Slices);
}

/// <summary>
/// Groups products with a common operand. In an LSTM all four U h become one product that starts from the hoisted W x + b, itself one
/// product over the whole sequence; i, f and o are adjacent and share one call of σ. Nothing here knows of an LSTM.
/// </summary>
sealed class Merging
{
    readonly HashSet<Value> roots;
    readonly Dictionary<Value, List<Value>> users = [];
    readonly Dictionary<Value, Merged> owner = [];
    readonly Dictionary<Value, Merged> feeds = [];
    readonly Dictionary<Total, MatVec> guests = [];

    /// <summary>The merged product that gives a value, if one does: products, sums and function applications that it covers.</summary>
    public Merged? Of(Value value) => owner.GetValueOrDefault(value);

    /// <summary>The product that a sum grows out of, if one does.</summary>
    public MatVec? GuestOf(Total sum) => guests.GetValueOrDefault(sum);

    /// <summary>The values that use another, each as often as it does.</summary>
    public IReadOnlyList<Value> UsersOf(Value value) => users.GetValueOrDefault(value) ?? [];

    /// <summary>Whether a value has one user and is not asked for itself, so that it may be absorbed into that user.</summary>
    public bool Alone(Value value) => UsersOf(value).Count == 1 && !roots.Contains(value);

    /// <param name="lowered">The values to be computed.</param>
    public Merging(Lowering.Result lowered)
    {
        roots = [.. lowered.Roots];
        var order = Order();
        var products = order.OfType<MatVec>().Where(p => p.Stage > Stage.Parameters).ToLookup(p => p.Operand);
        // Step by step first: the order of their bands decides that of the bands which they start from.
        foreach (var group in products.OrderByDescending(g => g.Key.Stage))
            Merge(new(group.Key), [.. group.Select(p => new Slice(p, HostOf(p)))]);
    }

    List<Value> Order()
    {
        var order = new List<Value>();
        var seen = new HashSet<Value>();
        foreach (var root in roots) Visit(root);
        return order;

        void Visit(Value value)
        {
            if (!seen.Add(value)) return;
            foreach (var operand in value.Operands)
            {
                Visit(operand);
                if (!users.TryGetValue(operand, out var list)) users[operand] = list = [];
                list.Add(value);
            }
            order.Add(value);
        }
    }

    /// <summary>The sum of the product's own stage that nothing but it is part of; a sum has one host product.</summary>
    Total? HostOf(MatVec product) =>
        Alone(product) && UsersOf(product)[0] is Total sum && sum.Terms.Contains(product) && guests.TryAdd(sum, product) ? sum : null;

    void Merge(Merged merged, IReadOnlyList<Slice> slices)
    {
        // Bands with the same user and the same kind of bias come to stand side by side, otherwise in the order of the paper.
        var parts = slices
            .GroupBy(slice => (Source(slice.Bias), FunctionOf(slice.Target)?.Function, feeds.GetValueOrDefault(slice.Target)))
            .GroupBy(part => part.Key.Item1).SelectMany(side => side)
            .SelectMany(part => part.Key is { Item2: null, Item3: null } ? part.Select(slice => new Part([slice], [], null))
                : [Together(part, part.Key.Item3)]);
        merged.Parts = [.. parts];
        foreach (var slice in merged.Slices)
        {
            owner[slice.Product] = owner[slice.Target] = merged;
            if (slice.Bias is { Stage: Stage.Sequence } bias && Alone(bias)) feeds[bias] = merged;
        }
        foreach (var map in merged.Parts.SelectMany(part => part.Maps)) owner[map] = merged;
    }

    Part Together(IEnumerable<Slice> slices, Merged? fed) => fed is null
        ? new([.. slices], [.. slices.Select(slice => FunctionOf(slice.Target)!)], null)
        : new([.. slices.OrderBy(slice => fed.Slices.ToList().FindIndex(other => other.Bias == slice.Target))], [], fed);

    /// <summary>The function that a band's value goes through, if it is all that happens to it.</summary>
    Map? FunctionOf(Value target) => Alone(target) ? UsersOf(target)[0] as Map : null;

    /// <summary>The operand of the sequence-wide product that a bias comes from; bands with one source can start from one block of it.</summary>
    static Value? Source(Value? bias) => bias switch
    {
        { Stage: not Stage.Sequence } or null => null,
        MatVec product => product.Operand,
        Total sum => sum.Terms.OfType<MatVec>().FirstOrDefault()?.Operand,
        _ => null,
    };
}
