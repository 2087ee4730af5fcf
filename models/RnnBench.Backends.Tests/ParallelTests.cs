using RnnBench.Architectures;
using RnnBench.Backends.Prefix;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>All steps at once against step by step.</summary>
public sealed class ParallelTests
{
    static readonly string[] models =
    [
        "mingru(hidden=H)", "mingru(hidden=H,space=linear,layers=2)", "minlstm(hidden=H,bidirectional=true)", "minlstm(hidden=H,normalize=false,space=linear)",
        "lru(hidden=H,state_size=3)", "lru(hidden=H,state_size=2,layers=2,normalize=false)", "mlstm(hidden=H)", "mlstm(hidden=H,heads=2)", "mlstm(hidden=H,heads=H,forget=exp)", "mlstm(hidden=H,layers=2,bidirectional=true)",
        "sru(hidden=H,version=1)", "sru(hidden=H,version=1,layers=3,activation=identity,rescale=true)", "indrnn(hidden=H,activation=identity)", "mingru(hidden=H)[z=0.5]", "minlstm(hidden=H)[keep=1-i]",
        "lstm(hidden=H)[U_i=0][U_f=0][U_g=0][U_o=0]", "slstm(hidden=H,heads=2)[U_z=0][U_i=0][U_f=0][U_o=0]", "mlstm(hidden=H)[f=1]", "mlstm(hidden=H)[f=0]", "mingru(hidden=H)[n=x[t-1]]",
    ];

    public static TheoryData<string> Models => [.. models];

    static Case Of(string notation, int steps, int batch = 2, ScalarType dtype = ScalarType.Float64) => new(Case.Of(notation.Replace("H", "4"), 4), steps, batch, dtype);

    [Theory, MemberData(nameof(Models))]
    public void It_gives_what_the_interpreter_gives(string notation)
    {
        foreach (var steps in new[] { 1, 2, 3, 4, 7, 16, 33 }) Of(notation, steps).Check("parallel", $"{notation}, T={steps}");
        Of(notation, 5, 1).Check("parallel", $"{notation}, B=1");
        Of(notation, 9, 3, ScalarType.Float32).Check("parallel", notation);
        foreach (var lengths in new int[][] { [5, 3, 1, 0], [2, 2, 4, 4] })
            new Case(Case.Of(notation.Replace("H", "4"), 4), 5, 4) { Lengths = lengths }.Check("parallel", $"{notation}, lengths {string.Join(",", lengths)}");
    }

    [Theory, MemberData(nameof(Models))]
    public void A_sequence_is_its_two_halves_with_the_state_carried_over(string notation)
    {
        if (notation.Contains("bidirectional")) return;            // the way back begins at the other end
        var problem = Of(notation, 11);
        using var runner = problem.On("parallel");
        var whole = runner.Run(problem.X, problem.Initial);
        var first = runner.Run(problem.X[..4], problem.Initial);
        var second = runner.Run(problem.X[4..], first.State);
        Close.Assert(whole.Output, cat([first.Output, second.Output], 0), 1e-12, notation);
        foreach (var (name, value) in whole.State) Close.Assert(value, second.State[name], 1e-12, $"{notation}: {name}");
    }

    /// <summary>The catalogue's own list of who shares the primitive, and its reason for the others.</summary>
    [Fact]
    public void Whose_states_are_linear_is_read_off_the_equations()
    {
        string[] linear = [.. Catalog.Cells.Where(a => Linear.Of(Case.Of($"{a.Id}({string.Join(",", a.Usual.Select(u => $"{u.Key}={(u.Key == "hidden" ? "4" : "2")}"))})", 4).Scans[0].Cell) is not null).Select(a => a.Id)];
        Assert.Equal(["mingru", "minlstm", "lru", "mlstm"], linear.Intersect(Catalog.All.Where(a => a.Family == "fast").Select(a => a.Id)));
        Assert.DoesNotContain(Catalog.All.Where(a => a.Family == "gated").Select(a => a.Id), linear.Contains);
        var error = Assert.Throws<UserError>(() => Backend.Create("parallel", Case.Of("sru(hidden=4)", 4), CPU, ScalarType.Float64));
        Assert.StartsWith("The backend parallel cannot run sru(hidden=4): a state of sru is no linear function of its last step, element by element, so that step has to follow step.", error.Message);
    }

    /// <summary>States of both kinds: one delayed by two steps, two that turn into each other, one that is an input.</summary>
    sealed class Turning : Cell
    {
        readonly State a = new(), turned = new(), late = new();

        protected override void Equations(Input x)
        {
            var c = Let("c", tanh(new Matrix("W", "c") * x[t] + new Matrix("V", "c") * x[t-2]));
            a[t] = 0.9 * (c * a[t-1] - turned[t-1] / (2 + c)) + x[t-1];
            turned[t] = -(0.5 * turned[t-1]) + (1 - c) * a[t-1];
            late[t] = tanh(a[t-2]) - turned[t-1];
        }

        protected override Expr Output => tanh(a[t] + late[t]);
    }

    [Fact]
    public void Turning_and_delayed_states()
    {
        foreach (var steps in new[] { 1, 2, 3, 10 }) new Case(Case.Of(() => new Turning(), 4, 4), steps, 2).Check("parallel", $"turning, T={steps}");
        new Case(Case.Of(() => new Turning(), 4, 4), 6, 3) { Lengths = [6, 0, 2] }.Check("parallel", "turning, lengths");
    }

    [Fact]
    public void Gates_are_recorded_over_the_sequence()
    {
        var problem = Of("minlstm(hidden=H,bidirectional=true)", 6, 3);
        using var scope = NewDisposeScope();
        var hooks = new RunHooks<Tensor> { RecordGates = true, Lengths = [6, 2, 4] };
        var (expected, found) = (problem.On("eager").Run(problem.X, hooks: hooks).Gates, problem.On("parallel").Run(problem.X, hooks: hooks).Gates);
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        foreach (var (gate, value) in expected) Close.Assert(value, found[gate], 1e-13, gate);
    }

    /// <summary>The cell of a chunk sees the inputs before it, whatever runs it.</summary>
    [Theory]
    [InlineData("eager")]
    [InlineData("cpu")]
    [InlineData("cpu-low")]
    public void Earlier_inputs_are_carried_over(string backend)
    {
        var problem = new Case(Case.Of(() => new Cells.Deep(), 3, 4), 7, 2);
        using var scope = NewDisposeScope();
        using var runner = problem.On(backend);
        var whole = runner.Run(problem.X, problem.Initial);
        var first = runner.Run(problem.X[..3], problem.Initial);
        var second = runner.Run(problem.X[3..], first.State);
        Close.Assert(whole.Output, cat([first.Output, second.Output], 0), 1e-12, backend);
        Close.Assert(problem.X[5..], whole.State["x"], 0, $"{backend}: the last two inputs");
    }
}
