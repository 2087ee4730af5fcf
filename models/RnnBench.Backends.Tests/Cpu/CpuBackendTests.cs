using RnnBench.Backends.Cpu;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>The compiled engine as a backend: under autograd, in stacks, with gates and carried state.</summary>
public sealed class CpuBackendTests
{
    public static TheoryData<string> Models =>
    [
        .. ScanTests.Compiled.Select(a => ScanTests.Written(a, "hidden=H,layers=2,bidirectional=true")),
        .. ScanTests.Compiled.SelectMany(a => a.Ablations.Keys.Select(ablation => ScanTests.Written(a, $"hidden=H,ablation={ablation}"))),
        "lstm(hidden=H,layers=3,skip_input=true)", "gru(hidden=H,layers=3,skip_output=true)", "lstm(hidden=H,layers=2,bidirectional=true,skip_input=true,skip_output=true)",
        "lstm-peephole(hidden=H)[p=0]", "gru(hidden=H)[z=0.5]",
    ];

    [Theory, MemberData(nameof(Models))]
    public void It_gives_what_the_interpreter_gives(string notation)
    {
        foreach (var (steps, batch, input, hidden) in new[] { (6, 3, 5, 4), (1, 5, 3, 3), (4, 2, 17, 20) })
        {
            Build(notation, input, hidden, steps, batch, ScalarType.Float64).Check("cpu", $"{notation}, T={steps}, B={batch}, I={input}, H={hidden}");
            // What a skew-symmetric matrix gets is a difference in which most of the gradient of its exponential cancels: float32 has no such bound there.
            if (hidden == 20 && notation.StartsWith("exp-rnn")) continue;
            Build(notation, input, hidden, steps, batch, ScalarType.Float32).Check("cpu", $"{notation}, T={steps}, B={batch}, I={input}, H={hidden}");
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void Gates_are_those_of_eager(string notation)
    {
        var problem = Build(notation, 3, 4, 5, 2, ScalarType.Float64);
        using var scope = NewDisposeScope();
        using var eager = problem.On("eager");
        using var runner = problem.On("cpu");
        var expected = eager.Run(problem.X, hooks: new() { RecordGates = true }).Gates;
        foreach (var still in new[] { true, false })
        {
            using var mode = set_grad_enabled(!still);
            var found = runner.Run(problem.X, hooks: new() { RecordGates = true }).Gates;
            Assert.Equal(expected.Keys.Order(), found.Keys.Order());
            foreach (var (gate, value) in expected) Close.Assert(value, found[gate], 1e-10, $"{notation}: {gate}");
        }
    }

    [Fact]
    public async Task The_planner_is_rehearsed_once_and_without_an_error()
    {
        await Rehearsal.Begin();
        Assert.Same(Rehearsal.Begin(), Rehearsal.Begin());
        Assert.True(Rehearsal.Begin().IsCompletedSuccessfully);
    }

    [Fact]
    public void Runs_of_one_scan_may_interleave_and_go_back_in_any_order()
    {
        var problem = Build("lstm(hidden=H)", 3, 4, 5, 2, ScalarType.Float64);
        using var runner = problem.On("cpu");
        var (x, other) = (problem.X.clone().requires_grad_(), problem.Draw(7, 3, 3).requires_grad_());
        var (one, two) = (runner.Run(x).Output.sum(), runner.Run(other).Output.pow(2).sum());
        one.backward();
        two.backward();
        var (dx, dOther) = (x.grad!.clone(), other.grad!.clone());
        (x.grad, other.grad) = (null, null);
        runner.Run(other).Output.pow(2).sum().backward();
        runner.Run(x).Output.sum().backward();
        Close.Assert(dx, x.grad!, 1e-12, "dx");
        Close.Assert(dOther, other.grad!, 1e-12, "dx of the other run");
    }

    /// <summary>The first way back uses up what the way forward has kept, and another run takes the memory: the second goes forward again.</summary>
    [Theory, InlineData("gru(hidden=H)"), InlineData("lstm(hidden=H)"), InlineData("sru(hidden=H)"), InlineData("lstm(hidden=H,layers=2,bidirectional=true)")]
    public void Two_backward_passes_over_one_run_add_up(string notation)
    {
        var problem = Build(notation, 3, 20, 5, 2, ScalarType.Float64);
        using var runner = problem.On("cpu");
        var x = problem.X.clone().requires_grad_();
        var start = problem.Initial.ToDictionary(s => s.Key, s => s.Value.clone().requires_grad_());
        var loss = runner.Run(x, start).Output.mul(problem.Cotangent).sum();
        Tensor[] leaves = [x, .. start.Values, .. runner.Trainable];
        loss.backward(retain_graph: true);
        var once = leaves.Select(leaf => leaf.grad!.clone()).ToArray();
        runner.Run(problem.Draw(7, 3, 3).requires_grad_()).Output.sum();
        loss.backward();
        foreach (var (leaf, gradient) in leaves.Zip(once)) Close.Assert(gradient * 2, leaf.grad!, 1e-12, $"{notation}: a gradient of {string.Join("x", leaf.shape)}");
    }

    [Fact]
    public void A_cell_without_weights_runs() =>
        new Case(Case.Of(() => new Cells.Weightless(), 3, 3), 4, 2).Check("cpu", "weightless");

    [Fact]
    public void An_input_that_is_no_contiguous_tensor_is_read_right()
    {
        var problem = Build("lstm(hidden=H)", 3, 4, 5, 2, ScalarType.Float64);
        using var runner = problem.On("cpu");
        var slanted = problem.X.transpose(0, 1).contiguous().transpose(0, 1);
        Close.Assert(runner.Run(problem.X).Output, runner.Run(slanted).Output, 1e-15, "y");
    }

    [Fact]
    public void A_tap_is_refused_and_auto_then_runs_eager()
    {
        var problem = Build("lstm(hidden=H)", 3, 4, 5, 2, ScalarType.Float64);
        using var runner = problem.On("cpu");
        Assert.Contains("eager", Assert.Throws<UserError>(() => runner.Run(problem.X, hooks: new() { Tap = (_, _, _, value) => value })).Message);
        using var any = Backend.Create(Backend.Auto, problem.Model, CPU, ScalarType.Float32, needsGatesOrTaps: true);
        Assert.Equal("eager", any.Path);
    }

    [Fact]
    public void A_node_that_it_lacks_is_named()
    {
        var model = Case.Of(() => new Cells.Foreign(), 3, 4);
        var cpu = Backend.All.Single(b => b.Id == "cpu");
        Assert.Contains(nameof(Given), cpu.WhyNot(model));
        Assert.Contains(nameof(Given), Assert.Throws<UserError>(() => Backend.Create("cpu", model, CPU, ScalarType.Float32)).Message);
    }

    /// <summary>Weights shrink with the width, so that sums stay of the size of one: an exponential gate makes of their rounding what it likes otherwise.</summary>
    static Case Build(string notation, int input, int hidden, int steps, int batch, ScalarType dtype) =>
        new(Case.Of(notation.Replace("hidden=H", $"hidden={(notation.StartsWith("rev-") ? 2 * hidden : hidden)}"), input), steps, batch, dtype, scale: 1.4 / Math.Sqrt(Math.Max(4, hidden)));
}
