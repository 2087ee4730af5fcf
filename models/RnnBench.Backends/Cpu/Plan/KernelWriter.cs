using RnnBench.Language;

namespace RnnBench.Backends.Cpu;

/// <summary>Writes the instructions of one elementwise kernel: what lies in memory is loaded, everything else is computed once.</summary>
/// <param name="locate">Where a value can be loaded from, if it has been stored before this kernel.</param>
/// <param name="sums">The sums of products.</param>
/// <param name="slot">Where the products of a sum have accumulated.</param>
sealed class KernelWriter(Func<Expr, Place?> locate, Func<Expr, Sum?> sums, Func<Sum, Place> slot)
{
    readonly List<Instruction> code = [];
    readonly List<Place> operands = [];
    readonly Dictionary<Expr, int> values = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Instruction, int> emitted = [];

    public IReadOnlyList<Instruction> Code => code;
    public IReadOnlyList<Place> Operands => operands;

    public void Store(Place target, int value) => code.Add(new Instruction.Store(Operand(target), value));

    /// <summary>What the place holds plus a value.</summary>
    public int Added(Place place, int value) => Emit(new Instruction.Binary(Operator.Add, Load(place), value));

    /// <summary>What the place holds plus the value of a node.</summary>
    public int Added(Place place, Expr value) => Total(Load(place), [(value, false)]);

    /// <summary>The value of a node.</summary>
    public int Value(Expr e)
    {
        e = Sums.Core(e);
        if (!values.TryGetValue(e, out var value)) values[e] = value = Compute(e);
        return value;
    }

    /// <summary>The sum of some terms.</summary>
    public int Total(IEnumerable<(Expr Term, bool Negative)> terms) => Total(null, terms);

    int Compute(Expr e) => locate(e) is { } place ? Load(place) : sums(e) is { } sum ? Total(Load(slot(sum)), sum.Others) : e switch
    {
        Constant x => Number(x.Value),
        Elementwise { Operator: Operator.Add } x => Total([(x.Left, false), (x.Right, false)]),
        Elementwise { Operator: Operator.Subtract } x => Total([(x.Left, false), (x.Right, true)]),
        Elementwise x => Emit(new Instruction.Binary(x.Operator, Value(x.Left), Value(x.Right))),
        Apply x => Emit(new Instruction.Unary(x.Function, Value(x.Operand))),
        _ => throw new NotSupportedException($"the cpu backend lacks the node {e.GetType().Name}"),
    };

    /// <summary>Adds up; a term that is itself a product of two values joins in one instruction.</summary>
    int Total(int? sum, IEnumerable<(Expr Term, bool Negative)> terms)
    {
        foreach (var (given, negative) in terms.OrderBy(t => t.Negative))
        {
            var term = Sums.Core(given);
            sum = sum is { } so_far
                ? !negative && term is Elementwise { Operator: Operator.Multiply } product && !values.ContainsKey(term) && locate(term) is null
                    ? Emit(new Instruction.MultiplyAdd(Value(product.Left), Value(product.Right), so_far))
                    : Emit(new Instruction.Binary(negative ? Operator.Subtract : Operator.Add, so_far, Value(term)))
                : negative ? Emit(new Instruction.Unary(Function.Negate, Value(term))) : Value(term);
        }
        return sum ?? Number(0);
    }

    int Load(Place place) => Emit(new Instruction.Load(Operand(place)));

    int Number(double number) => Emit(new Instruction.Number(number));

    int Operand(Place place)
    {
        var index = operands.IndexOf(place);
        if (index < 0) operands.Add(place);
        return index < 0 ? operands.Count - 1 : index;
    }

    int Emit(Instruction instruction)
    {
        if (emitted.TryGetValue(instruction, out var same)) return same;
        code.Add(instruction);
        return emitted[instruction] = code.Count - 1;
    }
}
