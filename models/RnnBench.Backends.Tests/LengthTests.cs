using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Tests;

/// <summary>Batches whose sequences have unequal lengths.</summary>
public sealed class LengthTests
{
    static readonly Dictionary<string, Func<Model>> models = new()
    {
        ["lstm"] = () => Case.Of("lstm(hidden=4,layers=2,bidirectional=true)", 3),
        ["gru"] = () => Case.Of("gru(hidden=4,reset_after=true,bidirectional=true)", 3),
        ["rnn"] = () => Case.Of("rnn(hidden=17,layers=2,skip_input=true,skip_output=true)", 3),
        ["deep"] = () => Case.Of(() => new Cells.Deep(), 3, 4),
        ["deep, both ways"] = () => BothWays(Case.Of(() => new Cells.Deep(), 3, 4)),
        ["mingru"] = () => Case.Of("mingru(hidden=4,layers=2,bidirectional=true)", 3),
        ["lru"] = () => Case.Of("lru(hidden=4,state_size=3,bidirectional=true)", 3),
        ["mlstm"] = () => Case.Of("mlstm(hidden=4,heads=2)", 3),
        ["odd"] = () => BothWays(Case.Of(() => new Cells.Odd(), 3, 4)),
    };

    public static TheoryData<string, string> Cases => [.. from name in models.Keys from backend in Backend.All.Select(b => b.Id)
        where Backend.All.Single(b => b.Id == backend).WhyNot(models[name]()) is null select (name, backend)];

    [Theory, MemberData(nameof(Cases))]
    public void Every_backend_gives_what_the_interpreter_gives(string name, string backend)
    {
        foreach (var lengths in new int[][] { [5, 3, 1, 0], [2, 2, 4, 4], [5, 5, 5, 5] })
        {
            new Case(models[name](), 5, 4) { Lengths = lengths }.Check(backend, $"{name}, lengths {string.Join(",", lengths)}");
            new Case(models[name](), 5, 4, ScalarType.Float32) { Lengths = lengths }.Check(backend, $"{name}, lengths {string.Join(",", lengths)}");
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_sequence_gives_the_same_in_a_batch_as_alone(string name, string backend)
    {
        var problem = new Case(models[name](), 5, 3);
        int[] lengths = [3, 5, 1];
        using var scope = NewDisposeScope();
        using var runner = problem.On(backend);
        using var still = no_grad();
        var padded = problem.X.clone();
        padded[3.., 0].fill_(double.NaN);                                // what lies behind the end is not read
        var together = runner.Run(padded, problem.Initial, new() { Lengths = lengths });
        for (var member = 0; member < lengths.Length; member++)
        {
            var (n, one) = (lengths[member], TensorIndex.Slice(member, member + 1));
            var alone = runner.Run(problem.X[..n, one], problem.Initial.ToDictionary(s => s.Key, s => Member(s.Key, s.Value, member)));
            Close.Assert(alone.Output, together.Output[..n, one], 1e-12, $"{backend}, {name}, sequence {member}");
            Assert.Equal(0, together.Output[n.., one].abs().sum().item<double>());
            foreach (var (state, value) in alone.State) Close.Assert(value, Member(state, together.State[state], member), 1e-12, $"{backend}, {name}, {state} of sequence {member}");
        }

        Tensor Member(string state, Tensor value, int member) => value.narrow(-1 - problem.Model.States.First(s => s.Name == state).Sides.Count, member, 1);
    }

    [Fact]
    public void Gates_are_zero_behind_the_end()
    {
        var problem = new Case(Case.Of("lstm(hidden=4,bidirectional=true)", 3), 4, 2);
        using var scope = NewDisposeScope();
        var hooks = new RunHooks<Tensor> { RecordGates = true, Lengths = [4, 2] };
        foreach (var backend in new[] { "eager", "cpu" })
        {
            using var runner = problem.On(backend);
            foreach (var (name, gate) in runner.Run(problem.X, hooks: hooks).Gates)
            {
                Assert.Equal(0, gate[2.., 1].abs().sum().item<double>());
                Assert.True(gate[.., 0].min().item<double>() > 0 && gate[..2, 1].min().item<double>() > 0, $"{backend}: {name}");
            }
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        var problem = new Case(Case.Of("rnn(hidden=4)", 3), 4, 2);
        using var runner = problem.On("cpu");
        Says("3 lengths for a batch of 2", [1, 2, 3]);
        Says("sequence 1 of the batch is said to have 5 of 4 steps", [4, 5]);
        Says("sequence 0 of the batch is said to have -1", [-1, 4]);

        void Says(string part, int[] lengths) =>
            Assert.Contains(part, Assert.Throws<UserError>(() => runner.Run(problem.X, hooks: new() { Lengths = lengths })).Message);
    }

    static Model BothWays(Model model) => new Stack(model.Text, model.Architecture,
        [[model.Scans[0] with { Prefix = "fwd." }, model.Scans[0] with { Prefix = "bwd.", Reversed = true }]], model.Input, false, false, []);
}
