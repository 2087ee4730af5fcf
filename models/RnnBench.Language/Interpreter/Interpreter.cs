namespace RnnBench.Language;

/// <summary>d loss / d everything that a run depends on.</summary>
/// <param name="Input">Like x, [T,B,I].</param>
/// <param name="Initial">Like the initial states, by name.</param>
/// <param name="Parameters">By full name.</param>
/// <param name="States">Total derivative with respect to each state at each moment, [T,B,W] by prefix and name: <c>layer0.h</c>.</param>
public sealed record Gradients(NdArray Input, IReadOnlyDictionary<string, NdArray> Initial, IReadOnlyDictionary<string, NdArray> Parameters,
    IReadOnlyDictionary<string, NdArray> States);

/// <summary>
/// The meaning of a model, in double precision, one node at a time: slow and plain, the definition that every backend is tested against.
/// Parameters are zero until they are written.
/// </summary>
public sealed class Interpreter(Model model) : ISequenceRunner<NdArray>
{
    readonly Dictionary<string, NdArray> parameters = model.Parameters.ToDictionary(q => q.Name, q => NdArray.Zeros(q.Shape));
    readonly Dictionary<string, NdArray> gradients = model.Parameters.ToDictionary(q => q.Name, q => NdArray.Zeros(q.Shape));
    readonly Stack stack = model as Stack
        ?? throw new UserError($"{model.Text} is a module, and the interpreter runs the equations of cells; take the backend eager.");
    readonly List<List<ScanRun>> trace = [];
    readonly Dictionary<Scan, WeightValues> weights = [];
    IReadOnlySet<string> given = new HashSet<string>();                     // the states that the last run was given
    NdArray? input;

    /// <inheritdoc/>
    public Model Model { get; } = model;
    /// <inheritdoc/>
    public string Path => "interpreter";
    /// <inheritdoc/>
    public IReadOnlyList<NdArray> Trainable => [.. Model.Parameters.Where(q => q.Trained).Select(q => parameters[q.Name])];
    /// <inheritdoc/>
    public IReadOnlyList<NdArray> Constants => [.. Model.Parameters.Where(q => !q.Trained).Select(q => parameters[q.Name])];
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, NdArray> Read() => parameters;
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, NdArray> ReadGradients() => gradients;

