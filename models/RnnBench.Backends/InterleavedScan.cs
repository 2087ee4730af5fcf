using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>
/// A dilated scan in as many steps as its dilation allows: steps that are no multiple of d apart never meet, so that d of them are one step of the
/// undilated cell on a batch d times as large. The sequence [T,B,I] is seen as [T/d,dB,I], which copies nothing but padding at its end.
/// </summary>
/// <remarks>Chang et al. 2017, arXiv:1710.02224, section 3.2.</remarks>
sealed class InterleavedScan : ScanRunner
{
    readonly Recurrence cell;
    readonly ScanRunner undilated;
    readonly int dilation;

    InterleavedScan(Scan scan, int dilation, Func<Scan, ScanRunner> make) =>
        (cell, this.dilation, undilated) = (scan.Cell, dilation, make(scan with { Cell = scan.Cell.Compressed(dilation) }));

    /// <summary>The dilation d of which all lags of a scan are multiples; 1 where the steps have to come one after the other.</summary>
    public static int DilationOf(Scan scan)
    {
        int[] lags = [.. scan.Cell.Nodes.OfType<StateAt>().Select(read => read.Lag).Distinct()];
        var apart = scan.Reversed || lags.Length == 0 || scan.Cell.States.Any(state => state.Start.Count > 0) || scan.Cell.Nodes.OfType<InputAt>().Any(read => read.Lag > 0);
        return apart ? 1 : lags.Aggregate((a, b) => (int)System.Numerics.BigInteger.GreatestCommonDivisor(a, b));
    }

    /// <summary>The runner of a scan: interleaved where it is dilated.</summary>
    /// <param name="scan">The scan.</param>
    /// <param name="make">Makes the runner of an undilated scan.</param>
    public static ScanRunner Of(Scan scan, Func<Scan, ScanRunner> make) => DilationOf(scan) is > 1 and var dilation ? new InterleavedScan(scan, dilation, make) : make(scan);

    public override IReadOnlyList<Tensor> Trainable => undilated.Trainable;
    public override IReadOnlyList<Tensor> Constants => undilated.Constants;
    public override Tensor Read(Parameter weight) => undilated.Read(weight);
    public override Tensor ReadGradient(Parameter weight) => undilated.ReadGradient(weight);
    public override void Write(Parameter weight, Tensor value) => undilated.Write(weight, value);
    public override void Dispose() => undilated.Dispose();

    public override SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        var (steps, batch) = (x.shape[0], x.shape[1]);
        var together = Math.Min(dilation, steps);
        var blocks = (steps + together - 1) / together;
        var padded = blocks * together == steps ? x : cat([x, x.new_zeros([blocks * together - steps, batch, x.shape[2]])], 0);
        // Padded steps only follow real ones, and so do those behind a sequence's end: no real step sees them.
        var run = undilated.Run(padded.reshape(blocks, together * batch, -1), initial.ToDictionary(s => s.Key, s => Before(s.Key, s.Value, together, batch)), hooks with { Lengths = null });
        var all = run.Output.reshape(blocks * together, batch, -1).narrow(0, 0, steps);
        var states = new Dictionary<string, Tensor>();
        var at = cell.WidthOf(cell.Output).Size;
        foreach (var state in cell.States)
        {
            states[state.Name] = After(state, all.narrow(-1, at, cell.WidthOf(state).Size), initial, hooks.Lengths);
            at += cell.WidthOf(state).Size;
        }
        return new(Lengths.Masked(all.narrow(-1, 0, cell.WidthOf(cell.Output).Size), hooks.Lengths), states, run.Gates);
    }

    /// <summary>A state before the first step as the undilated cell has it: row jB + b is that of sequence b at the steps j - d, j - 2d ...</summary>
    Tensor Before(string name, Tensor value, long together, long batch)
    {
        var deep = value.dim() == 2 ? value.unsqueeze(0) : value;
        var kept = deep.shape[0] / dilation;
        var state = cell.States.First(s => s.Name == name);
        var read = Math.Max(1, cell.Nodes.OfType<StateAt>().Where(r => r.State == state).Select(r => r.Lag / dilation).DefaultIfEmpty(1).Max());
        if (kept < read) return deep.new_zeros([together * batch, deep.shape[2]]);                     // a state that nothing reads
        var rows = deep.narrow(0, deep.shape[0] - read * dilation, read * dilation).reshape(read, dilation, batch, -1).narrow(1, 0, together).reshape(read, together * batch, -1);
        return read > 1 ? rows : rows[0];
    }

    /// <summary>The last steps of a state, of each sequence its own.</summary>
    Tensor After(State state, Tensor sequence, IReadOnlyDictionary<string, Tensor> initial, IReadOnlyList<int>? lengths)
    {
        var depth = cell.DepthOf(state);
        var before = initial.TryGetValue(state.Name, out var given) ? depth > 1 ? given : given.unsqueeze(0) : sequence.new_zeros([depth, sequence.shape[1], sequence.shape[2]]);
        var all = cat([before, sequence], 0);
        var last = lengths is null ? all.narrow(0, sequence.shape[0], depth) : stack(lengths.Select((length, member) => all.narrow(0, length, depth).select(1, member)), 1);
        return depth > 1 ? last : last[0];
    }
}
