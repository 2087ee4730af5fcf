using RnnBench.Backends.Reversible;
using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>Reversible networks in fixed point: undone to the last bit, gradients of the values that were, memory for what was forgotten only.</summary>
public sealed class ReversibleTests
{
    /// <summary>Every state of the way there, recomputed from the last one: limits, kinds of numbers, directions, a thousand steps, buffers that overflow.</summary>
    [Theory]
    [InlineData("rev-gru", 0, ScalarType.Float32, 1)]
    [InlineData("rev-gru", 1, ScalarType.Float64, 2)]
    [InlineData("rev-gru", 3, ScalarType.Float32, 3)]
    [InlineData("rev-gru", 5, ScalarType.Float32, 4)]
    [InlineData("rev-lstm", 0, ScalarType.Float64, 5)]
    [InlineData("rev-lstm", 1, ScalarType.Float32, 6)]
    [InlineData("rev-lstm", 2, ScalarType.Float32, 7)]
    [InlineData("rev-lstm", 5, ScalarType.Float64, 8)]
    public void A_long_sequence_is_undone_to_the_last_bit(string id, int bits, ScalarType dtype, long seed)
    {
        using var scope = NewDisposeScope();
        var (problem, cell) = Drawn($"{id}(hidden=10,max_forget_bits={bits})", steps: 1000, batch: 3, dtype, seed);
        using var run = new ReversibleRun(cell, reversed: seed % 2 == 0, lengths: null);
        var (weights, start) = (Weights(problem, cell), Start(problem, cell));
        var there = new Dictionary<int, long[]>();
        var first = start.SelectMany(s => cell.Parts(s.Key).Select(c => FixedPoint.Of(s.Value.narrow(-1, c.First, c.Width)).data<long>().ToArray())).ToArray();
        var y = run.Forward(weights, problem.X, start).Output;
        Assert.All(run.Forgotten, buffer => Assert.True(buffer.FullBuffers > 0));
        run.Undo(weights, problem.X, t =>
        {
            var before = seed % 2 == 0 ? t + 1 : t - 1;
            if (before is >= 0 and < 1000) Assert.True(cat([.. cell.Parts(cell.Cell.States[0]).Select(c => FixedPoint.ToReal(run.States[c], dtype))], -1).Equals(y[before]), $"before step {t}");
        });
        Assert.Equal(first, start.SelectMany(s => cell.Parts(s.Key).Select(c => run.States[c].data<long>().ToArray())));
        Assert.All(run.Forgotten, buffer => Assert.Equal((0, 0), (buffer.FullBuffers, buffer.Buffer.abs().sum().item<long>())));
    }

    [Fact]
    public void Short_sequences_of_many_draws_are_undone_to_the_last_bit()
    {
        for (var seed = 10; seed < 50; seed++)
        {
            using var scope = NewDisposeScope();
            var (problem, cell) = Drawn($"{(seed % 2 == 0 ? "rev-gru" : "rev-lstm")}(hidden={2 + 2 * (seed % 5)},max_forget_bits={seed % 4})", 1 + seed % 7 * 9, 1 + seed % 4, ScalarType.Float32, seed, scale: 3);
            int[]? lengths = seed % 3 == 0 ? [.. Enumerable.Range(0, 1 + seed % 4).Select(b => (1 + seed % 7 * 9) * (b + 1) / 4)] : null;
            using var run = new ReversibleRun(cell, reversed: seed % 5 == 0, lengths);
            var (weights, start) = (Weights(problem, cell), Start(problem, cell));
            run.Forward(weights, problem.X, start);
            run.Undo(weights, problem.X);
            foreach (var c in cell.Changes) Assert.Equal(FixedPoint.Of(start[c.State].narrow(-1, c.First, c.Width)).data<long>().ToArray(), run.States[c].data<long>().ToArray());
        }
    }

