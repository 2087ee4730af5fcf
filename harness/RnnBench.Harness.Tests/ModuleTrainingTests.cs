using RnnBench.Language;
using RnnBench.Results;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

/// <summary>Models that are no stack of recurrences, in training: forests, masks, further losses, final readouts.</summary>
public class ModuleTrainingTests
{
    const string Forests = "pcfg(sentences=60,eval_sentences=20,form=tree)", Sentences = "pcfg(sentences=60,eval_sentences=20,form=sequence,labels=root)";

    [Theory]
    [InlineData("tree-lstm-nary(hidden=8)")]
    [InlineData("tree-lstm-childsum(hidden=8)")]
    public void Trees_learn(string model)
    {
        using var lab = new Lab();
        var experiment = Lab.Plan(model, Forests, "steps=60 optimizer=adam learning_rate=0.03 batch=20 evaluate_every=60 record_every=1", probes: new ProbePlan { Batch = 4 });
        var result = lab.Run(experiment);
        Assert.True(result.Status == RunStatus.Done, result.Message);
        var losses = lab.Losses(experiment);
        Assert.True(losses[^10..].Average() < 0.9 * losses[0], $"{losses[0]} to {losses[^1]}");
        Assert.NotEmpty(lab.Rows("gates", experiment));
    }

    [Theory]
    [InlineData("tcn(hidden=6,layers=2,dropout=0.3)")]
    [InlineData("trellisnet(hidden=7,layers=4,nout=6,aux=0.2,aux_frequency=2,weight_dropout=0.3,hidden_dropout=0.2)")]
    [InlineData("conv-lstm(hidden=2,kernel=3,state_kernel=3,width=3)")]
    [InlineData("grid-lstm(hidden=5,layers=2)")]
    public void A_stopped_run_goes_on_to_the_same_bits(string model)
    {
        using Lab whole = new(), parts = new();
        var experiment = Lab.Plan(model, "alphabet", "steps=8 evaluate_every=4 record_every=1 dropout=0.2", probes: new ProbePlan { Batch = 4 }, backend: "auto");
        whole.Run(experiment);
        var stop = new StopAt(5);
        parts.Run(experiment, o => o with { Progress = stop }, stop.Token);
        Assert.Equal(RunStatus.Done, parts.Run(experiment).Status);
        Assert.Equal(whole.Rows(experiment), parts.Rows(experiment));
    }

    /// <summary>A final output is that of the sequence alone, whatever stands behind its end in the batch.</summary>
    [Theory]
    [InlineData("lstm(hidden=5,layers=2,bidirectional=true)")]
    [InlineData("gru(hidden=5,layers=2,bidirectional=true,skip_output=true)")]
    [InlineData("tcn(hidden=5,layers=2)")]
    public void Final_outputs_do_not_see_the_padding(string model)
    {
        var (parts, network) = Make(model, Sentences);
        using (network)
        {
            using var data = parts.Open(3, "data", null);
            var full = data.Training(0);
            var batch = full with { Lengths = [.. Enumerable.Range(0, full.Size).Select(b => full.Steps - b % full.Steps)] };
            using var all = network.Run(batch, null).Read;
            Assert.Equal([batch.Size, parts.Model.Output], all.shape);
            for (var b = 0; b < batch.Size; b++)
            {
                var length = batch.Lengths![b];
                using var alone = network.Run(new Batch
                {
                    Steps = length, Size = 1, Ids = [.. Enumerable.Range(0, length).Select(t => batch.Ids![t * batch.Size + b])], StartsFresh = true,
                    Groups = new Dictionary<string, float[]> { [Batch.Trained] = [1] },
                }, null).Read;
                Assert.True(allclose(all[b], alone[0], rtol: 0, atol: 1e-6), $"member {b}");
            }
        }
    }

    [Fact]
    public void Gains_of_a_weight_normalisation_start_as_the_norms()
    {
        var network = Make("tcn", "alphabet").Network;
        using (network)
        {
            var values = network.Runner.Read();
            using var norms = values["W_1.v"].flatten(1).square().sum(1).sqrt();
            Assert.True(allclose(values["W_1.g"], norms, rtol: 1e-6));
        }
    }

    [Theory]
    [InlineData("tree-lstm-nary(hidden=4)", "copy(T=5)", "tree-lstm-nary(hidden=4) reads trees, and copy(T=5) gives sequences; choose another model or task.")]
    [InlineData("lstm(hidden=4)", Forests, $"lstm(hidden=4) reads sequences, and {Forests} gives trees; choose another model or task.")]
    [InlineData("tree-lstm-nary(hidden=4,arity=1)", Forests, $"tree-lstm-nary(hidden=4,arity=1) reads nodes with at most 1 children, and {Forests} has up to 2.")]
    [InlineData("tcn(hidden=4)", "copy(T=5)", null)]
    public void Trees_and_sequences_do_not_mix(string model, string task, string? answer) =>
        Assert.Equal(answer, Record.Exception(() => Lab.Plan(model, task, "steps=1"))?.Message);

    [Theory]
    [InlineData("tcn", "library", "no cell inside")]
    [InlineData("tcn", "cpu", "no cell inside")]
    [InlineData("grid-lstm", "library", "no layer of the library")]
    public void A_backend_that_cannot_run_a_module_says_why(string model, string backend, string why) =>
        Assert.Contains(why, Assert.Throws<UserError>(() => Make(model, "alphabet", backend)).Message);

    static (Parts Parts, Network Network) Make(string model, string task, string backend = "eager")
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan(model, task, "steps=1 model?.hidden=8", backend: backend));
        return (parts, new Network(parts, Lab.Catalogs.Runner(backend, parts.Model, CPU, ScalarType.Float32, false)));
    }
}