    /// <inheritdoc/>
    /// <exception cref="UserError">A parameter is missing, unknown or of another shape.</exception>
    public void Write(IReadOnlyDictionary<string, NdArray> parameters)
    {
        if (parameters.Keys.FirstOrDefault(name => !this.parameters.ContainsKey(name)) is { } unknown)
            throw new UserError($"{Model.Text} has no parameter {unknown}; it has {string.Join(", ", this.parameters.Keys)}.");
        foreach (var q in Model.Parameters)
        {
            var value = parameters.GetValueOrDefault(q.Name) ?? throw new UserError($"{Model.Text}: the parameter {q.Name} is missing.");
            Demand(value, q.Shape, q.Name).Data.CopyTo(this.parameters[q.Name].Data, 0);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="UserError">x or an initial state has another shape than the model wants, or a state is unknown.</exception>
    public SequenceResult<NdArray> Run(NdArray x, IReadOnlyDictionary<string, NdArray>? initial = null, RunHooks<NdArray>? hooks = null)
    {
        if (x.Shape is not [> 0, > 0, var width] || width != Model.Input)
            throw new UserError($"{Model.Text}: x has the shape {x}; it should be [T,B,{Text.Of(Model.Input)}], T and B at least 1.");
        hooks?.CheckLengths(Model, x.Shape[0], x.Shape[1]);
        var before = StateStore.Read(Model, x.Shape[1], initial);
        given = (initial?.Keys ?? []).ToHashSet();
        trace.Clear();
        weights.Clear();
        var outputs = new List<NdArray>();
        var flow = x;
        foreach (var (depth, layer) in stack.Layers.Index())
        {
            if (depth > 0 && hooks?.BetweenLayers is { } between) flow = between(flow);
            trace.Add([.. layer.Select((scan, d) => new ScanRun(scan, flow, Weights(scan), Started(scan, before[depth * layer.Count + d]), hooks?.Lengths))]);
            outputs.Add(Sequences.Join([.. trace[^1].Select(run => run.Forward(hooks))]));
            flow = stack.SkipInput ? Sequences.Join([outputs[^1], x]) : outputs[^1];
        }
        input = hooks is null or { BetweenLayers: null, Tap: null } ? x : null;
        var runs = trace.SelectMany(runs => runs).ToArray();
        return new SequenceResult<NdArray>(stack.SkipOutput ? Sequences.Join(outputs) : outputs[^1],
            StateStore.Write(Model, x.Shape[1], name => runs.Select(run => run.Last(name))), hooks?.RecordGates == true ? Gates(runs) : new());
    }

    /// <summary>Back through time over the last run, by the derivatives of the equations (<see cref="Derivative"/>).</summary>
    /// <param name="output">d loss / d y, [T,B,O].</param>
    /// <param name="state">d loss / d the states after the last step; null for zeros.</param>
    /// <exception cref="InvalidOperationException">There was no run, or it had hooks, whose derivatives are not known.</exception>
    public Gradients Backward(NdArray output, IReadOnlyDictionary<string, NdArray>? state = null)
    {
        var x = input ?? throw new InvalidOperationException("the interpreter goes back over a run without hooks; run one first");
        var batch = x.Shape[1];
        Demand(output, [x.Shape[0], batch, Model.Output], "the derivative of y");
        foreach (var gradient in gradients.Values) Array.Clear(gradient.Data);
        var sums = Model.Scans.ToDictionary(scan => scan, scan => Stored(gradients, scan));
        var (last, before, all) = (StateStore.Read(Model, batch, state), new List<double[]>[Model.Scans.Count], new Dictionary<string, NdArray>());
        var (dx, above) = (NdArray.Zeros(x.Shape), (NdArray?)null);
        var states = new IReadOnlyDictionary<string, double[][]>[Model.Scans.Count];
        foreach (var (depth, layer) in stack.Layers.Index().Reverse())
        {
            var dLayer = Sequences.Sum(above, OwnPart(output, depth));
            var dInput = NdArray.Zeros(x.Shape[0], batch, layer[0].Cell.Input.Size);
            foreach (var (d, scan) in layer.Index())
            {
                var part = Sequences.Part(dLayer, d * (stack.WidthOf(depth) / layer.Count), stack.WidthOf(depth) / layer.Count);
                var dWeights = weights[scan].Gradients(q => sums[scan][q]);
                (var dScan, states[depth * layer.Count + d]) = trace[depth][d].Backward(part, last[depth * layer.Count + d], dWeights);
                weights[scan].Back(dWeights, q => sums[scan][q]);
                BackToStarts(scan, sums[scan], states[depth * layer.Count + d], x.Shape[0]);
                dInput = Sequences.Sum(dInput, dScan);
            }
            if (depth == 0 || stack.SkipInput) dx = Sequences.Sum(dx, Sequences.Part(dInput, depth == 0 ? 0 : stack.WidthOf(depth - 1), Model.Input));
            above = depth == 0 ? null : Sequences.Part(dInput, 0, stack.WidthOf(depth - 1));
        }
        foreach (var q in stack.Parameters.Where(q => q.Matrices is not null)) Stacks.Put(q, gradients[q.Name], sums[q.Scan]);
        foreach (var constant in Model.Parameters.Where(q => !q.Trained)) Array.Clear(gradients[constant.Name].Data);
        return new Gradients(dx, StateStore.Write(Model, batch, name => states.Select(s => s[name].Take(s[name].Length - x.Shape[0]))), gradients, Moments(states, x.Shape[0], batch));
    }

    /// <inheritdoc/>
    public void Dispose() { }

    static Dictionary<Parameter, double[]> Stored(Dictionary<string, NdArray> values, Scan scan) =>
        scan.Cell.Parameters.ToDictionary(q => q, q => q is Matrix { Stack: { } stack } m ? Stacks.Take(stack, values[scan.Prefix + stack.Name], m.Index) : values[scan.NameOf(q)].Data);

    IReadOnlyDictionary<Parameter, double[]> Weights(Scan scan)
    {
        var stored = Stored(parameters, scan);
        return (weights[scan] = new WeightValues(scan.Cell, q => stored[q])).Values;
    }

    /// <summary>The states before the first step, those that start from parameters and were not given put in.</summary>
    Dictionary<string, double[][]> Started(Scan scan, IReadOnlyDictionary<string, double[][]> before) => before.ToDictionary(s => s.Key, s =>
        given.Contains(s.Key) || StartOf(scan, s.Key) is not { Count: > 0 } start ? s.Value
        : [.. s.Value.Select(step => (double[])[.. Enumerable.Repeat(start, step.Length / start.Sum(v => parameters[scan.NameOf(v)].Data.Length)).SelectMany(row => row.SelectMany(v => parameters[scan.NameOf(v)].Data))])]);

    /// <summary>The parameters that a state starts from get what arrived at it before the first step.</summary>
    void BackToStarts(Scan scan, IReadOnlyDictionary<Parameter, double[]> sums, IReadOnlyDictionary<string, double[][]> states, int steps)
    {
        foreach (var (name, values) in states.Where(s => !given.Contains(s.Key)))
        {
            var (start, offset) = (StartOf(scan, name), 0);
            foreach (var gradient in start.Select(v => sums[v]))
            {
                foreach (var row in values.SkipLast(steps).SelectMany(step => step.Chunk(start.Sum(v => sums[v].Length))))
                    for (var k = 0; k < gradient.Length; k++) gradient[k] += row[offset + k];
                offset += gradient.Length;
            }
        }
    }

    static IReadOnlyList<Vector> StartOf(Scan scan, string state) => scan.Cell.States.First(s => s.Name == state).Start;

    Dictionary<string, NdArray> Gates(ScanRun[] runs) => Model.Scans.Zip(runs)
        .SelectMany(pair => pair.First.Cell.Gates.Select(gate => (Name: pair.First.Prefix + gate.Name, Value: pair.Second.Record(gate))))
        .ToDictionary(gate => gate.Name, gate => gate.Value);

    /// <summary>The part of d loss / d y that is a layer's own.</summary>
    NdArray? OwnPart(NdArray output, int layer) =>
        stack.SkipOutput ? Sequences.Part(output, Enumerable.Range(0, layer).Sum(stack.WidthOf), stack.WidthOf(layer))
        : layer == stack.Layers.Count - 1 ? output : null;

    /// <summary>Derivatives in scan order, put in the order of time.</summary>
    Dictionary<string, NdArray> Moments(IReadOnlyDictionary<string, double[][]>[] states, int steps, int batch) => Model.Scans.Zip(states)
        .SelectMany(pair => pair.Second.Select(state => (Name: pair.First.Prefix + state.Key, Values: state.Value.TakeLast(steps), pair.First.Reversed)))
        .ToDictionary(s => s.Name, s => new NdArray([steps, batch, s.Values.First().Length / batch], [.. (s.Reversed ? s.Values.Reverse() : s.Values).SelectMany(value => value)]));

    NdArray Demand(NdArray value, IReadOnlyList<int> shape, string name) => value.Shape.SequenceEqual(shape) ? value
        : throw new UserError($"{Model.Text}: {name} has the shape {value}; it should be {NdArray.Written(shape)}.");
}