    /// <summary>
    /// The reference keeps every value: torch's autograd over the equations written by hand, each state replaced by its number in fixed point,
    /// which has the slope of what it replaces.
    /// </summary>
    [Theory]
    [InlineData("rev-gru", 0)]
    [InlineData("rev-gru", 3)]
    [InlineData("rev-lstm", 0)]
    [InlineData("rev-lstm", 2)]
    public void Gradients_are_those_of_ordinary_autograd_at_the_same_values(string id, int bits)
    {
        using var scope = NewDisposeScope();
        var problem = new Case(Case.Of($"{id}(hidden=8,arithmetic=fixed,max_forget_bits={bits})", 3), 40, 2, scale: 0.5);
        var actual = problem.Everything("eager");
        var q = problem.Parameters.ToDictionary(p => p.Key, p => p.Value.clone().requires_grad_());
        var (x, start) = (problem.X.clone().requires_grad_(), problem.Initial.ToDictionary(s => s.Key, s => s.Value.clone().requires_grad_()));
        var (y, last) = new ByHand(id, bits, q).Run(x, start);
        last.Aggregate(y.mul(problem.Cotangent).sum(), (loss, state) => loss.add(state.Value.mul(problem.Initial[state.Key]).sum())).backward();
        Close.Assert(y, actual["y"], 0, "y");
        Close.Assert(x.grad!, actual["dx"], 1e-12, "dx");
        foreach (var (name, value) in start) Close.Assert(value.grad!, actual[$"d initial {name}"], 1e-12, $"d initial {name}");
        foreach (var (name, value) in q) Close.Assert(value.grad!, actual[$"d{name}"], 1e-12, $"d{name}");
    }

    /// <summary>
    /// A factor has 10 fraction bits, a state 23 of which the last 10 hold forgotten bits of another. The catalogue measured 6e-4 for the GRU and
    /// 1.2e-3 for the LSTM over 200 steps; here up to twice that, and in gradients, whose errors add up over the steps, 1 percent of the largest.
    /// </summary>
    [Theory]
    [InlineData("rev-gru(hidden=8,max_forget_bits=3)", 200, 1.2e-3)]
    [InlineData("rev-gru(hidden=8)", 200, 1.2e-3)]
    [InlineData("rev-lstm(hidden=8,max_forget_bits=3)", 200, 2.4e-3)]
    [InlineData("rev-lstm(hidden=8)", 200, 2.4e-3)]
    [InlineData("rev-gru(hidden=8,layers=2,bidirectional=true)", 20, 1.2e-3)]
    [InlineData("rev-lstm(hidden=6,layers=2,skip_input=true)", 20, 2.4e-3)]
    public void Fixed_point_is_close_to_floating_point(string notation, int steps, double bound)
    {
        var (plain, other) = (new Case(Case.Of(notation, 3), steps, 2, scale: 0.3), new Case(Case.Of(notation.Replace(")", ",arithmetic=fixed)"), 3), steps, 2, scale: 0.3));
        var (expected, actual) = (plain.Everything("eager"), other.Everything("auto"));
        Assert.True((expected["y"] - actual["y"]).abs().max().item<double>() < bound, $"{(expected["y"] - actual["y"]).abs().max().item<double>()}");
        foreach (var (name, value) in expected.Where(e => e.Key[0] == 'd')) Close.Assert(value, actual[name], 1e-2, name);
    }

    [Fact]
    public void Training_and_evaluation_see_the_same_bits()
    {
        using var scope = NewDisposeScope();
        var problem = new Case(Case.Of("rev-lstm(hidden=8,layers=2,arithmetic=fixed)", 3), 30, 2, ScalarType.Float32);
        using var runner = problem.On("eager");
        Assert.Equal("eager: reversible", runner.Path);
        var training = runner.Run(problem.X, problem.Initial, new() { RecordGates = true });
        using var still = no_grad();
        var evaluation = runner.Run(problem.X, problem.Initial, new() { RecordGates = true });
        Close.Assert(training.Output, evaluation.Output, 0, "y");
        Assert.Equal(problem.Model.Gates.Order(), training.Gates.Keys.Order());
        foreach (var (gate, value) in training.Gates) Close.Assert(value, evaluation.Gates[gate], 0, gate);
    }

