using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Reversible;

/// <summary>What a run gives in real numbers.</summary>
/// <param name="Output">y [T,B,O].</param>
/// <param name="Last">The states after the last step, in the order of the cell's, [B,W].</param>
/// <param name="Gates">The gates that were asked for, [T,B,W].</param>
sealed record ReversibleResult(Tensor Output, Tensor[] Last, IReadOnlyDictionary<string, Tensor> Gates);

/// <summary>Where a gradient goes.</summary>
/// <param name="Input">To x [T,B,I]; null where it is not wanted.</param>
/// <param name="First">To the states before the first step.</param>
/// <param name="Weights">To the weights, in the order of the cell's.</param>
sealed record ReversibleGradients(Tensor? Input, Tensor[] First, Tensor[] Weights);

/// <summary>
/// One sequence: forward without keeping a state, back by undoing each step. In fixed point a step is differentiated as the real numbers that its
/// integers stand for: rounding has the slope 1, a product in fixed point that of the product (straight through).
/// </summary>
/// <remarks>
/// MacKay, Vicol, Ba and Grosse 2018, arXiv:1810.10999, algorithms 1 to 3. The factors of the way back must have the very bits of the way there: the
/// same operations in the same order on tensors of the same shapes, which is what both ways share <see cref="StepValues"/> for.
/// </remarks>
/// <param name="cell">What is run.</param>
/// <param name="reversed">Whether from the last step to the first.</param>
/// <param name="lengths">The real steps of each sequence; null for all. A state that waits is multiplied by 1, which changes nothing and forgets nothing.</param>
/// <param name="reversal">How steps are undone.</param>
sealed class ReversibleRun(Undoable cell, bool reversed, IReadOnlyList<int>? lengths, Reversal reversal = Reversal.FixedPoint) : IDisposable
{
    readonly Dictionary<Change, Tensor> states = [];
    readonly Dictionary<int, StateNumbers> numbers = [];

    /// <summary>Bytes that are kept from the way there to the way back beside x, y and the weights: the last states and the forgotten bits.</summary>
    public long KeptBytes => states.Values.Sum(s => s.numel() * s.element_size()) + Forgotten.Sum(buffer => buffer.Bytes);

    /// <summary>The buffers of forgotten bits.</summary>
    public IEnumerable<FixedPoint> Forgotten => numbers.Values.Select(n => n.Forgotten).OfType<FixedPoint>();

    /// <summary>The states as they are, change by change, in their numbers.</summary>
    public IReadOnlyDictionary<Change, Tensor> States => states;

