using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>
/// A cell's equations as three lists of TorchSharp operations, made once: those on the parameters, those over the whole sequence, and
/// those of one step. Each operation reads and writes slots of a <see cref="Frame"/>.
/// </summary>
sealed class Plan
{
    readonly Merging merging;
    readonly IReadOnlyDictionary<Parameter, Tensor> leaves;
    readonly Dictionary<object, int> slots = [];
    readonly HashSet<int> crossings = [];
    readonly List<Action<Frame>>[] stages = [[], [], []];
    int count;

    /// <param name="cell">The equations.</param>
    /// <param name="leaves">The parameters that the operations read.</param>
    /// <param name="gates">Whether gate values are wanted.</param>
    public Plan(Recurrence cell, IReadOnlyDictionary<Parameter, Tensor> leaves, bool gates)
    {
        this.leaves = leaves;
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
            case Weight x: return Add(x, Stage.Parameters, _ => leaves[x.Vector]);
            case Incoming x: Inputs.Add((Slot(x), x.Lag)); return slots[x];
            case Past x: Earlier.Add((Slot(x), x.State, x.Lag)); return slots[x];
            case Present x: return Carry(x);
            case Map x: return Apply(x, Read(x.Operand, x.Stage), Arithmetic.Of(x.Function));
            case Join x: return Elementwise(x);
            case Total x: return Add(x, x.Stage, new Summing(merging, (v, w) => Read(v, x.Stage, w)).Of(x));
            case MatVec x: var (m, v) = (leaves[x.Matrix], Emit(x.Operand, Columns(x))); return Add(x, x.Stage, f => (x.Transposed ? m.t() : m).mv(f[v]));
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
        : Add((number, width), Stage.Parameters, _ => leaves.Values.First().new_full([width], number));

    static int Columns(MatVec product) => product.Operand.Width;

    /// <summary>One product for all that share its operand, started from what they are added to.</summary>
    void Multiply(Merged merged)
    {
        var stage = merged.Operand.Stage;
        var operand = Read(merged.Operand, stage);
        var matrices = merged.Slices.Select(slice => (Leaf: leaves[slice.Product.Matrix], slice.Product.Transposed)).ToArray();
        var weights = Add(new object(), Stage.Parameters, _ => Stack(matrices));
        var bias = Bias(merged, stage);
        Func<Frame, Tensor, Tensor> multiply = bias is { } start ? (f, v) => f[start].addmm(v, f[weights]) : (f, v) => v.mm(f[weights]);
        var product = Add(merged, stage, f => Rows(f[operand], v => multiply(f, v)));
        if (merged.Parts is [var only]) slots[only] = product;
        else Split(product, stage, merged.Parts, [.. merged.Parts.Select(part => part.Width)]);
        foreach (var part in merged.Parts)
        {
            if (part.Maps is [var map, ..])
            {
                var (before, function) = (slots[part], Arithmetic.Of(map.Function));
                var after = Add(new object(), stage, f => function(f[before]));
                if (part.Maps.Count == 1) slots[map] = after;
                else Split(after, stage, part.Maps, [.. part.Maps.Select(m => m.Width)]);
            }
            else if (part.Slices is [var slice]) slots[slice.Target] = slots[part];
        }
    }

    /// <summary>One band of a part that was to be handed on whole, but whose taker has other bands in between.</summary>
    int Band(Merged merged, Value target)
    {
        var part = merged.Parts.First(part => part.Slices.Any(slice => slice.Target == target));
        var from = part.Slices.TakeWhile(slice => slice.Target != target).Sum(slice => slice.Product.Width);
        var block = slots[part];
        return Add(target, merged.Operand.Stage, f => f[block].narrow(-1, from, target.Width));
    }

    static Tensor Stack((Tensor Leaf, bool Transposed)[] matrices) => matrices is [var (m, transposed)]
        ? transposed ? m : m.t()
        : cat([.. matrices.Select(m => m.Transposed ? m.Leaf.t() : m.Leaf)], 0).t();

    /// <summary>Matrix products want rows: [T,B,W] is taken as [T·B,W].</summary>
    static Tensor Rows(Tensor operand, Func<Tensor, Tensor> multiply) => operand.dim() == 2 ? multiply(operand)
        : multiply(operand.reshape(-1, operand.shape[2])).view(operand.shape[0], operand.shape[1], -1);

    void Split(int whole, Stage stage, IReadOnlyList<object> into, long[] widths)
    {
        var first = count;
        foreach (var part in into) Slot(part);
        stages[(int)stage].Add(f =>
        {
            var parts = f[whole].split(widths, -1);
            for (var k = 0; k < parts.Length; k++) f[first + k] = parts[k];
        });
    }

    /// <summary>What a merged product starts from: null for nothing, [R] from the parameters, or [T,B,R] hoisted out of the time loop.</summary>
    int? Bias(Merged merged, Stage stage)
    {
        var slices = merged.Slices.ToArray();
        if (slices.All(slice => slice.Bias is null)) return null;
        if (slices.All(slice => slice.Bias is null or { Stage: Stage.Parameters }))
            return Concatenate(Stage.Parameters, [.. slices.Select(slice => slice.Bias is { } bias ? Emit(bias, slice.Product.Width) : Full(0, slice.Product.Width))]);
        var whole = Concatenate(Stage.Sequence, [.. Pieces(merged, slices)]);
        crossings.Add(whole);
        return whole;
    }

    /// <summary>The biases in the order of the bands, those that come as one block as one piece.</summary>
    IEnumerable<int> Pieces(Merged merged, Slice[] slices)
    {
        for (var k = 0; k < slices.Length;)
        {
            var block = slices[k].Bias is { } b ? merging.Of(b)?.Parts.FirstOrDefault(part => part.Feeds == merged && part.Slices[0].Target == b) : null;
            if (block is not null && block.Slices.Select(s => s.Target).SequenceEqual(slices.Skip(k).Take(block.Slices.Count).Select(s => s.Bias)))
            {
                yield return Block(block, slices[k].Bias!);
                k += block.Slices.Count;
            }
            else
            {
                yield return slices[k].Bias is { } bias ? Emit(bias, slices[k].Product.Width) : Full(0, slices[k].Product.Width);
                k++;
            }
        }
    }

    /// <summary>The slot of a part that is handed on whole.</summary>
    int Block(Part part, Value member)
    {
        if (!slots.ContainsKey(part)) Multiply(merging.Of(member)!);
        return slots[part];
    }

    int Concatenate(Stage stage, int[] pieces) => pieces is [var only] ? only
        : Add(new object(), stage, f => cat([.. pieces.Select(piece => stage == Stage.Parameters || f[piece].dim() == 3 ? f[piece]
            : f[piece].expand(f.Steps, f.Batch, f[piece].shape[0]))], -1));
}
