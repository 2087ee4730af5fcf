using RnnBench.Backends.Eager;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Reversible;

/// <summary>The weights of a cell for one pass: one by one, and those that act on one operand as one matrix.</summary>
sealed class PassWeights
{
    readonly IReadOnlyDictionary<Parameter, Tensor> each;
    readonly Dictionary<Product, (int Group, long First, long Width)> places = new(ReferenceEqualityComparer.Instance);
    readonly Tensor[] packed;

    public PassWeights(Undoable cell, IReadOnlyDictionary<Parameter, Tensor> each)
    {
        this.each = each;
        packed = [.. cell.Products.Select(group => cat([.. group.Select(p => each[p.Matrix])], 0).t())];
        foreach (var (group, products) in cell.Products.Index())
        {
            var first = 0L;
            foreach (var product in products)
            {
                places[product] = (group, first, each[product.Matrix].shape[0]);
                first += each[product.Matrix].shape[0];
            }
        }
    }

    public Tensor this[Parameter q] => each[q];

    /// <summary>Where a product of the cell stands among those of its operand; null for a product of a derivative.</summary>
    public (int Group, long First, long Width)? Place(Product p) => places.TryGetValue(p, out var place) ? place : null;

    /// <summary>All products of an operand side by side.</summary>
    public Tensor Times(int group, Tensor operand) => operand.mm(packed[group]);
}

/// <summary>The nodes of a cell and of its derivative at one step, each computed when it is first asked for, from what has been set.</summary>
/// <param name="weights">The weights.</param>
/// <param name="x">The input of the step, [B,I].</param>
sealed class StepValues(PassWeights weights, Tensor x)
{
    readonly Dictionary<Expr, Tensor> values = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<(State State, int First), Tensor> parts = [];
    readonly Dictionary<int, Tensor> products = [];

    /// <summary>A node's value, [B,W].</summary>
    public Tensor this[Expr e]
    {
        get => values.TryGetValue(e, out var value) ? value : values[e] = Compute(e);
        set => values[e] = value;
    }

    /// <summary>Says what a part of a state was before the step.</summary>
    public void Before(Change part, Tensor value) => parts[(part.State, part.First)] = value;

    Tensor Compute(Expr e) => e switch
    {
        Named n => this[n.Body],
        InputAt { Lag: 0 } => x,
        Language.Slice { Operand: StateAt s } p when parts.TryGetValue((s.State, p.Before), out var part) && part.shape[1] == p.Width.Size => part,
        StateAt { Lag: 1 } s => cat([.. parts.Where(p => p.Key.State == s.State).OrderBy(p => p.Key.First).Select(p => p.Value)], -1),
        Language.Slice s => this[s.Operand].narrow(-1, s.Before, s.Width.Size),
        ParameterVector v => weights[v.Vector],
        Constant number => x.new_full([x.shape[0], 1], number.Value),
        Product p when weights.Place(p) is { } place => All(place.Group, p.Operand).narrow(-1, place.First, place.Width),
        Product p => this[p.Operand].mm(p.Transposed ? weights[p.Matrix] : weights[p.Matrix].t()),
        Concat c => cat([.. c.Parts.Select(part => part.Part is Constant number ? x.new_full([x.shape[0], part.Width.Size], number.Value) : this[part.Part])], -1),
        Elementwise { Right: Constant number } b => Arithmetic.Of(b.Operator, number.Value)(this[b.Left]),
        Elementwise { Left: Constant number } b => Arithmetic.Of(number.Value, b.Operator)(this[b.Right]),
        Elementwise b => Arithmetic.Of(b.Operator)(this[b.Left], this[b.Right]),
        Apply a => Arithmetic.Of(a.Function)(this[a.Operand]),
        _ => throw new NotSupportedException($"a reversible run does not know the node {e.GetType().Name}"),
    };

    Tensor All(int group, Expr operand) => products.TryGetValue(group, out var all) ? all : products[group] = weights.Times(group, this[operand]);
}
