using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>The count of live tensors is that of the whole process; one test runs at a time (Directory.Build.props).</summary>
public class MemoryTests
{
    [Theory]
    [InlineData("lstm(hidden=8,layers=2)", "eager")]
    [InlineData("gru(hidden=8,bidirectional=true)", "eager")]
    [InlineData("rev-lstm(hidden=8,layers=2,arithmetic=fixed)", "eager")]
    [InlineData("rnn(hidden=8,layers=2)", "library")]
    [InlineData("lstm(hidden=8,bidirectional=true)", "library")]
    [InlineData("gru(hidden=8,reset_after=true)", "library")]
    [InlineData("lstm(hidden=8,layers=2)", "cpu")]
    [InlineData("gru(hidden=8,bidirectional=true)", "cpu")]
    public void The_number_of_live_tensors_stays_flat(string notation, string backend)
    {
        var problem = new Case(Case.Of(notation, 3), 6, 2);
        using var runner = problem.On(backend);
        using var optimiser = optim.SGD(runner.Trainable.Cast<TorchSharp.Modules.Parameter>(), 0.1);
        Step();
        var before = Live();
        for (var k = 0; k < 20; k++) Step();
        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            optimiser.zero_grad();
            runner.Run(problem.X, problem.Initial).Output.sum().backward();
            optimiser.step();
            using (no_grad()) runner.Run(problem.X, problem.Initial, new() { RecordGates = backend != "library", BetweenLayers = v => v * 2 });
            if (backend == "eager") runner.Run(problem.X, hooks: new() { Tap = (_, _, _, value) => value + 1 }).Output.sum().backward();
            runner.Write(runner.Read());
            runner.ReadGradients();
        }
    }

    [Fact]
    public void The_fused_loss_leaves_no_tensor_behind()
    {
        using var weight = rand(300, 8).requires_grad_(true);
        Step();
        var before = Live();
        for (var k = 0; k < 20; k++) Step();
        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            var (x, labels) = (rand(20, 8).requires_grad_(true), zeros(20, ScalarType.Int64));
            weight.grad = null;
            SoftmaxCrossEntropy.Of(x, weight, null, labels).Sum.backward();
            using (no_grad()) SoftmaxCrossEntropy.Of(x, weight, null, labels);
        }
    }

    [Fact]
    public void An_evaluation_keeps_nothing_of_its_steps()
    {
        var problem = new Case(Case.Of("lstm(hidden=8)", 3), 200, 2);
        using var runner = problem.On("eager");
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var before = Live();
        runner.Run(problem.X);
        Assert.Equal(before + 3, Tensor.TotalCount);               // y, h, c
    }

    /// <summary>The live tensors, once what other tests have left behind is collected.</summary>
    static long Live()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
