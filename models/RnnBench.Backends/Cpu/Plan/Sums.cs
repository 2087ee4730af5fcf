using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// A sum that holds matrix products: <c>W x + U h + b</c>. The products accumulate into one piece of memory; what else the sum holds is added
/// where the sum is read.
/// </summary>
/// <param name="Node">The sum.</param>
/// <param name="Products">Its products.</param>
/// <param name="Others">Its other terms; the flag says that the term is subtracted.</param>
sealed record Sum(Expr Node, IReadOnlyList<Product> Products, IReadOnlyList<(Expr Term, bool Negative)> Others);

/// <summary>
/// Finds the sums of products in a graph. A node is followed only through its core, without names; a product or sum that is used twice is a sum
/// of its own.
/// </summary>
sealed class Sums
{
    readonly Dictionary<Expr, int> uses = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Expr, Sum> sums = new(ReferenceEqualityComparer.Instance);

    /// <param name="roots">What the graph computes.</param>
    /// <param name="leaf">Nodes that are not looked into.</param>
    public Sums(IEnumerable<Expr> roots, Func<Expr, bool> leaf)
    {
        foreach (var root in roots) Use(Core(root), leaf);
        var inner = new HashSet<Expr>(ReferenceEqualityComparer.Instance);
        foreach (var e in Enumerable.Reverse(Order))                    // users before operands: the largest sum takes its parts
        {
            if (leaf(e) || inner.Contains(e) || !(e is Product or Elementwise { Operator: Operator.Add or Operator.Subtract })) continue;
            List<Product> products = [];
            List<(Expr, bool)> others = [];
            List<Expr> parts = [];
            Flatten(e, false);
            if (products.Count == 0) continue;
            sums[e] = new Sum(e, products, others);
            inner.UnionWith(parts);

            void Flatten(Expr part, bool negative)
            {
                if (part != e) parts.Add(part);
                switch (part)
                {
                    case Product p when !negative: products.Add(p); break;
                    case Elementwise { Operator: Operator.Add or Operator.Subtract } x:
                        Term(x.Left, negative);
                        Term(x.Right, negative != (x.Operator == Operator.Subtract));
                        break;
                }
            }

            void Term(Expr term, bool negative)
            {
                term = Core(term);
                var opens = !leaf(term) && uses[term] == 1 && (term is Product && !negative || term is Elementwise { Operator: Operator.Add or Operator.Subtract } && HoldsProduct(term, leaf));
                if (opens) Flatten(term, negative);
                else others.Add((term, negative));
            }
        }
    }

    /// <summary>Every node once, operands before their users; leaves included.</summary>
    public List<Expr> Order { get; } = [];

    /// <summary>All sums of products.</summary>
    public IEnumerable<Sum> All => Order.Where(sums.ContainsKey).Select(e => sums[e]);

    /// <summary>The sum that a node is, if it is one.</summary>
    public Sum? Of(Expr e) => sums.GetValueOrDefault(e);

    /// <summary>How many users a node has, the outside world included.</summary>
    public int Uses(Expr e) => uses.GetValueOrDefault(e);

    /// <summary>What a node computes, without its names.</summary>
    public static Expr Core(Expr e)
    {
        while (true)
        {
            switch (e)
            {
                case Named x: e = x.Body; break;
                case Apply { Function: Function.Identity } x: e = x.Operand; break;
                default: return e;
            }
        }
    }

    bool HoldsProduct(Expr e, Func<Expr, bool> leaf) => !leaf(e) && uses[e] == 1 && (e is Product || e is Elementwise { Operator: Operator.Add or Operator.Subtract } x
        && (HoldsProduct(Core(x.Left), leaf) || HoldsProduct(Core(x.Right), leaf)));

    void Use(Expr e, Func<Expr, bool> leaf)
    {
        uses[e] = uses.GetValueOrDefault(e) + 1;
        if (uses[e] > 1) return;
        if (!leaf(e)) foreach (var operand in Graph.Operands(e)) Use(Core(operand), leaf);
        Order.Add(e);
    }
}
