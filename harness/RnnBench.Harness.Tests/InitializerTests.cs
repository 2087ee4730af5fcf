using RnnBench.Language;

namespace RnnBench.Harness.Tests;

public class InitializerTests
{
    static float[] Draw(Initial start, params int[] shape) => Initializer.Draw(start, shape, new Seeds(1).Stream("init/test"));

    [Theory]
    [InlineData(5, 5)]
    [InlineData(7, 4)]
    [InlineData(3, 6)]
    public void Orthogonal_matrices_are(int rows, int columns)
    {
        var q = Draw(new Initial.Orthogonal(), rows, columns);
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        float At(int vector, int element) => rows >= columns ? q[element * columns + vector] : q[vector * columns + element];
        for (var a = 0; a < count; a++)
            for (var b = 0; b < count; b++)
                Assert.Equal(a == b ? 1 : 0, Enumerable.Range(0, length).Sum(e => (double)At(a, e) * At(b, e)), 1e-6);   // float32
    }

    /// <summary>The mean of the trace of a uniformly distributed orthogonal matrix is 0; without unique signs it is far from it.</summary>
    [Fact]
    public void Orthogonal_matrices_have_no_favourite_signs()
    {
        var random = new Seeds(2).Stream("init/many");
        var traces = Enumerable.Range(0, 400).Select(_ => Initializer.Draw(new Initial.Orthogonal(), [4, 4], random)).Select(q => (double)q[0] + q[5] + q[10] + q[15]);
        Assert.Equal(0, traces.Average(), 0.25);           // standard deviation of a trace is 1, of the mean 0.05: five of them
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void A_positive_definite_start_has_the_largest_eigenvalue_1(int size)
    {
        var u = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfRowMajor(size, size, Draw(new Initial.NormalisedPositiveDefinite(), size, size).Select(x => (double)x));
        var values = u.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues.Select(value => value.Real).ToArray();
        Assert.Equal(1, values.Max(), 1e-6);
        Assert.InRange(values.Min(), 0.05, 1);
    }

    [Fact]
    public void Rotations_permutations_time_constants_and_cut_normals()
    {
        foreach (var (cayley, low, high) in new[] { (false, -Math.PI, Math.PI), (true, -1, 0) })
        {
            var blocks = Draw(new Initial.RotationBlocks(cayley), 5, 5);
            Assert.Equal([1, 13], blocks.Index().Where(x => x.Item != 0).Select(x => x.Index));
            Assert.All(blocks, x => Assert.InRange(x, low, high));
        }
        Assert.Equal(Enumerable.Range(0, 50).Select(k => (float)k), Draw(new Initial.Permutation(), 50).Order());
        var constants = Draw(new Initial.TimeConstants(100), 2000).Select(logit => -1 / Math.Log(1 / (1 + Math.Exp(-logit)))).ToArray();
        Assert.All(constants, τ => Assert.InRange(τ, 0.9999, 100.01));
        Assert.Equal(Math.Log(100) / 2, constants.Average(Math.Log), 0.15);          // five deviations of the mean
        Assert.All(Draw(new Initial.TruncatedNormal(0.1), 1000), x => Assert.InRange(x, -0.2f, 0.2f));
        Assert.Equal(Math.Sqrt(0.5), Deviation(Draw(new Initial.NormalFanIn(Math.Sqrt(2)), 200, 4)), 0.05);
    }

    [Fact]
    public void A_trace_scales_with_what_is_left_of_its_rate()
    {
        float[] logits = [-20, 0, 20];
        var random = new Seeds(3).Stream("init/trace");
        var columns = Initializer.Trace(new Initial.Trace("lam", ByRow: false), [400, 3], logits, random);
        double Of(int column) => Deviation([.. columns.Where((_, k) => k % 3 == column)]) * Math.Sqrt(3);
        Assert.Equal(1, Of(0), 0.15);
        Assert.Equal(0.5, Of(1), 0.08);
        Assert.Equal(0, Of(2), 1e-6);
        Assert.Equal(0, Initializer.Trace(new Initial.Trace("lam", ByRow: true), [3, 4], logits, random)[8..].Max(Math.Abs), 1e-6);
    }

    [Fact]
    public void Numbers_are_those_asked_for()
    {
        Assert.All(Draw(new Initial.Constant(0.5), 3), x => Assert.Equal(0.5f, x));
        Assert.Equal([2f, 0, 0, 2, 0, 0], Draw(new Initial.Identity(2), 3, 2));
        var uniform = Draw(new Initial.Uniform(0.1), 100, 100);
        Assert.All(uniform, x => Assert.InRange(x, -0.1f, 0.1f));
        Assert.Equal(0.1 / Math.Sqrt(3), Deviation(uniform), 0.001);
        Assert.Equal(Math.Sqrt(2.0 / 150), Deviation(Draw(new Initial.Glorot(), 50, 100)), 0.003);
        Assert.Equal(0.3, Deviation(Draw(new Initial.Normal(0.3), 100, 100)), 0.01);
    }

    /// <summary>The bits never change: numbers of the stream init/test of seed 1.</summary>
    [Fact]
    public void Values_are_known()
    {
        var stream = new Seeds(1).Stream("init/test");
        Assert.Equal([.. Enumerable.Range(0, 3).Select(_ => (float)((2 * stream.NextDouble() - 1) * 0.1))], Draw(new Initial.Uniform(0.1), 3));
    }

    static double Deviation(float[] values) => Math.Sqrt(values.Average(x => (double)x * x));

    /// <summary>All recurrent matrices one way, whatever the catalogue says; where the equations add the identity, the sum.</summary>
    [Theory]
    [InlineData("irnn(hidden=5)", "orthogonal", 1, 1)]
    [InlineData("lstm(hidden=4,layers=2)", "identity", 1, 1)]
    [InlineData("rin(hidden=4)", "orthogonal", 1, 1)]
    [InlineData("narx-rnn(hidden=4,n_d=3)", "orthogonal", 1, 1)]
    [InlineData("rnn(hidden=40)", "glorot", 0, 3)]
    public void Recurrent_matrices_start_as_they_are_asked_to(string model, string way, double low, double high)
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan(model, "adding(T=3)", $"steps=1 recurrent_start={way}", dtype: "float64"));
        using var network = new Network(parts, Lab.Catalogs.Runner("eager", parts.Model, TorchSharp.torch.CPU, parts.DType, false));
        foreach (var q in parts.Model.Parameters.Where(q => q.Name.Split('.')[^1].StartsWith('U')))
        {
            var matrix = network.Runner.Read()[q.Name] + (model.StartsWith("rin") ? TorchSharp.torch.eye(4) : TorchSharp.torch.zeros(1));
            var values = TorchSharp.torch.linalg.svdvals(matrix).data<double>().ToArray();
            Assert.All(values, s => Assert.InRange(s, low - 1e-6, high + 1e-6));
            if (way == "glorot") Assert.True(values.Min() < 0.5 && values.Max() > 1);
        }
    }

    [Fact]
    public void Everything_may_start_from_one_gaussian()
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan("lstm-peephole(hidden=60)", "adding(T=3)", "steps=1 init=normal:0.1", dtype: "float64"));
        using var network = new Network(parts, Lab.Catalogs.Runner("eager", parts.Model, TorchSharp.torch.CPU, parts.DType, false));
        var all = network.Trainable.SelectMany(t => t.detach().contiguous().data<double>().ToArray()).ToArray();
        Assert.InRange(Math.Sqrt(all.Average(v => v * v)), 0.098, 0.102);
        Assert.InRange(all.Max(), 0.3, 0.6);
    }

    [Theory]
    [InlineData(false, 1, 0, 1)]
    [InlineData(true, 0.9, 0.15, 0.9)]
    [InlineData(true, 0, 1, 6)]
    public void A_positive_definite_start_with_another_spectrum(bool plusIdentity, double top, double low, double high)
    {
        var size = 60;
        var u = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfRowMajor(size, size, Draw(new Initial.NormalisedPositiveDefinite(plusIdentity, top), size, size).Select(x => (double)x));
        var values = u.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues.Select(value => value.Real).ToArray();
        Assert.All(values, value => Assert.InRange(value, low - 1e-5, high + 1e-5));
        if (top > 0) Assert.Equal(top, values.Max(), 1e-5);
    }

    /// <summary>Weight decay passes by what a model leaves out, on whatever layout a backend has.</summary>
    [Theory]
    [InlineData("indrnn(hidden=4,layers=2)", "eager", "u b")]
    [InlineData("indrnn(hidden=4,layers=2)", "cpu", "u b")]
    [InlineData("indrnn(hidden=4,layers=2,bn=after)", "auto", "u")]
    [InlineData("lru(hidden=3,state_size=4)", "cpu", "nu_log theta_log gamma_log B_re B_im")]
    [InlineData("lru(hidden=3,state_size=4,block=true,lr_factor=0.5)", "auto", "nu_log theta_log gamma_log B_re B_im")]
    [InlineData("lru(hidden=3,state_size=4,lambda=polar)", "cpu", "nu theta gamma_log B_re B_im")]
    [InlineData("lru(hidden=3,state_size=4,lambda=direct,layers=2)", "eager", "lambda_re lambda_im gamma_log B_re B_im")]
    [InlineData("exp-rnn(hidden=4)", "cpu", "A")]
    public void What_does_not_decay_is_known_by_name(string model, string backend, string left)
    {
        var parts = Parts.Of(Lab.Catalogs, Lab.Plan(model, "adding(T=3)", "steps=1 optimizer=sgd weight_decay=0.5", dtype: "float64", backend: backend));
        using var network = new Network(parts, Lab.Catalogs.Runner(backend, parts.Model, TorchSharp.torch.CPU, parts.DType, false));
        var before = network.Runner.Read().ToDictionary(q => q.Key, q => q.Value.clone());
        foreach (var tensor in network.Trainable) tensor.grad = TorchSharp.torch.zeros_like(tensor);
        using var optimizer = Optimizer.Table["sgd"](parts.Training);
        optimizer.Step(network.Trainable, 0.1, 1, place => network.Decays(place) ? 0.5 : 0, network.Decaying);
        var after = network.Runner.Read();
        foreach (var q in parts.Model.Parameters.Where(q => q.Trained))
            Assert.Equal(0, (after[q.Name] - before[q.Name] * (left.Split(' ').Contains(q.Name.Split('.')[^1]) ? 1 : 0.95)).abs().max().item<double>(), 1e-15);
    }

    /// <summary>Whatever is learned of λ, it starts at the same numbers, on the ring that was asked for, and with it gamma.</summary>
    [Fact]
    public void Every_form_of_lambda_starts_at_the_same()
    {
        Dictionary<string, double[]> Start(string form)
        {
            var parts = Parts.Of(Lab.Catalogs, Lab.Plan($"lru(hidden=3,state_size=200,layers=2,r_min=0.5,r_max=0.9,max_phase=2,lambda={form})", "adding(T=3)", "steps=1", dtype: "float64"));
            using var network = new Network(parts, Lab.Catalogs.Runner("cpu", parts.Model, TorchSharp.torch.CPU, parts.DType, false));
            return network.Runner.Read().ToDictionary(q => q.Key, q => q.Value.contiguous().data<double>().ToArray());
        }
        var (stable, polar, direct) = (Start("stable"), Start("polar"), Start("direct"));
        foreach (var layer in new[] { "layer0.", "layer1." })
        {
            for (var k = 0; k < 200; k++)
            {
                var (modulus, phase) = (Math.Exp(-Math.Exp(stable[layer + "nu_log"][k])), Math.Exp(stable[layer + "theta_log"][k]));
                Assert.Equal(modulus, Math.Exp(-polar[layer + "nu"][k]), 1e-6);
                Assert.Equal(phase, polar[layer + "theta"][k], 1e-6);
                Assert.Equal(modulus * Math.Cos(phase), direct[layer + "lambda_re"][k], 1e-6);
                Assert.Equal(modulus * Math.Sin(phase), direct[layer + "lambda_im"][k], 1e-6);
                foreach (var form in new[] { stable, polar, direct }) Assert.Equal(0.5 * Math.Log(1 - modulus * modulus), form[layer + "gamma_log"][k], 2e-6);
            }
            double[] squares = [.. Enumerable.Range(0, 200).Select(k => Math.Pow(direct[layer + "lambda_re"][k], 2) + Math.Pow(direct[layer + "lambda_im"][k], 2))];
            Assert.All(squares, square => Assert.InRange(square, 0.25 - 1e-6, 0.81 + 1e-6));
            Assert.InRange(squares.Average(), 0.53 - 0.05, 0.53 + 0.05);          // uniform by area: (0.25 + 0.81) / 2, deviation 0.16 / √200
        }
        Assert.NotEqual(direct["layer0.lambda_re"], direct["layer1.lambda_re"]);
    }
}
