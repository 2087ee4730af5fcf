namespace RnnBench.Language.Tests;

/// <summary>Hooks, gates and the total derivatives of states.</summary>
public sealed class InterpreterTests
{
    const string Notation = "my(hidden=3,layers=2,bidirectional=true)";

    static (Interpreter Run, NdArray X, Random Random) Make(string notation = Notation)
    {
        var (model, random) = (Models.Build(notation, 2), new Random(6));
        var run = new Interpreter(model);
        run.Write(Draw.Parameters(random, model));
        return (run, Draw.Array(random, [4, 2, 2]), random);
    }

    [Fact]
    public void Gates_are_recorded_only_when_asked_for()
    {
        var (run, x, _) = Make();
        Assert.Empty(run.Run(x).Gates);
        var gates = run.Run(x, hooks: new RunHooks<NdArray> { RecordGates = true }).Gates;
        Assert.Equal(["layer0.fwd.k", "layer0.bwd.k", "layer1.fwd.k", "layer1.bwd.k"], gates.Keys);
        Assert.All(gates.Values, gate => Assert.True(gate.Shape is [4, 2, 3] && gate.Data.All(value => value is > 0 and < 1)));
    }

    [Fact]
    public void What_a_tap_adds_shows_in_the_loss_as_the_total_derivative_of_the_state()
    {
        var (run, x, random) = Make();
        var dy = Draw.Array(random, [4, 2, 6]);
        run.Run(x);
        var states = run.Backward(dy).States;
        Assert.Equal(["layer0.fwd.h", "layer0.bwd.h", "layer1.fwd.h", "layer1.bwd.h"], states.Keys);
        foreach (var prefix in (string[])["layer0.fwd.", "layer0.bwd.", "layer1.bwd."])
            for (var step = 0; step < 4; step++)
            {
                var direction = Draw.Array(random, [2, 3]);
                double Loss(double size) => run.Run(x, hooks: new RunHooks<NdArray> { Tap = (p, name, k, value) => p == prefix && name == "h" && k == step ? Plus(value, direction, size) : value })
                    .Output.Data.Zip(dy.Data, (a, b) => a * b).Sum();
                var exact = direction.Data.Zip(states[prefix + "h"].Data.Skip(step * 6), (a, b) => a * b).Sum();
                Assert.Equal(exact, (Loss(1e-5) - Loss(-1e-5)) / 2e-5, 1e-8);
            }
    }

    [Fact]
    public void Between_layers_sees_the_input_of_every_layer_but_the_first()
    {
        var (run, x, _) = Make("my(hidden=3,layers=3,skip_input=true)");
        var seen = new List<string>();
        var hooks = new RunHooks<NdArray> { BetweenLayers = sequence => { seen.Add(sequence.ToString()); return NdArray.Zeros(sequence.Shape); } };
        var masked = run.Run(x, hooks: hooks).Output;
        Assert.Equal(["[4,2,5]", "[4,2,5]"], seen);
        Assert.Equal(masked.Data, run.Run(NdArray.Zeros(x.Shape), hooks: hooks).Output.Data);   // the last layer saw nothing of x
    }

    [Fact]
    public void It_does_not_go_back_over_hooks_it_cannot_differentiate()
    {
        var (run, x, _) = Make();
        Assert.Throws<InvalidOperationException>(() => run.Backward(NdArray.Zeros(4, 2, 6)));
        run.Run(x, hooks: new RunHooks<NdArray> { Tap = (_, _, _, value) => value });
        Assert.Throws<InvalidOperationException>(() => run.Backward(NdArray.Zeros(4, 2, 6)));
        run.Run(x);
        Assert.Throws<UserError>(() => run.Backward(NdArray.Zeros(4, 2, 5)));
    }

    static NdArray Plus(NdArray value, NdArray direction, double size) => new(value.Shape, [.. value.Data.Zip(direction.Data, (v, d) => v + size * d)]);
}
