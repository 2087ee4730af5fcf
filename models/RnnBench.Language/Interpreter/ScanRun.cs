namespace RnnBench.Language;

/// <summary>
/// One scan over a sequence: forward, and back through time by the derivatives of the equations. Steps are numbered in the order of the
/// scan; sequences are [T,B,W] in the order of time.
/// </summary>
sealed class ScanRun
{
    readonly Scan scan;
    readonly Recurrence cell;
    readonly int steps, batch;
    readonly IReadOnlyDictionary<Parameter, double[]> weights;
    readonly NdArray input;
    readonly Dictionary<string, double[][]> history;                        // the kept steps before the first one, oldest first, then every step
    readonly Step[] trace;
    readonly Named[] nexts;                                                 // the equations of the states, in the order of the paper

    public ScanRun(Scan scan, NdArray input, IReadOnlyDictionary<Parameter, double[]> weights, IReadOnlyDictionary<string, double[][]> before)
    {
        (this.scan, cell, this.input, this.weights) = (scan, scan.Cell, input, weights);
        (steps, batch) = (input.Shape[0], input.Shape[1]);
        history = before.ToDictionary(s => s.Key, s => (double[][])[.. s.Value, .. new double[steps][]]);
        trace = new Step[steps];
        nexts = [.. cell.Equations.Where(e => cell.States.Any(state => cell.Next[state.Name] == e))];
    }

    /// <summary>y [T,B,W].</summary>
    public NdArray Forward(RunHooks<NdArray>? hooks)
    {
        var width = cell.WidthOf(cell.Output).Size;
        var output = NdArray.Zeros(steps, batch, width);
        for (var k = 0; k < steps; k++)
        {
            var (at, step) = (k, trace[k] = new Step(cell, batch, weights, e => Outside(e, k)));
            foreach (var state in nexts)
            {
                var value = step.Value(state, cell.WidthOf(state).Size);
                if (hooks?.Tap is { } tap) value = tap(scan.Prefix, state.Name, Moment(at), new NdArray([batch, cell.WidthOf(state).Size], value)).Data;
                step.Replace(state, value);
                history[state.Name][Depth(state.Name) + k] = value;
            }
            step.Value(cell.Output, width).CopyTo(output.Data, Moment(k) * batch * width);
        }
        return output;
    }

    /// <summary>The last steps of a state, as many as were kept before the first one, oldest first.</summary>
    public IEnumerable<double[]> Last(string state) => history[state].TakeLast(Depth(state));

    /// <summary>The values of a named node at every step, [T,B,W].</summary>
    public NdArray Record(Named node)
    {
        var width = cell.WidthOf(node).Size;
        var record = NdArray.Zeros(steps, batch, width);
        for (var k = 0; k < steps; k++) trace[k].Value(node, width).CopyTo(record.Data, Moment(k) * batch * width);
        return record;
    }

    /// <summary>Goes back through time.</summary>
    /// <param name="output">d loss / d y, [T,B,W].</param>
    /// <param name="last">d loss / d the last steps of each state.</param>
    /// <param name="gradients">Where d loss / d parameters is added to.</param>
    /// <returns>d loss / d input [T,B,I], and for each state the total derivative with respect to every step: the kept ones before the first, then in scan order.</returns>
    public (NdArray Input, IReadOnlyDictionary<string, double[][]> States) Backward(NdArray output, IReadOnlyDictionary<string, double[][]> last,
        IReadOnlyDictionary<Parameter, double[]> gradients)
    {
        var derivative = Derivative.Of(cell);
        var dInput = NdArray.Zeros(input.Shape);
        var dStates = cell.States.ToDictionary(s => s.Name, s => history[s.Name].Select(value => new double[value.Length]).ToArray());
        foreach (var (name, value) in last)
            for (var d = 0; d < value.Length; d++) Add(dStates[name][steps + d], value[d]);
        var totals = dStates.ToDictionary(s => s.Key, s => (double[][])[.. s.Value]);
        for (var k = steps - 1; k >= 0; k--) Back(k);
        return (dInput, totals);

        void Back(int k)
        {
            var step = trace[k];
            var seeds = derivative.NextStates.ToDictionary(s => s.Value, s => dStates[s.Key][Depth(s.Key) + k]);
            seeds[derivative.Output] = output.Data[(Moment(k) * batch * derivative.Output.Width.Size)..((Moment(k) + 1) * batch * derivative.Output.Width.Size)];
            step.Incoming = given => seeds[given];
            foreach (var (name, e) in derivative.Totals) totals[name][Depth(name) + k] = step.Value(e, dStates[name][0].Length / batch);
            foreach (var ((name, lag), e) in derivative.States)
                Add(dStates[name][Depth(name) + k - lag], step.Value(e, dStates[name][0].Length / batch));
            foreach (var (lag, e) in derivative.Inputs.Where(read => read.Key <= k))
                Add(dInput.Data.AsSpan(Moment(k - lag) * batch * cell.Input.Size), step.Value(e, cell.Input.Size));
            foreach (var (vector, e) in derivative.Vectors) AddRows(gradients[vector], step.Value(e, gradients[vector].Length));
            foreach (var outer in derivative.Matrices) AddOuter(step, outer, gradients[outer.Matrix]);
        }
    }

    void AddOuter(Step step, Outer outer, double[] gradient)
    {
        var (rows, columns) = (cell.Shapes[outer.Matrix][0].Size, cell.Shapes[outer.Matrix][1].Size);
        var (left, right) = (step.Value(outer.Left, rows), step.Value(outer.Right, columns));
        for (var member = 0; member < batch; member++)
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++) gradient[r * columns + c] += left[member * rows + r] * right[member * columns + c];
    }

    static void AddRows(double[] sum, double[] rows)
    {
        for (var k = 0; k < rows.Length; k++) sum[k % sum.Length] += rows[k];
    }

    static void Add(Span<double> sum, double[] value)
    {
        for (var k = 0; k < value.Length; k++) sum[k] += value[k];
    }

    /// <summary>What comes from outside the equations at step k: x is zero before the sequence.</summary>
    double[] Outside(Expr e, int k) => e switch
    {
        StateAt s => history[s.State.Name][Depth(s.State.Name) + k - s.Lag],
        InputAt x when x.Lag > k => new double[batch * cell.Input.Size],
        InputAt x => input.Data[(Moment(k - x.Lag) * batch * cell.Input.Size)..((Moment(k - x.Lag) + 1) * batch * cell.Input.Size)],
        _ => throw new NotSupportedException($"the interpreter does not know the node {e.GetType().Name}"),
    };

    int Depth(string state) => history[state].Length - steps;

    /// <summary>The moment of step k of the scan.</summary>
    int Moment(int k) => scan.Reversed ? steps - 1 - k : k;
}
