using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>
/// A cell's equations as three lists of TorchSharp operations, made once: those on the parameters, those over the whole sequence, and
/// those of one step. Each operation reads and writes slots of a <see cref="Frame"/>.
/// </summary>
sealed partial class Plan
{
    readonly Merging merging;
    readonly Recurrence cell;
    readonly IReadOnlyDictionary<Parameter, Tensor> weights;
    readonly Dictionary<object, int> slots = [];
    readonly HashSet<int> crossings = [];
    readonly List<Action<Frame>>[] stages = [[], [], []];
    int count;

    /// <param name="cell">The equations.</param>
    /// <param name="weights">What the operations read, as it is when they run.</param>
    /// <param name="gates">Whether gate values are wanted.</param>
    public Plan(Recurrence cell, IReadOnlyDictionary<Parameter, Tensor> weights, bool gates)
    {
        (this.cell, this.weights) = (cell, weights);
        var lowered = Lowering.Lower(cell, gates);
        merging = new(lowered);
        States = lowered.States.ToDictionary(s => s.Key, s => Emit(s.Value));
        Output = Wanted(lowered.Output, cell.WidthOf(cell.Output).Size);
        Gates = lowered.Gates.ToDictionary(g => g.Key, g => Wanted(g.Value, cell.WidthOf(cell.Gates.First(e => e.Name == g.Key)).Size));
    }

    /// <summary>A value that the caller wants: its slot and the stage that gives it.</summary>
    public readonly record struct Place(int Slot, Stage Stage);

    /// <summary>The number of slots.</summary>
    public int Slots => count;
    /// <summary>The slots of the states' next values.</summary>
    public IReadOnlyDictionary<State, int> States { get; }
    /// <summary>Where the output is.</summary>
    public Place Output { get; }
    /// <summary>Where the gates are.</summary>
    public IReadOnlyDictionary<string, Place> Gates { get; }
    /// <summary>The slots that take the input, by lag.</summary>
    public List<(int Slot, int Lag)> Inputs { get; } = [];
    /// <summary>The slots that take earlier states.</summary>
    public List<(int Slot, State State, int Lag)> Earlier { get; } = [];
    /// <summary>The slots of sequence-wide values that single steps read.</summary>
    public IEnumerable<int> Crossings => crossings;
    /// <summary>The operations of a stage, in order.</summary>
    public IReadOnlyList<Action<Frame>> Operations(Stage stage) => stages[(int)stage];

    Place Wanted(Value value, int width) => new(Emit(value, width), value.Stage);

    int Slot(object of) => slots[of] = count++;

    /// <summary>Adds an operation that fills a value's slot.</summary>
    int Add(object value, Stage stage, Func<Frame, Tensor> compute)
    {
        var slot = Slot(value);
        stages[(int)stage].Add(frame => frame[slot] = compute(frame));
        return slot;
    }

    /// <summary>The slot of an operand, as an operation of some stage reads it.</summary>
    int Read(Value operand, Stage by, int width = 0)
    {
        var slot = Emit(operand, width);
        if (by == Stage.Step && operand.Stage == Stage.Sequence) crossings.Add(slot);
        return slot;
    }

    /// <summary>The slot of a value; its operation, and those it needs, are added where they are not yet.</summary>
    int Emit(Value value, int width = 0)
    {
        if (value is Number number) return Full(number.Of, width);
        if (slots.TryGetValue(value, out var known)) return known;
        if (merging.Of(value) is { } merged)
        {
            if (!slots.ContainsKey(merged)) Multiply(merged);
            return slots.TryGetValue(value, out var given) ? given : Band(merged, value);
        }
        switch (value)
        {
            case Weight x: return Add(x, Stage.Parameters, _ => weights[x.Vector].flatten());
            case Numbers x: return Add(x, Stage.Parameters, f => tensor([.. x.Of]).to(f.Input.dtype, f.Input.device));
            case Incoming x: Inputs.Add((Slot(x), x.Lag)); return slots[x];
            case Past x: Earlier.Add((Slot(x), x.State, x.Lag)); return slots[x];
            case Present x: return Carry(x);
            case Map x: return Apply(x, Read(x.Operand, x.Stage), Arithmetic.Of(x.Function));
            case Average x: return Apply(x, Read(x.Operand, x.Stage), a => a.mean([-1], keepdim: true).expand_as(a));
            case Shares x: return Apply(x, Read(x.Operand, x.Stage, x.Width), a => a.softmax(-1));
            case Cut x: return Apply(x, Read(x.Operand, x.Stage), a => a.narrow(-1, x.From, x.Width));
            case Repeated x: return Apply(x, Read(x.Operand, x.Stage), a => Arithmetic.Repeat(a, x.Blocks, x.Count));
            case Folded x: return Apply(x, Read(x.Operand, x.Stage), a => Arithmetic.AddUp(a, x.Blocks, x.Count));
            case Chain x: return Concatenate(x, x.Stage, [.. x.Operands.Zip(x.Widths, (part, width) => Read(part, x.Stage, width))]);
            case Join x: return Elementwise(x);
            case Total x: return Add(x, x.Stage, new Summing(merging, (v, w) => Read(v, x.Stage, w)).Of(x));
            case MatVec x: return Multiply(x);
            default: throw new NotSupportedException($"the eager backend does not know the value {value.GetType().Name}");
        }
    }

    int Apply(Value value, int operand, Func<Tensor, Tensor> function) => Add(value, value.Stage, f => function(f[operand]));

    int Elementwise(Join x)
    {
        if (x.Right is Number right) return Apply(x, Read(x.Left, x.Stage), Arithmetic.Of(x.Operator, right.Of));
        if (x.Left is Number left) return Apply(x, Read(x.Right, x.Stage), Arithmetic.Of(left.Of, x.Operator));
        var (a, b, join) = (Read(x.Left, x.Stage), Read(x.Right, x.Stage), Arithmetic.Of(x.Operator));
        return Add(x, x.Stage, f => join(f[a], f[b]));
    }

    int Carry(Present x)
    {
        var body = Read(x.Body, Stage.Step, x.Width);
        var whole = x.Body.Stage > Stage.Parameters;          // otherwise the same for every batch member: [W]
        return Add(x, Stage.Step, f =>
        {
            var value = whole ? f[body] : f[body].expand(f.Batch, x.Width);
            return f.Tap is null ? value : f.Tap(x.State, value);
        });
    }

    int Full(double number, int width) => slots.TryGetValue((number, width), out var known) ? known
        : Add((number, width), Stage.Parameters, f => f.Input.new_full([width], number));
}
