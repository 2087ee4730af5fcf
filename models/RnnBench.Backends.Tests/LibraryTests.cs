using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

public class LibraryTests
{
    static readonly Dictionary<string, Func<int, int, Model>> exact = new()
    {
        ["rnn"] = (i, h) => Case.Of($"rnn(hidden={h})", i),
        ["rnn, relu"] = (i, h) => Case.Of($"rnn(hidden={h},activation=relu)", i),
        ["lstm"] = (i, h) => Case.Of($"lstm(hidden={h})", i),
        ["gru"] = (i, h) => Case.Of($"gru(hidden={h},reset_after=true)", i),
        ["gru that keeps"] = (i, h) => Case.Of(() => new KeepingGru(), i, h),
        ["someone's lstm"] = (i, h) => Case.Of(() => new SomeonesLstm(), i, h),
        ["three layers"] = (i, h) => Case.Of($"lstm(hidden={h},layers=3)", i),
        ["two directions"] = (i, h) => Case.Of($"gru(hidden={h},reset_after=true,layers=2,bidirectional=true)", i),
        ["all skips"] = (i, h) => Case.Of($"rnn(hidden={h},layers=3,bidirectional=true,skip_input=true,skip_output=true)", i),
    };

    public static TheoryData<string> Exact => [.. exact.Keys];

    static readonly Dictionary<string, Func<Model>> others = new()
    {
        ["gru, reset before"] = () => Case.Of("gru(hidden=4)", 3),
        ["rnn, identity"] = () => Case.Of("rnn(hidden=4,activation=identity)", 3),
        ["a gate removed"] = () => Case.Of("lstm(hidden=4)[o=1]", 3),
        ["coupled gates"] = () => Case.Of("lstm(hidden=4,ablation=cifg)", 3),
        ["no recurrence in a gate"] = () => Case.Of("lstm(hidden=4)[U_o=0]", 3),
        ["one bias less"] = () => Case.Of(() => new Cells.BiaslessLstm(), 3, 4),
        ["tied gates"] = () => Case.Of(() => new Cells.TiedLstm(), 3, 4),
        ["peepholes"] = () => Case.Of(() => new Cells.Peephole(), 3, 4),
        ["an output of its own"] = () => Case.Of(() => new Cells.ShowsMemory(), 3, 4),
        ["another activation"] = () => Case.Of(() => new Cells.ReluLstm(), 3, 4),
    };

    public static TheoryData<string> Others => [.. others.Keys];

    [Theory, MemberData(nameof(Exact))]
    public void The_library_gives_what_the_equations_give(string name)
    {
        foreach (var (steps, batch, input, hidden) in new[] { (5, 3, 4, 6), (1, 1, 1, 1), (7, 1, 3, 1), (1, 4, 2, 5) })
            new Case(exact[name](input, hidden), steps, batch).Check("library", $"{name}, T={steps}, B={batch}, I={input}, H={hidden}");
    }

    [Theory, MemberData(nameof(Exact))]
    public void Training_takes_the_same_way(string name)
    {
        var problem = new Case(exact[name](4, 6), 5, 3);
        var (eager, library) = (Trained("eager"), Trained("library"));
        foreach (var (what, expected) in eager) Close.Assert(expected, library[what], 1e-10, $"{name}, {what} after 6 steps");

        IReadOnlyDictionary<string, Tensor> Trained(string backend)
        {
            var runner = problem.On(backend);
            using var optimiser = optim.SGD(runner.Trainable.Cast<TorchSharp.Modules.Parameter>(), 0.1, momentum: 0.9);
            for (var k = 0; k < 6; k++)
            {
                optimiser.zero_grad();
                runner.Run(problem.X, problem.Initial).Output.sub(problem.Cotangent).pow(2).mean().backward();
                nn.utils.clip_grad_norm_(runner.Trainable.Cast<TorchSharp.Modules.Parameter>(), 0.5);
                optimiser.step();
            }
            return runner.Read();
        }
    }

    [Theory, MemberData(nameof(Exact))]
    public void What_is_written_is_read(string name)
    {
        var problem = new Case(exact[name](3, 4), 2, 2);
        using var runner = problem.On("library");
        var read = runner.Read();
        Assert.Equal(problem.Parameters.Keys.Order(), read.Keys.Order());
        foreach (var (what, expected) in problem.Parameters) Close.Assert(expected, read[what], 0, what);
        Assert.Equal(problem.Parameters.Values.Sum(p => p.NumberOfElements), runner.Trainable.Sum(p => p.NumberOfElements));
    }

    [Theory, MemberData(nameof(Others))]
    public void Other_equations_are_refused_and_compiled_by_auto(string name)
    {
        var model = others[name]();
        var error = Assert.Throws<UserError>(() => Backend.Create("library", model, CPU, ScalarType.Float32));
        Assert.Contains("library", error.Message);
        using var runner = Backend.Create("auto", model, CPU, ScalarType.Float32);
        Assert.Equal("cpu: compiled", runner.Path);
    }

    [Fact]
    public void Gates_and_taps_are_refused_by_name()
    {
        var model = Case.Of("lstm(hidden=4)", 3);
        var error = Assert.Throws<UserError>(() => Backend.Create("library", model, CPU, ScalarType.Float32, needsGatesOrTaps: true));
        Assert.Contains("gates", error.Message);
        using var auto = Backend.Create("auto", model, CPU, ScalarType.Float32, needsGatesOrTaps: true);
        Assert.Equal("eager", auto.Path);
        using var library = Backend.Create("library", model, CPU, ScalarType.Float32);
        Assert.Equal("library: nn.LSTM", library.Path);
        var refused = Assert.Throws<NotSupportedException>(() => library.Run(zeros(2, 1, 3), hooks: new() { RecordGates = true }));
        Assert.Contains("nn.LSTM", refused.Message);
    }

    [Fact]
    public void Auto_takes_the_compiled_kernels_on_a_cpu_and_eager_where_they_lack_a_node()
    {
        Assert.Equal("cpu: compiled", Path(exact["someone's lstm"](3, 4), ScalarType.Float32));
        Assert.Equal("cpu: compiled", Path(exact["gru"](3, 4), ScalarType.Float64));
        Assert.Throws<NotSupportedException>(() => Path(Case.Of(() => new Cells.Foreign(), 3, 4), ScalarType.Float32));   // eager names the node
        using var shows = Backend.Create("auto", exact["lstm"](3, 4), CPU, ScalarType.Float32, needsGatesOrTaps: true);
        Assert.Equal("eager", shows.Path);

        static string Path(Model model, ScalarType dtype)
        {
            using var runner = Backend.Create("auto", model, CPU, dtype);
            return runner.Path;
        }
    }
}
