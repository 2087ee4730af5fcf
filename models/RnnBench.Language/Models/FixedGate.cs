namespace RnnBench.Language;

/// <summary>What a rewriting puts in the place of a module's gate: a number, <c>[o=1]</c>, or a number less another gate, <c>[f=1-i]</c>.</summary>
/// <param name="Number">The number.</param>
/// <param name="Less">The other gate, or null.</param>
public sealed record FixedGate(double Number, string? Less = null)
{
    /// <summary>Reads rewritings for a module whose equations have these gates.</summary>
    /// <param name="id">The module's id.</param>
    /// <param name="rewritings">As they were written.</param>
    /// <param name="gates">The letters of its gates, in the order in which they are computed.</param>
    /// <exception cref="UserError">There is no such gate, or its right-hand side is another.</exception>
    public static IReadOnlyDictionary<string, FixedGate> Read(string id, IEnumerable<string> rewritings, IReadOnlyList<string> gates)
    {
        var all = new Dictionary<string, FixedGate>();
        foreach (var rewriting in rewritings.Select(FormulaReader.Read))
        {
            if (!gates.Contains(rewriting.Target))
                throw new UserError($"{id}[{rewriting}]: there is no gate {rewriting.Target} to fix; {(gates.Count == 0 ? "it has none" : $"there are {string.Join(", ", gates)}")}. Its other variants are settings.");
            all[rewriting.Target] = Of(rewriting.By, gates.TakeWhile(gate => gate != rewriting.Target)) ?? throw new UserError(
                $"{id}[{rewriting}]: {id} is no step recurrence, so a gate can be fixed to a number, [{rewriting.Target}=1], or to a number less a gate before it, [f=1-i], and to nothing else.");
        }
        if (all.FirstOrDefault(gate => gate.Value.Less is { } other && all.ContainsKey(other)) is { Key: { } twice, Value: var by })
            throw new UserError($"{id}[{twice}={by}]: {by.Less} is fixed itself; give {twice} as a number.");
        return all;
    }

    static FixedGate? Of(Formula formula, IEnumerable<string> before) => formula switch
    {
        Formula.Number x => new(x.Value),
        Formula.Minus { Of: Formula.Number x } => new(-x.Value),
        Formula.Binary { Operator: Operator.Subtract, Left: Formula.Number x, Right: Formula.Name { Lag: 0 } other } when before.Contains(other.Text) => new(x.Value, other.Text),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => Text.Of(Number) + (Less is null ? "" : $"-{Less}");
}
