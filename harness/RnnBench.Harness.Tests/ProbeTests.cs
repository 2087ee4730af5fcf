using RnnBench.Results;
using RnnBench.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

public class ProbeTests
{
    [Fact]
    public void Gate_statistics_are_right()
    {
        using var values = tensor(new float[] { 0.0f, 0.05f, 0.5f, 0.95f, 1.0f, 0.53f, -1, 2 }, [2, 2, 2]);
        var row = GateStatistics.Of("layer1.bwd.f", values, 7);
        Assert.Equal((7L, "layer1.bwd", "f"), (row.Step, row.Layer, row.Gate));
        Assert.Equal((3 / 8.0, 3 / 8.0), (row.Below, row.Above));
        Assert.Equal((50, 8L), (row.Histogram.Count, row.Histogram.Sum()));
        Assert.Equal([(0, 2L), (2, 1L), (25, 1L), (26, 1L), (47, 1L), (49, 2L)], row.Histogram.Index().Where(bin => bin.Item > 0));
        Assert.Equal(values.mean().item<float>(), row.Mean, 1e-6);
        Assert.Equal(values.std(unbiased: false).item<float>(), row.Deviation, 1e-6);
        Assert.Equal("", GateStatistics.Of("f", values, 0).Layer);
    }

    /// <summary>h_t = U h_{t-1} + ... with U orthogonal: the gradient has the same norm at every lag.</summary>
    [Fact]
    public void The_gradient_of_a_linear_orthogonal_network_does_not_fade()
    {
        var rows = Lags("rnn(activation=identity)", "adding(T=9)", out _);
        var h = rows.Where(r => r.Layer == "").OrderBy(r => r.Lag).ToArray();
        Assert.Equal(Enumerable.Range(0, 9), h.Select(r => r.Lag));
        Assert.All(h, r => Assert.Equal(h[0].Mean, r.Mean, h[0].Mean * 1e-5));            // float32
        Assert.All(h, r => Assert.True(r.Low <= r.Median && r.Median <= r.High));
    }

    /// <summary>Against differences of the loss: one sequence, one unit of one state nudged.</summary>
    [Fact]
    public void Norms_are_total_derivatives_of_both_states()
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan("lstm(hidden=3)", "adding(T=5)", "steps=1", dtype: "float64"));
        using var network = new Network(parts, Lab.Catalogs.Runner("eager", parts.Model, CPU, ScalarType.Float64, true));
        using var data = parts.Open(2, "probe", null);
        var batch = data.Training(0);
        var into = Look(parts, network, batch);
        for (var lag = 0; lag < 5; lag++)
        {
            var norms = new double[2];
            foreach (var (state, unit, b) in from s in new[] { "h", "c" } from u in Enumerable.Range(0, 3) from b in Enumerable.Range(0, 2) select (s, u, b))
            {
                const double step = 1e-5;
                var slope = (Loss(network, batch, state, 4 - lag, b, unit, step) - Loss(network, batch, state, 4 - lag, b, unit, -step)) / (2 * step);
                norms[b] += slope * slope;
            }
            // Central differences are right to about the square of the step.
            Assert.Equal(norms.Average(Math.Sqrt), into.GradientLags.Single(r => r.Layer == "" && r.Lag == lag).Mean, 1e-8);
        }
    }

    [Fact]
    public void Every_layer_and_the_input_have_every_lag()
    {
        var rows = Lags("lstm(layers=2,bidirectional=true)", "copy(T=3,length=2)", out var gates);
        Assert.Equal(["layer0.bwd", "layer0.fwd", "layer1.bwd", "layer1.fwd", "x"], rows.Select(r => r.Layer).Distinct().Order(StringComparer.Ordinal));
        Assert.All(rows.GroupBy(r => r.Layer), layer => Assert.Equal(Enumerable.Range(0, 7), layer.Select(r => r.Lag).Order()));
        Assert.Equal(12, gates.Count);
        Assert.All(gates, g => Assert.Equal(7 * 4 * 6, g.Histogram.Sum()));
    }

    [Fact]
    public void The_loss_is_that_of_the_last_step_or_of_the_smallest_group()
    {
        var batch = new Batch { Steps = 3, Size = 2, StartsFresh = true, Groups = new Dictionary<string, float[]> { [Batch.Trained] = [1, 1, 1, 1, 1, 1] } };
        Assert.Equal([4L, 5], NetworkProbe.LossRows(batch));
        Assert.Equal([2L], NetworkProbe.LossRows(batch with { Groups = new Dictionary<string, float[]> { [Batch.Trained] = [1, 0, 1, 0, 0, 0] } }));
        Assert.Equal([2L, 3, 4, 5], NetworkProbe.LossRows(batch with
        {
            Groups = new Dictionary<string, float[]> { [Batch.Trained] = [1, 1, 1, 1, 1, 1], ["recall"] = [0, 0, 1, 1, 1, 1], ["none"] = [0, 0, 0, 0, 0, 0] },
        }));
    }

    static List<GradientLagRow> Lags(string model, string task, out List<GateRow> gates)
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan(model, task, "steps=1 model.hidden=6"));
        using var network = new Network(parts, Lab.Catalogs.Runner("eager", parts.Model, CPU, ScalarType.Float32, false));
        using var data = parts.Open(4, "probe", null);
        var into = Look(parts, network, data.Training(0));
        gates = into.Gates;
        return into.GradientLags;
    }

    static Recording Look(Parts parts, Network network, Batch batch)
    {
        using var probe = new NetworkProbe(Lab.Catalogs.Runner("auto", parts.Model, CPU, parts.DType, true), batch);
        var into = new Recording();
        probe.Look(network, 3, into);
        Assert.All(network.Trainable, p => Assert.Null(p.grad));
        Assert.All(into.GradientLags, r => Assert.Equal(3, r.Step));
        return into;
    }

    static double Loss(Network network, Batch batch, string state, int t, int b, int unit, double nudge)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var rows = NetworkProbe.LossRows(batch);
        var hooks = new Language.RunHooks<Tensor>
        {
            Tap = (prefix, name, step, value) =>
            {
                if (name != state || step != t) return value;
                var delta = zeros_like(value);
                delta[b, unit] = nudge;
                return value + delta;
            },
        };
        return network.Losses(network.Run(batch, rows, hooks: hooks).Read, batch, rows).Sum.item<double>();
    }
}
