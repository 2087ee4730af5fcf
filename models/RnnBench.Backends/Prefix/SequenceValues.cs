using RnnBench.Backends.Eager;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Prefix;

/// <summary>
/// The values of a cell's equations over a whole sequence, [T,B,W], in the order of the scan; what comes from the parameters alone is [W], a number
/// has no side at all.
/// </summary>
/// <param name="cell">The equations.</param>
/// <param name="groups">How its states follow from their past.</param>
/// <param name="weights">The weights.</param>
/// <param name="x">[T,B,I].</param>
/// <param name="initial">The states before the first step, oldest first, [D,B,W].</param>
sealed class SequenceValues(Recurrence cell, IReadOnlyList<LinearStates> groups, IReadOnlyDictionary<Parameter, Tensor> weights, Tensor x, IReadOnlyDictionary<State, Tensor> initial)
{
    static readonly PrefixScan sums = new((a, b) => a * b, (a, b) => a + b), maxima = new((a, b) => a + b, maximum);

    readonly Dictionary<Expr, Tensor> values = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<State, Tensor> states = [];

    /// <summary>A value at every step.</summary>
    public Tensor Whole(Expr e, int width) => Expanded(Of(e), width);

    /// <summary>A state, with the steps before the first in front.</summary>
    public Tensor WithPast(State state)
    {
        if (states.TryGetValue(state, out var known)) return known;
        if (groups.FirstOrDefault(g => g.States.Contains(state)) is { } group) Scan(group);
        else states[state] = cat([initial[state], Whole(cell.Next[state.Name], cell.WidthOf(state).Size)], 0);
        return states[state];
    }

    void Scan(LinearStates group)
    {
        var scan = group.IsMaximum ? maxima : sums;
        var width = cell.WidthOf(group.States[0]).Size;
        var factors = group.Factors.Select(row => row.Select(f => f is null ? null : Whole(f, width)).ToArray()).ToArray();
        var rest = group.Rest.Select(b => b is null ? x.new_zeros([.. x.shape[..2], width]) : Whole(b, width)).ToArray();
        var before = group.States.Select(s => initial[s][-1].unsqueeze(0)).ToArray();
        Tensor Start(Tensor v) => v.narrow(0, 0, 1);
        var first = scan.Apply([.. factors.Select(row => row.Select(f => f is null ? null : Start(f)).ToArray())], before, [.. rest.Select(Start)]);
        var from = rest.Select((b, k) => b.shape[0] == 1 ? first[k] : cat([first[k], b.narrow(0, 1, b.shape[0] - 1)], 0));
        // Joined factors are long products: in float32 their rounding would pass what the step form owes, so the scan itself is in float64.
        var found = scan.Run([.. factors.Select(row => row.Select(f => f?.to(ScalarType.Float64)).ToArray())], [.. from.Select(b => b.to(ScalarType.Float64))])
            .Select(s => s.to(x.dtype)).ToArray();
        foreach (var (k, state) in group.States.Index()) states[state] = cat([initial[state], group.Held ? found[k].detach() : found[k]], 0);
    }

    Tensor Of(Expr e) => values.TryGetValue(e, out var known) ? known : values[e] = Compute(e);

    Tensor Compute(Expr e) => e switch
    {
        Constant c => x.new_full([], c.Value),
        ConstantVector c => tensor([.. c.Values]).to(x.dtype, x.device),
        InputAt { Lag: 0 } => x,
        InputAt i => Back(x, x.new_zeros([i.Lag, .. x.shape[1..]])),
        StateAt s => WithPast(s.State).narrow(0, cell.DepthOf(s.State) - s.Lag, x.shape[0]),
        ParameterVector p => weights[p.Vector].flatten(),
        Named n when cell.States.FirstOrDefault(s => ReferenceEquals(cell.Next[s.Name], n)) is { } state && groups.Any(g => g.States.Contains(state)) =>
            WithPast(state).narrow(0, cell.DepthOf(state), x.shape[0]),
        Named n => Of(n.Body),
        Product p => Times(p.Transposed ? weights[p.Matrix].t() : weights[p.Matrix], Of(p.Operand)),
        Elementwise b => Arithmetic.Of(b.Operator)(Of(b.Left), Of(b.Right)),
        Apply f => Arithmetic.Of(f.Function)(Of(f.Operand)),
        Mean m => Of(m.Operand) is { Dimensions: > 0 } of ? of.mean([-1], keepdim: true).expand_as(of) : Of(m.Operand),
        Softmax s => Sized(s.Operand, s.Width.Size).softmax(-1),
        Concat c => cat([.. c.Parts.Select(part => Expanded(Of(part.Part), part.Width.Size))], -1),
        Language.Slice s => Sized(s.Operand, s.Before + s.Width.Size + s.After).narrow(-1, s.Before, s.Width.Size),
        Spread s => Arithmetic.Repeat(Sized(s.Operand, s.Of.Size), s.Blocks, s.Count),
        Fold s => Arithmetic.AddUp(Sized(s.Operand, s.Of.Size), s.Blocks, s.Count),
        _ => throw new NotSupportedException($"the parallel backend does not know the node {e.GetType().Name} of {cell.Name}"),
    };

    static Tensor Back(Tensor sequence, Tensor before) => cat([before, sequence], 0).narrow(0, 0, sequence.shape[0]);

    /// <summary>A number as a vector; anything else as it is.</summary>
    Tensor Sized(Expr e, int width) => Of(e) is { Dimensions: 0 } number ? number.expand(width) : Of(e);

    Tensor Expanded(Tensor value, int width) => value.Dimensions == 3 ? value : value.expand(x.shape[0], x.shape[1], width);

    static Tensor Times(Tensor matrix, Tensor operand) => operand.Dimensions switch
    {
        0 => matrix.mv(operand.expand(matrix.shape[1])),
        1 => matrix.mv(operand),
        _ => operand.reshape(-1, operand.shape[2]).mm(matrix.t()).view(operand.shape[0], operand.shape[1], -1),
    };
}
