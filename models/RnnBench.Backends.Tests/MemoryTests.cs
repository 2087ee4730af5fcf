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

    /// <summary>
    /// Training steps, batches of changing length among them, as in a run of a language model whose last segment is shorter. The runtime takes some room
    /// once, at a time of its own choosing; what a step loses shows in every stretch.
    /// </summary>
    [Theory]
    [InlineData("lstm(hidden=8)")]
    [InlineData("sru(hidden=8)")]
    public void No_memory_grows_over_ten_thousand_steps(string notation)
    {
        const int stretch = 5_000, most = 100 * stretch;           // bytes: the smallest object that a step could lose is about as large as this bound allows
        var problem = new Case(Case.Of(notation, 3), 4, 2);
        using var runner = problem.On("cpu");
        using var optimiser = optim.SGD(runner.Trainable.Cast<TorchSharp.Modules.Parameter>(), 0.01);
        Steps(2 * stretch);                                        // until methods are compiled for good and the collector has the room it wants
        var seen = new List<(long Tensors, long Kernels, long Managed, long Resident)> { Memory() };
        for (var k = 0; k < 4; k++)
        {
            Steps(stretch);
            seen.Add(Memory());
        }
        var growth = seen.Zip(seen.Skip(1), (a, b) => (Managed: b.Managed - a.Managed, Resident: b.Resident - a.Resident)).ToArray();
        Assert.All(seen, memory => Assert.Equal((seen[0].Tensors, seen[0].Kernels), (memory.Tensors, memory.Kernels)));
        Assert.True(growth.Min(g => g.Managed) < most, $"the managed heap grew by {string.Join(", ", growth.Select(g => g.Managed))} bytes in {stretch} steps each");
        Assert.True(growth.Min(g => g.Resident) < most, $"the process grew by {string.Join(", ", growth.Select(g => g.Resident))} bytes in {stretch} steps each");

        void Steps(int count)
        {
            for (var k = 0; k < count; k++)
            {
                using var scope = NewDisposeScope();
                optimiser.zero_grad();
                var x = k % 10 == 9 ? problem.X.narrow(0, 0, 3) : problem.X;
                runner.Run(x, problem.Initial).Output.sum().backward();
                optimiser.step();
            }
        }

        static (long Tensors, long Kernels, long Managed, long Resident) Memory()
        {
            var tensors = Live();
            return (tensors, RnnBench.Backends.Cpu.Aligned.Live, GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
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