    /// <summary>Runs forward.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="x">[T,B,I].</param>
    /// <param name="initial">The states before the first step, [B,W].</param>
    /// <param name="gates">Whether gates are kept.</param>
    public ReversibleResult Forward(IReadOnlyDictionary<Parameter, Tensor> weights, Tensor x, IReadOnlyDictionary<State, Tensor> initial, bool gates = false)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var packed = new PassWeights(cell, weights);
        foreach (var part in cell.Changes.DistinctBy(c => c.First)) numbers[part.First] = StateNumbers.Of(reversal, [x.shape[1], part.Width], x.device);
        foreach (var c in cell.Changes) Set(c, numbers[c.First].From(initial[c.State].narrow(-1, c.First, c.Width)));
        var real = Real(x);
        Named[] shown = [.. gates ? cell.Cell.Gates : []];
        var (outputs, kept) = (new Tensor[x.shape[0]], shown.ToDictionary(g => g, _ => new Tensor[x.shape[0]]));
        foreach (var t in Steps(x))
        {
            using var inner = NewDisposeScope();
            var at = new StepValues(packed, x[t]);
            foreach (var c in cell.Changes) at.Before(c, ToReal(c, x));
            foreach (var c in cell.Changes) Make(c, at, real?[t], x);
            outputs[t] = at[cell.Cell.Output].MoveToOuterDisposeScope();
            foreach (var gate in shown) kept[gate][t] = at[gate].clone().MoveToOuterDisposeScope();
        }
        var result = new ReversibleResult(stack(outputs, 0), [.. cell.Cell.States.Select(s => cat([.. cell.Parts(s).Select(c => ToReal(c, x))], -1))],
            kept.ToDictionary(g => g.Key.Name, g => stack(g.Value, 0)));
        foreach (var tensor in (IEnumerable<Tensor>)[result.Output, .. result.Last, .. result.Gates.Values]) tensor.MoveToOuterDisposeScope();
        return result;
    }

    /// <summary>Goes back to the states before the first step.</summary>
    /// <param name="weights">The weights of the way there.</param>
    /// <param name="x">The input of the way there.</param>
    /// <param name="dy">The gradient of y.</param>
    /// <param name="dLast">The gradients of the last states.</param>
    /// <param name="inputGradient">Whether that of x is wanted.</param>
    public ReversibleGradients Backward(IReadOnlyDictionary<Parameter, Tensor> weights, Tensor x, Tensor dy, IReadOnlyList<Tensor> dLast, bool inputGradient)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var (packed, real) = (new PassWeights(cell, weights), Real(x));
        var sums = cell.Cell.Parameters.ToDictionary(q => q, q => zeros_like(weights[q]));
        var incoming = cell.Cell.States.Zip(dLast).ToDictionary(s => s.First, s => s.Second);
        var dx = inputGradient ? new Tensor[x.shape[0]] : [];
        foreach (var t in Steps(x).Reverse())
        {
            using var inner = NewDisposeScope();
            var at = Undo(packed, x, t, real?[t]);
            var mask = real?[t].to(x.dtype);
            at[cell.Backward.Output] = Masked(dy[t], mask);
            foreach (var (state, after) in incoming) at[cell.Backward.NextStates[state.Name]] = Masked(after, mask);
            foreach (var (matrix, left, right) in cell.Backward.Matrices) sums[matrix].addmm_(at[left].t(), at[right]);
            foreach (var (vector, each) in cell.Backward.Vectors) sums[vector].add_(at[each].sum(0L));
            if (inputGradient) dx[t] = (cell.Backward.Inputs.TryGetValue(0, out var d) ? at[d].clone() : zeros_like(x[t])).MoveToOuterDisposeScope();
            incoming = incoming.ToDictionary(s => s.Key, s =>
            {
                var before = at[cell.Backward.States[(s.Key.Name, 1)]];
                return (mask is null ? before.clone() : where(real![t], before, s.Value)).MoveToOuterDisposeScope();
            });
        }
        var result = new ReversibleGradients(inputGradient ? stack(dx, 0) : null, [.. cell.Cell.States.Select(s => incoming[s])], [.. cell.Cell.Parameters.Select(q => sums[q])]);
        foreach (var tensor in (IEnumerable<Tensor?>)[result.Input, .. result.First, .. result.Weights]) tensor?.MoveToOuterDisposeScope();
        return result;

        static Tensor Masked(Tensor d, Tensor? mask) => mask is null ? d : d * mask;
    }

    /// <summary>Goes back without gradients.</summary>
    /// <param name="weights">The weights of the way there.</param>
    /// <param name="x">The input of the way there.</param>
    /// <param name="seen">Called after each step that is undone, with its number: <see cref="States"/> are then those before it.</param>
    public void Undo(IReadOnlyDictionary<Parameter, Tensor> weights, Tensor x, Action<int>? seen = null)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var (packed, real) = (new PassWeights(cell, weights), Real(x));
        foreach (var t in Steps(x).Reverse())
        {
            using var inner = NewDisposeScope();
            Undo(packed, x, t, real?[t]);
            seen?.Invoke(t);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var state in states.Values) state.Dispose();
        foreach (var part in numbers.Values) part.Dispose();
    }

    /// <summary>Undoes the step t; gives the values that it had.</summary>
    StepValues Undo(PassWeights weights, Tensor x, int t, Tensor? real)
    {
        var at = new StepValues(weights, x[t]);
        foreach (var c in cell.Changes) at[c.Node] = ToReal(c, x);
        foreach (var c in cell.Changes.Reverse())
        {
            var (factor, added) = numbers[c.First].Change(at[c.Factor], at[c.Added], real);
            Set(c, numbers[c.First].Undo(states[c], factor, added));
            at.Before(c, ToReal(c, x));
        }
        return at;
    }

    void Make(Change c, StepValues at, Tensor? real, Tensor x)
    {
        var (factor, added) = numbers[c.First].Change(at[c.Factor], at[c.Added], real);
        Set(c, numbers[c.First].Make(states[c], factor, added));
        at[c.Node] = ToReal(c, x);
    }

    void Set(Change c, Tensor value)
    {
        var now = value.DetachFromDisposeScope();
        if (states.TryGetValue(c, out var before)) before.Dispose();
        states[c] = now;
    }

    Tensor ToReal(Change c, Tensor like) => numbers[c.First].ToReal(states[c], like.dtype);

    /// <summary>For each step which sequences have it, [B,1]; null where all have all.</summary>
    Tensor[]? Real(Tensor x) => lengths is null ? null : Lengths.Real(lengths, x.shape[0], x.device).unbind(0);

    IEnumerable<int> Steps(Tensor x) => reversed ? Enumerable.Range(0, (int)x.shape[0]).Reverse() : Enumerable.Range(0, (int)x.shape[0]);
}
