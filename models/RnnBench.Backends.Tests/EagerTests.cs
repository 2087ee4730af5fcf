using CsCheck;
using RnnBench.Architectures;
using RnnBench.Backends.Eager;
using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

public class EagerTests
{
    /// <summary>Every architecture of the catalogue, and what the notation can do to one.</summary>
    static readonly string[] models =
    [
        .. Catalog.Cells.Select(a => $"{a.Id}(hidden=H{Needed(a)})"),
        .. Catalog.Cells.Select(a => $"{a.Id}(hidden=H{Needed(a)},layers=2,bidirectional=true)"),
        .. Catalog.Cells.SelectMany(a => a.Ablations.Keys.Select(ablation => $"{a.Id}(hidden=H{Needed(a)},ablation={ablation})")),
        "rnn(hidden=H,activation=relu)", "rnn(hidden=H,activation=identity)", "gru(hidden=H,reset_after=true)",
        "lstm(hidden=H,layers=3,skip_input=true)", "gru(hidden=H,layers=3,skip_output=true)",
        "lstm(hidden=H,layers=2,bidirectional=true,skip_input=true,skip_output=true)",
        "prototype-lstm(hidden=H,norm=variance)", "prototype-lstm(hidden=H,norm=centred)", "scrnn(hidden=H,context=2,learn_alpha=true)", "minlstm(hidden=H,space=linear)",
        "lstm(hidden=H)[o=1]", "lstm(hidden=H)[f=1-i]", "lstm(hidden=H)[U_o=0]", "lstm-peephole(hidden=H)[p=0]", "gru(hidden=H)[z=0.5]",
    ];

    public static TheoryData<string> Models => [.. models];

    static readonly (int Steps, int Batch, int Input, int Hidden)[] shapes = [(6, 3, 5, 4), (1, 1, 1, 1), (4, 1, 2, 7), (1, 5, 3, 3), (9, 2, 1, 1)];

