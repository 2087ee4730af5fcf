using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Harness.Tests;

/// <summary>The penalty that stands in place of clipped singular values.</summary>
public sealed class SoftOrthogonalityTests : IDisposable
{
    readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    /// <summary>Against autograd, on layouts of their own: one flat tensor (cpu), gates in one matrix with z turned (library), a tensor for each (eager).</summary>
    [Theory]
    [InlineData("gru(hidden=4,reset_after=true)", "eager")]
    [InlineData("gru(hidden=4,reset_after=true)", "library")]
    [InlineData("lstm(hidden=3,layers=2)", "cpu")]
    [InlineData("rin(hidden=4)", "eager")]
    [InlineData("cw-rnn(hidden=4,periods=[1,2])", "cpu")]
    [InlineData("narx-rnn(hidden=3,n_d=2)", "cpu")]
    [InlineData("mist-rnn(hidden=4,n_d=2)", "eager")]
    public void The_soft_penalty_adds_its_gradient(string notation, string backend)
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan(notation, "adding(T=3)", "steps=1 svclip_mode=soft svclip_penalty=0.3", backend: backend, dtype: "float64"));
        using var network = new Network(parts, Lab.Catalogs.Runner(backend, parts.Model, CPU, parts.DType, false));
        var start = network.Runner.Read().ToDictionary(q => q.Key, q => q.Value.clone());
        network.Runner.Run(randn(3, 2, 2).to(parts.DType)).Output.sum().backward();
        var before = network.Runner.ReadGradients().ToDictionary(q => q.Key, q => q.Value.clone());
        SoftOrthogonality.Of(network, parts.Training)!.AddGradient();
        foreach (var q in parts.Model.Parameters)
        {
            Assert.Equal(0, (network.Runner.Read()[q.Name] - start[q.Name]).abs().max().item<double>());
            var expected = q.Name.Split('.')[^1].StartsWith('U') ? Penalised(q, start[q.Name]) : zeros_like(start[q.Name]);
            Assert.Equal(0, (network.Runner.ReadGradients()[q.Name] - before[q.Name] - expected).abs().max().item<double>(), 1e-12);
        }

        Tensor Penalised(ModelParameter q, Tensor value)
        {
            var leaf = value.detach().clone().requires_grad_(true);
            var mask = q.Mask is { } read ? tensor([.. read], [.. q.Shape.Select(side => (long)side)]) : ones_like(value);
            var shift = notation.StartsWith("rin") ? eye(q.Shape[^1], dtype: ScalarType.Float64) : zeros(1, ScalarType.Float64);
            var far = zeros(1, ScalarType.Float64);
            foreach (var u in q.Shape.Count > 2 ? (leaf * mask).unbind(0) : [leaf * mask + shift])
            {
                var product = q.Shape[^2] < q.Shape[^1] ? u.mm(u.t()) : u.t().mm(u);
                far = far + (product - eye(product.shape[0], dtype: ScalarType.Float64)).square().sum();
            }
            (0.3 * far).backward();
            return leaf.grad!;
        }
    }

    [Fact]
    public void The_soft_penalty_draws_towards_an_orthogonal_matrix()
    {
        using var lab = new Lab();
        double Distance(string settings)
        {
            var experiment = Lab.Plan("rnn(hidden=5)", "adding(T=4)", $"steps=200 batch=4 init=uniform:0.6 learning_rate=0.01 evaluate_every=200 {settings}", dtype: "float64", backend: "auto");
            var parts = Parts.Of(Lab.Catalogs, experiment);
            using var data = parts.Open(4, "data", null);
            using var network = new Network(parts, Lab.Catalogs.Runner("auto", parts.Model, CPU, parts.DType, false));
            using var run = new TrainingRun(parts, data, network, new Cadence(parts.Training, ProbePlan.None, data.BatchesPerEpoch), TimeProvider.System);
            for (var step = 0; step < 200; step++) Assert.True(run.Advance());
            var u = network.Runner.Read()["U_h"];
            return (u.mm(u.t()) - eye(5, dtype: ScalarType.Float64)).abs().max().item<double>();
        }
        Assert.InRange(Distance("svclip_mode=soft svclip_penalty=1"), 0, 0.1);
        Assert.InRange(Distance(""), 0.3, 10);
        Assert.Equal("svclip_mode=soft: sru(hidden=4) has no recurrent matrix U that could be kept near an orthogonal one.",
            Assert.Throws<UserError>(() => lab.Run(Lab.Plan("sru(hidden=4)", "adding(T=3)", "steps=1 svclip_mode=soft"))).Message);
    }
}
