namespace RnnBench.Language;

/// <summary>
/// One scan over a sequence: forward, and back through time by the derivatives of the equations. Steps are numbered in the order of the
/// scan; sequences are [T,B,W] in the order of time. Each batch member has its own first and last step; before its first it reads the
/// initial states, whatever the others do meanwhile.
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
    readonly (int First, int End)[] spans;                                  // the real steps of each batch member

    public ScanRun(Scan scan, NdArray input, IReadOnlyDictionary<Parameter, double[]> weights, IReadOnlyDictionary<string, double[][]> before,
        IReadOnlyList<int>? lengths)
    {
        (this.scan, cell, this.input, this.weights) = (scan, scan.Cell, input, weights);
        (steps, batch) = (input.Shape[0], input.Shape[1]);
        history = before.ToDictionary(s => s.Key, s => (double[][])[.. s.Value, .. new double[steps][]]);
        trace = new Step[steps];
        spans = [.. Enumerable.Range(0, batch).Select(member => lengths?[member] ?? steps)
            .Select(length => scan.Reversed ? (steps - length, steps) : (0, length))];
        nexts = [.. cell.Equations.Where(e => cell.States.Any(state => cell.Next[state.Name] == e))];
    }

    /// <summary>y [T,B,W].</summary>
    public NdArray Forward(RunHooks<NdArray>? hooks)
    {
        var output = NdArray.Zeros(steps, batch, cell.WidthOf(cell.Output).Size);
        for (var k = 0; k < steps; k++)
        {
            var at = k;                                                     // gates may be computed after the last step, when k has moved on
            var step = trace[k] = new Step(cell, batch, weights, e => Outside(e, at));
            foreach (var state in nexts)
            {
                var width = cell.WidthOf(state).Size;
                var value = step.Value(state, width);
                if (hooks?.Tap is { } tap) value = tap(scan.Prefix, state.Name, Moment(at), new NdArray([batch, width], value)).Data;
                value = Rows(width, member => Real(member, at) ? value.AsSpan(member * width, width) : Row(state.Name, member, at - 1));
                step.Replace(state, value);
                history[state.Name][Depth(state.Name) + k] = value;
            }
            Put(step, cell.Output, k, output);
        }
        return output;
    }

    /// <summary>The last real steps of a state, as many as were kept before the first one, oldest first.</summary>
    public IEnumerable<double[]> Last(string state) => Enumerable.Range(0, Depth(state))
        .Select(d => Rows(history[state][0].Length / batch, member => Row(state, member, spans[member].End - Depth(state) + d)));

    /// <summary>The values of a named node at every step, [T,B,W].</summary>
    public NdArray Record(Named node)
    {
        var record = NdArray.Zeros(steps, batch, cell.WidthOf(node).Size);
        for (var k = 0; k < steps; k++) Put(trace[k], node, k, record);
        return record;
    }

    /// <summary>Puts the values of a node at a step into a sequence; where a member has no such step, zeros remain.</summary>
    void Put(Step step, Expr node, int k, NdArray sequence)
    {
        var width = sequence.Shape[2];
        var value = step.Value(node, width);
        foreach (var member in Enumerable.Range(0, batch).Where(member => Real(member, k)))
            value.AsSpan(member * width, width).CopyTo(sequence.Data.AsSpan((Moment(k) * batch + member) * width));
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
            for (var d = 0; d < value.Length; d++) Scatter(name, member => spans[member].End - value.Length + d, value[d]);
        var totals = dStates.ToDictionary(s => s.Key, s => (double[][])[.. s.Value]);
        for (var k = steps - 1; k >= 0; k--) Back(k);
        return (dInput, totals);

        void Back(int k)
        {
            var step = trace[k];
            var seeds = derivative.NextStates.ToDictionary(s => s.Value, s => dStates[s.Key][Depth(s.Key) + k]);
            seeds[derivative.Output] = Sequence(output, k, k);
            step.Incoming = given => seeds[given];
            foreach (var (name, e) in derivative.Totals) totals[name][Depth(name) + k] = step.Value(e, dStates[name][0].Length / batch);
            foreach (var ((name, lag), e) in derivative.States)
                Scatter(name, member => Real(member, k) ? k - lag : null, step.Value(e, dStates[name][0].Length / batch));
            foreach (var (lag, e) in derivative.Inputs.Where(read => read.Key <= k))
            {
                var value = step.Value(e, cell.Input.Size);
                foreach (var member in Enumerable.Range(0, batch).Where(member => Real(member, k) && Real(member, k - lag)))
                    Add(dInput.Data.AsSpan((Moment(k - lag) * batch + member) * cell.Input.Size), value.AsSpan(member * cell.Input.Size, cell.Input.Size));
            }
            foreach (var (vector, e) in derivative.Vectors) AddRows(gradients[vector], step.Value(e, gradients[vector].Length));
            foreach (var outer in derivative.Matrices) AddOuter(step, outer, gradients[outer.Matrix]);
        }

        void Scatter(string state, Func<int, int?> at, double[] value)
        {
            var width = value.Length / batch;
            for (var member = 0; member < batch; member++)
                if (at(member) is { } k) Add(dStates[state][Index(state, member, k)].AsSpan(member * width), value.AsSpan(member * width, width));
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

    static void Add(Span<double> sum, ReadOnlySpan<double> value)
    {
        for (var k = 0; k < value.Length; k++) sum[k] += value[k];
    }

    /// <summary>What comes from outside the equations at step k: x is zero before the sequence and behind it.</summary>
    double[] Outside(Expr e, int k) => e switch
    {
        StateAt s => Rows(cell.WidthOf(s.State).Size, member => Row(s.State.Name, member, k - s.Lag)),
        InputAt x => Sequence(input, k, k - x.Lag),
        _ => throw new NotSupportedException($"the interpreter does not know the node {e.GetType().Name}"),
    };

    /// <summary>A sequence at a step, as it is read from step k; zero where either is no step of a member's.</summary>
    double[] Sequence(NdArray sequence, int k, int at)
    {
        var width = sequence.Shape[2];
        return Rows(width, member => Real(member, k) && Real(member, at) ? sequence.Data.AsSpan((Moment(at) * batch + member) * width, width) : default);
    }

    double[] Rows(int width, MemberRow row)
    {
        var rows = new double[batch * width];
        for (var member = 0; member < batch; member++) row(member).CopyTo(rows.AsSpan(member * width, width));
        return rows;
    }

    delegate ReadOnlySpan<double> MemberRow(int member);

    ReadOnlySpan<double> Row(string state, int member, int k)
    {
        var value = history[state][Index(state, member, k)];
        return value.AsSpan(member * (value.Length / batch), value.Length / batch);
    }

    /// <summary>Where a state of a batch member stands in the history: before its first step it has the kept ones.</summary>
    int Index(string state, int member, int k) =>
        Depth(state) + (k < spans[member].First ? Math.Max(k - spans[member].First, -Depth(state)) : k);

    bool Real(int member, int k) => k >= spans[member].First && k < spans[member].End;

    int Depth(string state) => history[state].Length - steps;

    /// <summary>The moment of step k of the scan.</summary>
    int Moment(int k) => scan.Reversed ? steps - 1 - k : k;
}