    [Theory]
    [InlineData("rev-gru")]
    [InlineData("rev-lstm")]
    public void A_sequence_that_has_ended_keeps_its_state_and_hands_its_gradient_on(string id)
    {
        using var scope = NewDisposeScope();
        var (whole, cut) = (new Case(Case.Of($"{id}(hidden=8,arithmetic=fixed)", 3), 9, 2) { Lengths = [9, 4] }, new Case(Case.Of($"{id}(hidden=8)", 3), 9, 2) { Lengths = [9, 4] });
        var (actual, expected) = (whole.Everything("eager"), cut.Everything("eager"));
        foreach (var (name, value) in expected) Close.Assert(value, actual[name], 1e-2, name);
        Assert.Equal(0, actual["y"][4.., 1].abs().sum().item<double>());
        Close.Assert(actual["y"][3, 1], actual["final h"][1], 0, "h");
    }

    /// <summary>
    /// Between the two ways only the forgotten bits grow with the sequence: words of 64 bits, the next one begun when a unit has filled 53, which with
    /// at most m bits a change takes 53/m changes. The same states in 32 bits at every step would be 32 T bits a unit.
    /// </summary>
    [Theory]
    [InlineData("rev-gru", 1, 1)]
    [InlineData("rev-gru", 3, 1)]
    [InlineData("rev-lstm", 1, 2)]
    [InlineData("rev-lstm", 3, 2)]
    public void Memory_grows_by_the_forgotten_bits_alone(string id, int bits, int changes)
    {
        long Kept(int steps, out int words)
        {
            using var scope = NewDisposeScope();
            var (problem, cell) = Drawn($"{id}(hidden=8,max_forget_bits={bits})", steps, 4, ScalarType.Float32, 3);
            using var run = new ReversibleRun(cell, false, null);
            run.Forward(Weights(problem, cell), problem.X, Start(problem, cell));
            words = run.Forgotten.Sum(buffer => buffer.FullBuffers);
            return run.KeptBytes;
        }
        var (few, many) = (Kept(100, out var before), Kept(1100, out var after));
        const int unit = 8 / 2 * 4;                                                   // of a half, times the batch
        Assert.Equal((after - before) * (unit + 1) * sizeof(long), many - few);       // a word a unit, and when it was filled
        var ratio = 2.0 * changes * unit * 1000 * sizeof(float) / (many - few);
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant($"{id}, at most {bits} bits: states in 32 bits at every step over forgotten bits: {ratio:f1}"));
        Assert.True(after - before <= 2 * changes * 1000 / (53 / bits), $"{after - before} words");
        Assert.True(ratio > 32.0 / (64.0 * (bits + 0.1) / 53) * unit / (unit + 1), $"{ratio}");
    }

    [Theory]
    [InlineData("rev-gru(hidden=4,arithmetic=fixed)", "cpu", "its arithmetic in fixed point is that of the backend eager")]
    [InlineData("rev-gru(hidden=4,arithmetic=drifting)", "cpu", "its steps are undone by the backend eager")]
    [InlineData("rev-gru(hidden=4,arithmetic=drifting)[half2.h=half2.z]", "eager", "the step of rev-gru[half2.h=half2.z] cannot be undone: h is no longer itself times a factor")]
    [InlineData("rev-gru(hidden=4,arithmetic=fixed)[half2.h=half2.z]", "eager", "the step of rev-gru[half2.h=half2.z] cannot be undone: h is no longer itself times a factor")]
    [InlineData("rev-lstm(hidden=4,arithmetic=fixed)[half1.f=tanh(half1.c[t-1])]", "eager", "half1.c[t-1] is no state")]
    public void What_cannot_be_undone_is_refused(string notation, string backend, string why) =>
        Assert.Contains(why, Assert.Throws<UserError>(() => Backend.Create(backend, Case.Of(notation, 3), CPU, ScalarType.Float32)).Message);

    /// <summary>
    /// How far the first states that are undone lie from what they were: in floating point the farther the longer the sequence, since each division by a
    /// factor below 1 makes the error larger, and the farther the more may be forgotten; in fixed point never.
    /// </summary>
    [Theory]
    [InlineData("rev-gru", ScalarType.Float32)]
    [InlineData("rev-gru", ScalarType.Float64)]
    [InlineData("rev-lstm", ScalarType.Float32)]
    [InlineData("rev-lstm", ScalarType.Float64)]
    public void In_floating_point_the_past_drifts(string id, ScalarType dtype)
    {
        double Drift(Reversal reversal, int steps, int bits = 1)
        {
            using var scope = NewDisposeScope();
            var (problem, cell) = Drawn($"{id}(hidden=10,max_forget_bits={bits})", steps, batch: 3, dtype, seed: 4);
            using var run = new ReversibleRun(cell, reversed: false, lengths: null, reversal);
            var (weights, start) = (Weights(problem, cell), Start(problem, cell));
            run.Forward(weights, problem.X, start);
            run.Undo(weights, problem.X);
            return cell.Changes.Max(c => (run.States[c] - (reversal == Reversal.FixedPoint ? FixedPoint.Of(Part(c)) : Part(c))).abs().max().to(ScalarType.Float64).item<double>());

            Tensor Part(Change c) => start[c.State].narrow(-1, c.First, c.Width);
        }
        int[] lengths = [5, 20, 80];
        double[] drift = [.. lengths.Select(steps => Drift(Reversal.FloatingPoint, steps))];
        var more = Drift(Reversal.FloatingPoint, 20, 3);
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant($"{id}, {dtype}: drift over 5, 20, 80 steps {drift[0]:g3}, {drift[1]:g3}, {drift[2]:g3}; of three bits, 20 steps {more:g3}"));
        Assert.True(drift[0] > 0 && drift[1] > 4 * drift[0] && drift[2] > 4 * drift[1], string.Join(' ', drift));
        Assert.True(more > drift[1]);
        Assert.All(lengths, steps => Assert.Equal(0, Drift(Reversal.FixedPoint, steps)));
    }

    /// <summary>Over few steps that forget two bits at most the drift is, in double precision, below what a gradient's rounding is.</summary>
    [Theory]
    [InlineData("rev-gru(hidden=8,arithmetic=drifting,max_forget_bits=2)", false)]
    [InlineData("rev-gru(hidden=6,arithmetic=drifting,max_forget_bits=1,layers=2,bidirectional=true)", true)]
    [InlineData("rev-lstm(hidden=8,arithmetic=drifting,max_forget_bits=2)", true)]
    [InlineData("rev-gru(hidden=8,arithmetic=drifting,forgets=false)", true)]
    [InlineData("rev-lstm(hidden=6,arithmetic=drifting,max_forget_bits=2,layers=2,skip_input=true)[half1.o=1]", false)]
    public void A_few_steps_undone_in_floating_point_have_the_gradients_of_kept_ones(string notation, bool unequal) =>
        new Case(Case.Of(notation, 3), 7, 3, scale: 0.4) { Lengths = unequal ? [7, 2, 5] : null }.Check("eager", notation);

    [Fact]
    public void In_floating_point_nothing_is_kept_but_the_last_states()
    {
        long Kept(int steps)
        {
            using var scope = NewDisposeScope();
            var (problem, cell) = Drawn("rev-lstm(hidden=8,max_forget_bits=3)", steps, 4, ScalarType.Float32, 3);
            using var run = new ReversibleRun(cell, false, null, Reversal.FloatingPoint);
            run.Forward(Weights(problem, cell), problem.X, Start(problem, cell));
            return run.KeptBytes;
        }
        Assert.Equal((2 * 8 * 4 * sizeof(float), 2 * 8 * 4 * sizeof(float)), (Kept(10), Kept(300)));
        using var runner = new Case(Case.Of("rev-lstm(hidden=8,arithmetic=drifting)", 3), 3, 2).On("auto");
        Assert.Equal("eager: reversible, in floating point", runner.Path);
    }

    /// <summary>Another ablation that keeps the form is undone as well: the equations decide, not the name.</summary>
    [Theory]
    [InlineData("rev-lstm(hidden=8)[half1.o=1][half2.g=half2.i]")]
    [InlineData("rev-lstm(hidden=8)[f=1][p=1]")]
    [InlineData("rev-gru(hidden=8,forgets=false)")]
    public void A_rewritten_cell_that_keeps_the_form_is_undone(string notation)
    {
        var problem = new Case(Case.Of(notation.Replace("hidden=8", "hidden=8,arithmetic=fixed"), 3), 12, 2, scale: 0.4);
        var plain = new Case(Case.Of(notation, 3), 12, 2, scale: 0.4);
        var (expected, actual) = (plain.Everything("eager"), problem.Everything("eager"));
        foreach (var (name, value) in expected) Close.Assert(value, actual[name], 1e-2, name);
    }

    static (Case Problem, Undoable Cell) Drawn(string notation, int steps, int batch, ScalarType dtype, long seed, double scale = 0.7)
    {
        var problem = new Case(Case.Of(notation, 3), steps, batch, dtype, seed, scale);
        return (problem, new Undoable(problem.Model.Scans[0].Cell));
    }

    static Dictionary<Parameter, Tensor> Weights(Case problem, Undoable cell) => cell.Cell.Parameters.ToDictionary(q => q, q => problem.Parameters[q.Name]);
    static Dictionary<State, Tensor> Start(Case problem, Undoable cell) => cell.Cell.States.ToDictionary(s => s, s => problem.Initial[s.Name]);

    /// <summary>The equations of the catalogue, written once more.</summary>
    sealed class ByHand(string id, int bits, IReadOnlyDictionary<string, Tensor> q)
    {
        readonly double floor = bits == 0 ? 0 : Math.Pow(2, -bits);

        public (Tensor Y, Dictionary<string, Tensor> Last) Run(Tensor x, IReadOnlyDictionary<string, Tensor> start)
        {
            string[] names = [.. start.Keys];
            var states = names.ToDictionary(name => name, name => start[name].chunk(2, -1).Select(Whole).ToArray());
            FixedPoint[] buffers = [.. Enumerable.Range(0, 2).Select(_ => new FixedPoint(states["h"][0].Fixed.shape, CPU))];
            var y = new List<Tensor>();
            foreach (var at in x.unbind(0))
            {
                for (var half = 0; half < 2; half++) Change(half, at, states, buffers[half]);
                y.Add(Joined("h"));
            }
            return (stack(y, 0), names.ToDictionary(name => name, Joined));

            Tensor Joined(string name) => cat([states[name][0].Real, states[name][1].Real], -1);
        }

        void Change(int half, Tensor x, Dictionary<string, (Tensor Real, Tensor Fixed)[]> states, FixedPoint buffer)
        {
            var other = states["h"][1 - half].Real;
            Tensor Sum(string letter, Tensor seen) => x.mm(q[$"half{half + 1}.W_{letter}"].t()) + seen.mm(q[$"half{half + 1}.U_{letter}"].t()) + q[$"half{half + 1}.b_{letter}"];
            Tensor Limited(string letter) => floor + (1 - floor) * Sum(letter, other).sigmoid();
            if (id == "rev-gru")
            {
                var (z, r) = (Limited("z"), Sum("r", other).sigmoid());
                Move("h", z, (1 - z) * Sum("n", r * other).tanh());
            }
            else
            {
                Move("c", Limited("f"), Sum("i", other).sigmoid() * Sum("g", other).tanh());
                Move("h", Limited("p"), Sum("o", other).sigmoid() * states["c"][half].Real.tanh());
            }

            void Move(string state, Tensor factor, Tensor added)
            {
                var (real, whole) = states[state][half];
                var next = buffer.Multiply(whole, FixedPoint.Factor(factor.detach())) + FixedPoint.Of(added.detach());
                var smooth = factor * real + added;
                states[state][half] = (smooth + (FixedPoint.ToReal(next, ScalarType.Float64) - smooth).detach(), next);
            }
        }

        static (Tensor Real, Tensor Fixed) Whole(Tensor value)
        {
            var whole = FixedPoint.Of(value.detach());
            return (value + (FixedPoint.ToReal(whole, ScalarType.Float64) - value).detach(), whole);
        }
    }
}