    [Theory, MemberData(nameof(Models))]
    public void It_gives_what_the_interpreter_gives(string notation)
    {
        foreach (var (steps, batch, input, hidden) in shapes)
        {
            if (hidden == 1 && notation.StartsWith("urnn")) continue;   // one number is turned round whatever it is reflected by: that gradient is rounding
            var what = $"{notation}, T={steps}, B={batch}, I={input}, H={hidden}";
            Build(notation, input, hidden, steps, batch, ScalarType.Float64).Check("eager", what);
            // The gradient of a 1x1 matrix is one number, a sum that may cancel: it is its own largest element, and float32 has no bound there.
            if (hidden > 1 && batch > 1) Build(notation, input, hidden, steps, batch, ScalarType.Float32).Check("eager", what);
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void Gates_are_those_of_the_interpreter(string notation)
    {
        var problem = Build(notation, 3, 4, 5, 2, ScalarType.Float64);
        var interpreter = new Interpreter(problem.Model);
        interpreter.Write(problem.Parameters.ToDictionary(p => p.Key, p => Case.Array(p.Value)));
        var expected = interpreter.Run(Case.Array(problem.X), hooks: new() { RecordGates = true }).Gates;
        using var runner = problem.On("eager");
        var found = runner.Run(problem.X, hooks: new() { RecordGates = true }).Gates;
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        foreach (var (gate, value) in expected) Close.Assert(Case.Of(value), found[gate], 1e-10, $"{notation}: {gate}");
        Assert.Empty(runner.Run(problem.X).Gates);
    }

    [Theory, MemberData(nameof(Models))]
    public void A_sequence_is_its_two_halves_with_the_state_carried_over(string notation)
    {
        if (notation.Contains("bidirectional")) return;            // the way back begins at the other end
        var problem = Build(notation, 3, 4, 7, 2, ScalarType.Float64);
        using var runner = problem.On("eager");
        var whole = runner.Run(problem.X, problem.Initial);
        var first = runner.Run(problem.X[..4], problem.Initial);
        var second = runner.Run(problem.X[4..], first.State);
        Close.Assert(whole.Output, cat([first.Output, second.Output], 0), 1e-12, notation);
        foreach (var (name, value) in whole.State) Close.Assert(value, second.State[name], 1e-12, $"{notation}: {name}");
    }

    [Theory, MemberData(nameof(Models))]
    public void A_tap_sees_every_state_and_its_gradient_is_the_total_derivative(string notation)
    {
        var problem = Build(notation, 3, 4, 5, 2, ScalarType.Float64);
        using var runner = problem.On("eager");
        var moments = new Dictionary<(string, string, int), Tensor>();
        Loss(Watched).backward();
        Assert.Equal(problem.Model.Scans.Count * problem.Model.States.Count * 5, moments.Count);
        foreach (var ((prefix, state, t), zero) in moments.Where((_, k) => k % 3 == 0))
        {
            var direction = problem.Draw(zero.shape);
            var (up, down) = (Shifted(1e-5), Shifted(-1e-5));
            var found = zero.grad is { } gradient ? gradient.mul(direction).sum() : zeros(1).to(ScalarType.Float64).sum();
            // Central differences: error h² times the third derivative, about 1e-10, and rounding 1e-16 / h.
            // What only keeps exponentials in range changes nothing; there the difference is rounding alone.
            Close.Assert((up - down) / 2e-5, found, 1e-5, $"{notation}: {prefix}{state} at {t}", scale: 1e-3);

            Tensor Shifted(double by) => Loss((p, s, at, value) => (p, s, at) == (prefix, state, t) ? value + direction * by : value).detach();
        }

        Tensor Watched(string prefix, string state, int t, Tensor value) =>
            value + (moments[(prefix, state, t)] = zeros_like(value).requires_grad_());

        Tensor Loss(Func<string, string, int, Tensor, Tensor> tap) =>
            runner.Run(problem.X, problem.Initial, new() { Tap = tap }).Output.mul(problem.Cotangent).sum();
    }

    [Fact]
    public void Batch_members_do_not_see_each_other()
    {
        Gen.Select(Gen.Int[1, 6], Gen.Int[2, 5], Gen.Int[0, models.Length - 1]).Sample((steps, batch, k) =>
        {
            var notation = models[k];
            var problem = Build(notation, 3, 4, steps, batch, ScalarType.Float64);
            using var scope = NewDisposeScope();
            using var runner = problem.On("eager");
            var order = arange(batch - 1, -1, -1);
            var turned = runner.Run(problem.X.index_select(1, order)).Output;
            Close.Assert(runner.Run(problem.X).Output.index_select(1, order), turned, 1e-12, notation);
        }, iter: 20, threads: 1);
    }

    [Fact]
    public void What_lies_between_layers_is_applied_to_every_input_but_the_first()
    {
        var problem = Build("lstm(hidden=H,layers=3,skip_input=true)", 3, 4, 5, 2, ScalarType.Float64);
        using var runner = problem.On("eager");
        var seen = new List<string>();
        var halved = runner.Run(problem.X, hooks: new() { BetweenLayers = v => { seen.Add(string.Join(",", v.shape)); return v * 0.5; } }).Output;
        Assert.Equal(["5,2,7", "5,2,7"], seen);
        var interpreter = new Interpreter(problem.Model);
        interpreter.Write(problem.Parameters.ToDictionary(p => p.Key, p => Case.Array(p.Value)));
        var halve = new RunHooks<NdArray> { BetweenLayers = v => new NdArray(v.Shape, [.. v.Data.Select(a => a * 0.5)]) };
        var expected = interpreter.Run(Case.Array(problem.X), hooks: halve).Output;
        Close.Assert(Case.Of(expected), halved, 1e-10, "halved between layers");
    }

    [Fact]
    public void Deep_states_and_earlier_inputs_run_in_both_directions()
    {
        foreach (var steps in new[] { 1, 2, 7 })
            new Case(Case.Of(() => new Cells.Deep(), 3, 4), steps, 2).Check("eager", $"deep, T={steps}");
    }

    [Fact]
    public void Odd_graphs_are_run_as_written()
    {
        Func<Cell>[] cells = [() => new Cells.Odd(), () => new Cells.Interleaved(), () => new Cells.Peephole(), () => new Cells.TiedLstm(),
            () => new Cells.Weightless(), () => new SomeonesLstm()];
        foreach (var cell in cells)
            new Case(Case.Of(cell, 3, 4), 5, 2).Check("eager", cell().GetType().Name);
    }

    /// <summary>
    /// What a careful hand would write. LSTM: one product with all W x + b; then for each step one product that starts from it, split in
    /// two, one σ, split in three, tanh, a product, a product with a sum, tanh, a product, and the handing on of two states.
    /// </summary>
    [Theory]
    [InlineData("lstm(hidden=4)", 1, 11)]
    [InlineData("gru(hidden=4)", 2, 8)]
    [InlineData("gru(hidden=4,reset_after=true)", 3, 8)]
    [InlineData("rnn(hidden=4)", 1, 3)]
    public void A_plan_has_no_more_operations_than_it_needs(string notation, int sequence, int step)
    {
        var cell = Case.Of(notation, 3).Scans[0].Cell;
        var leaves = cell.Parameters.ToDictionary(q => q, q => zeros([.. cell.Shapes[q].Select(w => (long)w.Size)]));
        var plan = new Plan(cell, leaves, gates: false);
        Assert.Equal((sequence, step), (plan.Operations(Stage.Sequence).Count, plan.Operations(Stage.Step).Count));
    }

    [Fact]
    public void An_unknown_node_is_named()
    {
        var model = Case.Of(() => new Cells.Foreign(), 3, 4);
        var error = Assert.Throws<NotSupportedException>(() => Backend.Create("eager", model, CPU, ScalarType.Float32));
        Assert.Contains(nameof(Given), error.Message);
    }

    [Fact]
    public void Wrong_input_is_an_error_that_names_it()
    {
        var problem = new Case(Case.Of("lstm(hidden=4)", 3), 2, 2);
        using var runner = problem.On("eager");
        Says("[T,B,3]", () => runner.Run(zeros(2, 2, 4, ScalarType.Float64)));
        Says("Float64", () => runner.Run(zeros(2, 2, 3, ScalarType.Float32)));
        Says("no state s", () => runner.Run(problem.X, new Dictionary<string, Tensor> { ["s"] = problem.Initial["h"] }));
        Says("[2,4]", () => runner.Run(problem.X, new Dictionary<string, Tensor> { ["h"] = problem.X }));
        Says("no parameter V_i", () => runner.Write(new Dictionary<string, Tensor>(problem.Parameters) { ["V_i"] = problem.X }));
        Says("W_i", () => runner.Write(problem.Parameters.Where(p => p.Key != "W_i").ToDictionary()));
        Says("[4,3]", () => runner.Write(new Dictionary<string, Tensor>(problem.Parameters) { ["W_i"] = problem.X }));
        Says("no backend", () => Backend.Create("fast", problem.Model, CPU, ScalarType.Float64));
        Says("float32", () => Backend.Create("eager", problem.Model, CPU, ScalarType.Int64));
        Says("no device gpu", () => Devices.Of("gpu"));
        if (!cuda.is_available()) Says("no CUDA", () => Devices.Of("cuda"));

        static void Says(string part, Action act) => Assert.Contains(part, Assert.Throws<UserError>(act).Message);
    }

    /// <summary>The settings without a default, but for <c>hidden</c>.</summary>
    static string Needed(Architecture a) => string.Concat(a.Settings.Where(s => s.Default is null || s.Name is "stats" or "recur" or "n_d").Select(s => $",{s.Name}=2"));

    static Case Build(string notation, int input, int hidden, int steps, int batch, ScalarType dtype) =>
        new(Case.Of(notation.Replace("hidden=H", $"hidden={(notation.StartsWith("rev-") ? 2 * hidden : hidden)}"), input), steps, batch, dtype);
}
