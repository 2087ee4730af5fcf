using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

public class NetworkTests
{
    static (Parts Parts, Network Network) Make(string model, string task, string settings, string backend = "eager")
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan(model, task, settings, backend: backend));
        return (parts, new Network(parts, Lab.Catalogs.Runner(backend, parts.Model, CPU, ScalarType.Float32, false)));
    }

    [Fact]
    public void Parameters_start_the_same_on_every_backend()
    {
        using var eager = Make("lstm", "alphabet", "").Network;
        using var library = Make("lstm", "alphabet", "", "library").Network;
        foreach (var (name, value) in eager.Runner.Read()) Assert.True(Bits.Same(value, library.Runner.Read()[name]), name);
    }

    [Fact]
    public void Shared_parameters_of_an_ablation_start_the_same()
    {
        using var whole = Make("lstm", "alphabet", "").Network;
        using var ablated = Make("lstm[i=1]", "alphabet", "").Network;
        var values = whole.Runner.Read();
        Assert.NotEmpty(ablated.Runner.Read());
        foreach (var (name, value) in ablated.Runner.Read()) Assert.True(Bits.Same(value, values[name]), name);
    }

    [Fact]
    public void The_first_rule_that_matches_starts_a_parameter()
    {
        using var network = Make("lstm(forget_bias=3)", "alphabet", "").Network;
        var values = network.Runner.Read();
        Assert.All(values["b_f"].data<float>().ToArray(), x => Assert.Equal(3, x));
        Assert.All(values["b_i"].data<float>().ToArray(), x => Assert.Equal(0, x));
    }

    /// <summary>As the linear layers of common libraries start: as far as the matrix beside it, whatever an ablation left.</summary>
    [Theory]
    [InlineData("mingru(hidden=60)", "b_z", 2)]
    [InlineData("minlstm(hidden=60,layers=2)", "layer1.b_n", 60)]
    [InlineData("rev-lstm(hidden=60)", "half2.b_p", 2)]
    [InlineData("rev-gru(hidden=60)[half1.W_z=0]", "half1.b_z", 0)]
    public void A_bias_starts_as_its_matrix_does(string model, string bias, int columns)
    {
        using var network = Make(model, "adding(T=3)", "steps=1").Network;
        var values = network.Runner.Read()[bias].data<float>().ToArray();
        if (columns == 0) Assert.All(values, x => Assert.Equal(0, x));
        else Assert.InRange(values.Max(Math.Abs), 0.8 / Math.Sqrt(columns), 1 / Math.Sqrt(columns));
    }

    [Fact]
    public void Uniform_sets_everything()
    {
        using var network = Make("lstm(forget_bias=3)", "alphabet", "init=uniform:0.05").Network;
        Assert.Equal(3 + network.Runner.Trainable.Count, network.Trainable.Count);
        foreach (var value in network.Trainable)
        {
            Assert.True(value.abs().max().item<float>() <= 0.05f);
            Assert.True(value.detach().std().item<float>() > 0.01f);
        }
        Assert.Equal(7 * 8 + 6 * 8 + 6, network.CountOutside);
    }

    [Fact]
    public void Only_the_rows_asked_for_are_put_out()
    {
        var (parts, network) = Make("gru", "adding(T=7)", "steps=1 model.hidden=5");
        using (network)
        {
            using var data = parts.Open(3, "data", null);
            var batch = data.Training(0);
            var rows = Losses.Rows(batch, batch.Groups.Keys);
            Assert.Equal([18L, 19, 20], rows!);
            using var whole = network.Run(batch, null).Read;
            using var last = network.Run(batch, rows).Read;
            Assert.True(allclose(whole[TensorIndex.Slice(18)], last, rtol: 0, atol: 1e-6));     // another split of the same product
        }
    }

    [Fact]
    public void Dropout_masks_depend_on_seed_step_and_place_and_keep_the_mean()
    {
        var ones = torch.ones(100, 50, 20);
        var dropout = new Dropout(new Seeds(1), 0.3);
        var step = dropout.At(5)!;
        using Tensor first = step(ones), second = step(ones), again = new Dropout(new Seeds(1), 0.3).At(5)!(ones), later = dropout.At(6)!(ones);
        Assert.True(Bits.Same(first, again));
        Assert.False(Bits.Same(first, second));
        Assert.False(Bits.Same(first, later));
        Assert.Equal(0.3, first.eq(0).to(ScalarType.Float64).mean().item<double>(), 0.008);      // 100 000 draws: five deviations of 0.0015
        Assert.Equal(1, first.mean().item<float>(), 0.012);
        Assert.Equal(1 / 0.7f, first.max().item<float>(), 1e-6f);
        Assert.Null(new Dropout(new Seeds(1), 0).At(1));
    }

    [Fact]
    public void Dropout_touches_the_input_of_every_layer_and_the_last_output()
    {
        var (parts, network) = Make("lstm(layers=3)", "alphabet", "");
        using (network)
        {
            using var data = parts.Open(3, "data", null);
            var seen = new List<string>();
            network.Run(data.Training(0), null, dropout: x => { seen.Add(string.Join(',', x.shape)); return x; });
            Assert.Equal(["6,3,8", "6,3,8", "6,3,8", "6,3,8"], seen);
        }
    }
}
