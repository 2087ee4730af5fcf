using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Eager;

/// <summary>The steps of one scan, one after the other, and what is kept of them.</summary>
sealed class TimeLoop
{
    readonly Plan plan;
    readonly Scan scan;
    readonly Frame whole, now;
    readonly Dictionary<State, List<Tensor>> history;
    readonly Dictionary<State, int> depths;
    readonly Dictionary<int, Tensor[]> kept;
    readonly IReadOnlyList<Tensor>? real;                           // for each moment which sequences have that step, [B,1]; null for all
    int step;

    /// <param name="plan">The operations.</param>
    /// <param name="scan">What is run.</param>
    /// <param name="whole">The values known before the first step.</param>
    /// <param name="initial">The states before it; those that are missing are zero.</param>
    /// <param name="hooks">What sees the states, and how long the sequences are.</param>
    public TimeLoop(Plan plan, Scan scan, Frame whole, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        (this.plan, this.scan, this.whole) = (plan, scan, whole);
        var tap = hooks.Tap;
        if (hooks.Lengths is { } lengths) real = Lengths.Real(lengths, whole.Steps, whole.Input.device).unbind(0);
        now = whole.Continue(tap is null ? null : (state, value) => tap(scan.Prefix, state.Name, step, value));
        depths = scan.Cell.States.ToDictionary(s => s, scan.Cell.DepthOf);
        history = scan.Cell.States.ToDictionary(s => s, s => Before(s, initial.GetValueOrDefault(s.Name)));
        kept = new[] { plan.Output }.Concat(plan.Gates.Values).Where(place => place.Stage == Stage.Step)
            .Select(place => place.Slot).Distinct().ToDictionary(slot => slot, _ => new Tensor[whole.Steps]);
    }

    /// <summary>The states after the last step: [B,W], or the last D steps of them, [D,B,W], oldest first.</summary>
    public Dictionary<string, Tensor> Final => history.ToDictionary(s => s.Key.Name,
        s => Depth(s.Key) == 1 ? s.Value[^1] : stack(s.Value.TakeLast(Depth(s.Key)), 0));

    /// <summary>Runs all steps.</summary>
    public void Run()
    {
        var crossings = plan.Crossings.Select(slot => (Slot: slot, Steps: whole[slot].unbind(0))).ToArray();
        var passing = now.Tap is null && !is_grad_enabled();         // nothing but the results outlives a step: a long evaluation stays small
        for (var k = 0; k < whole.Steps; k++)
        {
            using var scope = passing ? NewDisposeScope() : null;
            step = scan.Reversed ? (int)whole.Steps - 1 - k : k;
            foreach (var (slot, steps) in crossings) now[slot] = steps[step];
            foreach (var (slot, state, lag) in plan.Earlier) now[slot] = history[state][^lag];
            foreach (var operation in plan.Operations(Stage.Step)) operation(now);
            foreach (var (state, slot) in plan.States) Keep(history[state], now[slot], Depth(state));
            foreach (var (slot, steps) in kept) steps[step] = now[slot];
            scope?.MoveToOuter(plan.States.Values.Concat(kept.Keys).Distinct().Select(slot => now[slot]).Concat(Kept()).Distinct());
        }

        IEnumerable<Tensor> Kept() => real is null ? [] : history.SelectMany(s => s.Value.TakeLast(Depth(s.Key)));
    }

    /// <summary>Adds a state to its history. A sequence that has no such step keeps all that the next step can read.</summary>
    void Keep(List<Tensor> past, Tensor value, int depth)
    {
        past.Add(value);
        if (real is null) return;
        for (var lag = 1; lag <= depth; lag++) past[^lag] = where(real[step], past[^lag], past[^(lag + 1)]);
    }

    /// <summary>A value at all steps, [T,B,W].</summary>
    public Tensor Collect(Plan.Place place) => place.Stage switch
    {
        Stage.Step => stack(kept[place.Slot], 0),
        Stage.Sequence => whole[place.Slot],
        _ => whole[place.Slot].expand(whole.Steps, whole.Batch, -1),
    };

    /// <summary>How many past steps of a state are kept.</summary>
    int Depth(State state) => depths[state];

    /// <summary>A state's steps before the first one, oldest first.</summary>
    List<Tensor> Before(State state, Tensor? given) => given is null
        ? [.. Enumerable.Repeat(whole.Input.new_zeros([whole.Batch, scan.Cell.WidthOf(state).Size]), Depth(state))]
        : Depth(state) == 1 ? [given] : [.. given.unbind(0)];
}
