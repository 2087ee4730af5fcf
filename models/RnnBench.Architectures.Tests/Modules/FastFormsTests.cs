using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>Forms of the fast family that are modules, against the cells that they are made of or equal.</summary>
public sealed class FastFormsTests
{
    const int I = 3, B = 2;

    [Theory]
    [InlineData("mlstm(hidden=4,heads=2", 9)]
    [InlineData("mlstm(hidden=4", 1)]
    [InlineData("mlstm(hidden=6,heads=3,layers=2", 7)]
    [InlineData("mlstm(hidden=3,heads=3,forget=exp", 12)]
    [InlineData("mlstm(hidden=5,layers=3,forget=exp", 4)]
    public void The_parallel_mlstm_is_the_one_by_steps(string notation, int steps)
    {
        var (random, model) = (new Random(steps), Variants.Build(notation + ")", I));
        var (parameters, x) = (Draw.Parameters(random, model), Draw.Array(random, [steps, B, I], 2));
        using var plain = new Interpreter(model);
        using var parallel = new ModuleCase(ModuleCase.Build(notation + ",form=parallel)", I));
        plain.Write(parameters);
        parallel.Write(parameters);
        foreach (var state in new[] { null, Draw.States(random, model, B) })
        {
            var (expected, actual) = (plain.Run(x, state, new RunHooks<NdArray> { RecordGates = true }), parallel.Run(x, state));
            Close.Assert(expected.Output, actual.Output, 1e-12, "y");
            foreach (var (name, value) in expected.State) Close.Assert(value, actual.State[name], 1e-12, name);
            Assert.Equal(expected.Gates.Keys.Order(), actual.Gates.Keys.Order());
            foreach (var (name, value) in expected.Gates) Close.Assert(value, actual.Gates[name], 1e-13, name);
        }
    }

    [Fact]
    public void The_parallel_mlstm_has_the_gradients_of_the_one_by_steps()
    {
        var random = new Random(8);
        using var plain = new ModuleCase(ModuleCase.Build("mlstm(hidden=4,heads=2,layers=2)", I));
        using var parallel = new ModuleCase(ModuleCase.Build("mlstm(hidden=4,heads=2,layers=2,form=parallel)", I));
        var parameters = Draw.Parameters(random, plain.Model);
        foreach (var one in new[] { plain, parallel }) one.Write(parameters);
        var (x, state, dy) = (Draw.Array(random, [7, B, I]), Draw.States(random, plain.Model, B), Draw.Array(random, [7, B, 4]));
        var actual = parallel.Gradients(x, state, dy);
        foreach (var (name, value) in plain.Gradients(x, state, dy)) Close.Assert(value, actual[name], 1e-10, name);
    }

    [Fact]
    public void A_parallel_sequence_of_no_steps_leaves_the_memory_empty()
    {
        var (one, x, _) = ModulePropertyTests.Drawn("mlstm(hidden=4,heads=2,form=parallel)", 4, 2);
        using var __ = one;
        var run = one.Run(x, lengths: [4, 0]);
        Assert.All(run.Output.Data.Concat(run.State["C"].Data), value => Assert.True(double.IsFinite(value)));
        Assert.All(run.State["C"].Data[^8..], value => Assert.Equal(0, value));
        Assert.Equal([double.NegativeInfinity, double.NegativeInfinity], run.State["m"].Data[^2..]);
    }

    /// <summary>x through plain networks one after the other: each layer's features beside those that it reads, half of them between blocks.</summary>
    [Fact]
    public void The_dense_indrnn_is_made_of_plain_ones()
    {
        var (one, x, random) = ModulePropertyTests.Drawn("indrnn(hidden=4,net=dense,dense_blocks=[2,1],growth=2,activation=tanh)", 6, B);
        using var _ = one;
        var parameters = Draw.Parameters(random, one.Model);
        one.Write(parameters);
        var a = Unit(x, "W", "b", "u");
        foreach (var at in new[] { "block0.layer0.", "block0.layer1." }) a = Beside(a, Unit(Unit(a, at + "W_1", at + "b_1", at + "rec1.u"), at + "W_2", at + "b_2", at + "rec2.u"));
        Assert.Equal(8, a.Shape[2]);
        a = Unit(a, "block1.W", "block1.b", "block1.rec.u");
        Assert.Equal(4, a.Shape[2]);
        a = Beside(a, Unit(Unit(a, "block1.layer0.W_1", "block1.layer0.b_1", "block1.layer0.rec1.u"), "block1.layer0.W_2", "block1.layer0.b_2", "block1.layer0.rec2.u"));
        Close.Assert(a, one.Run(x).Output, 1e-13, "y");
        Assert.Equal(one.Model.Output, a.Shape[2]);

        NdArray Unit(NdArray input, string W, string b, string u)
        {
            using var plain = new Interpreter(ModuleCase.Build($"indrnn(hidden={parameters[b].Shape[0]},activation=tanh)", input.Shape[2]));
            plain.Write(new Dictionary<string, NdArray> { ["W"] = parameters[W], ["b"] = parameters[b], ["u"] = parameters[u] });
            return plain.Run(input).Output;
        }
    }

    [Fact]
    public void A_sixth_of_hidden_is_the_growth_unless_it_is_said() =>
        Assert.Equal(ModuleCase.Build("indrnn(hidden=24,net=dense,growth=4)", I).Parameters.Select(q => (q.Name, q.Count)), ModuleCase.Build("indrnn(hidden=24,net=dense)", I).Parameters.Select(q => (q.Name, q.Count)));

    /// <summary>Statistics of each step alone: one step gives what it gives in a sequence, and the future does not reach the past.</summary>
    [Theory]
    [InlineData("indrnn(hidden=3,bn=before,bn_over=step)")]
    [InlineData("indrnn(hidden=3,layers=2,bn=after,bn_over=step)")]
    [InlineData("indrnn(hidden=3,net=residual,bn=before,bn_over=step)")]
    public void Statistics_of_a_step_are_causal(string notation)
    {
        var (one, x, _) = ModulePropertyTests.Drawn(notation, 6, 4);
        using var __ = one;
        var first = one.Run(ModulePropertyTests.Steps(x, 0, 3));
        var whole = one.Run(x);
        Close.Assert(ModulePropertyTests.Steps(whole.Output, 0, 3), first.Output, 1e-13, notation);
        Close.Assert(ModulePropertyTests.Steps(whole.Output, 3, 6), one.Run(ModulePropertyTests.Steps(x, 3, 6), first.State).Output, 1e-13, notation);
    }

    [Fact]
    public void Statistics_of_a_step_by_hand()
    {
        var (one, x, random) = ModulePropertyTests.Drawn("indrnn(hidden=3,bn=before,bn_over=step,activation=identity)[u=0]", 2, 4);
        using var _ = one;
        var parameters = Draw.Parameters(random, one.Model);
        one.Write(parameters);
        var expected = NdArray.Zeros(2, 4, 3);
        for (var t = 0; t < 2; t++) for (var k = 0; k < 3; k++)
        {
            double[] a = [.. Enumerable.Range(0, 4).Select(b => parameters["b"].Data[k] + Enumerable.Range(0, I).Sum(i => parameters["W"][k, i] * x[t, b, i]))];
            var (mean, variance) = (a.Average(), a.Average(v => v * v) - a.Average() * a.Average());
            for (var b = 0; b < 4; b++) expected[t, b, k] = parameters["bn_g"].Data[k] * (a[b] - mean) / Math.Sqrt(variance + 1e-5) + parameters["bn_b"].Data[k];
        }
        Close.Assert(expected, one.Run(x).Output, 1e-12, "y");
    }

    /// <summary>The block around a cell, by hand: normalisation, convolution, the cell, the projection down and the perceptron.</summary>
    [Theory]
    [InlineData("mingru", "space=linear", 4, true)]
    [InlineData("mingru", "space=log", 1, false)]
    [InlineData("minlstm", "space=log", 3, true)]
    [InlineData("minlstm", "normalize=false", 0, true)]
    public void A_minimal_block_by_hand(string cell, string settings, int taps, bool perceptron)
    {
        const int Steps = 5, D = 2, H = 6;
        var (one, x, random) = ModulePropertyTests.Drawn($"{cell}(hidden=6,{settings},block=true,expansion=3,conv={taps},mlp={(perceptron ? "true" : "false")})", Steps, B);
        using var _ = one;
        var q = Draw.Parameters(random, one.Model);
        one.Write(q);
        var a = Map(x, "W_enc", "b_enc");
        var u = Normal(a, "");
        if (taps > 0) u = Each(D, (t, b, k) => q["conv.b"].Data[k] + Enumerable.Range(0, taps).Where(j => t - (taps - 1 - j) >= 0).Sum(j => q["conv.W"].Data[k * taps + j] * u[t - (taps - 1 - j), b, k]));
        using var inner = new Interpreter(ModuleCase.Build($"{cell}(hidden=6,{settings})", D));
        inner.Write(inner.Model.Parameters.ToDictionary(p => p.Name, p => q[p.Name]));
        a = Sum(a, Map(inner.Run(u).Output, "W_down", "b_down"));
        if (perceptron)
        {
            var v = Map(Normal(a, "mlp."), "W_1", "b_1");
            a = Sum(a, Map(Each(4 * D, (t, b, k) => v[t, b, k] * NormalBelow(v[t, b, k])), "W_2", "b_2"));
        }
        Close.Assert(a, one.Run(x).Output, 1e-12, "y");
        Assert.Equal((D, H), (one.Model.Output, one.Model.States.Single(s => s.Name == "h").Width));

        NdArray Each(int width, Func<int, int, int, double> value)
        {
            var all = NdArray.Zeros(Steps, B, width);
            for (var t = 0; t < Steps; t++) for (var b = 0; b < B; b++) for (var k = 0; k < width; k++) all[t, b, k] = value(t, b, k);
            return all;
        }
        NdArray Map(NdArray of, string W, string bias) => Each(q[W].Shape[0], (t, b, k) => q[bias].Data[k] + Enumerable.Range(0, q[W].Shape[1]).Sum(i => q[W][k, i] * of[t, b, i]));
        NdArray Sum(NdArray left, NdArray right) => Each(D, (t, b, k) => left[t, b, k] + right[t, b, k]);
        NdArray Normal(NdArray of, string at) => Each(D, (t, b, k) =>
        {
            double[] all = [.. Enumerable.Range(0, D).Select(i => of[t, b, i])];
            return (all[k] - all.Average()) / Math.Sqrt(all.Average(v => v * v) - all.Average() * all.Average() + 1e-5) * q[at + "norm_g"].Data[k] + q[at + "norm_b"].Data[k];
        });
    }

    /// <summary>Φ by its power series, which is exact to rounding for small arguments.</summary>
    static double NormalBelow(double x)
    {
        var (sum, term) = (x, x);
        for (var n = 1; n < 200; n++) sum += term *= x * x / (2 * n + 1);
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>A reversible GRU that does not forget, by hand: each half adds to itself what the other half and the input say.</summary>
    [Fact]
    public void A_reversible_gru_that_does_not_forget()
    {
        const int Steps = 6, Half = 2;
        var (random, model) = (new Random(12), Variants.Build("rev-gru(hidden=4,forgets=false)", I));
        var (q, x) = (Draw.Parameters(random, model), Draw.Array(random, [Steps, B, I]));
        var y = NdArray.Zeros(Steps, B, 2 * Half);
        for (var b = 0; b < B; b++)
        {
            double[][] h = [new double[Half], new double[Half]];
            for (var t = 0; t < Steps; t++) foreach (var half in new[] { 0, 1 })
            {
                double[] Sum(string letter, double[] other) => [.. Enumerable.Range(0, Half).Select(k => q[$"half{half + 1}.b_{letter}"].Data[k]
                    + Enumerable.Range(0, I).Sum(i => q[$"half{half + 1}.W_{letter}"][k, i] * x[t, b, i]) + Enumerable.Range(0, Half).Sum(j => q[$"half{half + 1}.U_{letter}"][k, j] * other[j]))];
                double[] Logistic(string letter) => [.. Sum(letter, h[1 - half]).Select(a => 1 / (1 + Math.Exp(-a)))];
                var (z, n) = (Logistic("z"), Sum("n", [.. Logistic("r").Zip(h[1 - half], (r, seen) => r * seen)]));
                h[half] = [.. h[half].Select((own, k) => own + (1 - z[k]) * Math.Tanh(n[k]))];
                for (var k = 0; k < Half; k++) y[t, b, half * Half + k] = h[half][k];
            }
        }
        using var run = new Interpreter(model);
        run.Write(q);
        Close.Assert(y, run.Run(x).Output, 1e-13, "y");
    }

    /// <summary>Where its normaliser is taken out, the one unit of an mLSTM is o C q with C = f C + exp(i) v k.</summary>
    [Fact]
    public void An_mlstm_without_its_normaliser()
    {
        var (random, model) = (new Random(13), Variants.Build("mlstm(hidden=1)[z=exp(-m)]", I));
        var (q, x, expected) = (Draw.Parameters(random, model), Draw.Array(random, [7, B, I]), NdArray.Zeros(7, B, 1));
        for (var b = 0; b < B; b++)
        {
            var memory = 0.0;
            for (var t = 0; t < 7; t++)
            {
                double Sum(string letter) => q[$"b_{letter}"].Data[0] + Product(letter);
                double Product(string letter) => Enumerable.Range(0, I).Sum(i => q[$"W_{letter}"].Data[i] * x[t, b, i]);
                double Logistic(double a) => 1 / (1 + Math.Exp(-a));
                memory = Logistic(Sum("f")) * memory + Math.Exp(Sum("i")) * Sum("v") * Sum("k");
                expected[t, b, 0] = Logistic(Sum("o")) * memory * Sum("q");
            }
        }
        using var run = new Interpreter(model);
        run.Write(q);
        Close.Assert(expected, run.Run(x).Output, 1e-13, "y");
    }

    /// <summary>One unit in three coordinates of λ: the same values, and gradients by the chain rule.</summary>
    [Theory]
    [InlineData("normalize=true", "eager")]
    [InlineData("normalize=true", "cpu")]
    [InlineData("normalize=false", "cpu")]
    [InlineData("normalize=true", "parallel")]
    public void The_forms_of_lambda_are_one_unit(string settings, string backend)
    {
        var random = new Random(3);
        ModuleCase Of(string form) => new(ModuleCase.Build($"lru(hidden=4,state_size=3,{settings},lambda={form})", I), backend: backend);
        using var stable = Of("stable");
        using var polar = Of("polar");
        using var direct = Of("direct");
        var q = Draw.Parameters(random, stable.Model);
        double[] nu = [.. q["nu_log"].Data.Select(Math.Exp)], theta = [.. q["theta_log"].Data.Select(Math.Exp)];
        double[] re = [.. nu.Zip(theta, (n, a) => Math.Exp(-n) * Math.Cos(a))], im = [.. nu.Zip(theta, (n, a) => Math.Exp(-n) * Math.Sin(a))];
        Dictionary<string, NdArray> With(string first, double[] one, string second, double[] two) =>
            new(q.Where(p => p.Key is not ("nu_log" or "theta_log")).Append(new(first, new([3], one))).Append(new(second, new([3], two))));
        stable.Write(q);
        polar.Write(With("nu", nu, "theta", theta));
        direct.Write(With("lambda_re", re, "lambda_im", im));
        var (x, state, dy) = (Draw.Array(random, [7, B, I]), Draw.States(random, stable.Model, B), Draw.Array(random, [7, B, 4]));
        var (expected, slopes) = (stable.Run(x, state), stable.Gradients(x, state, dy));
        foreach (var other in new[] { polar, direct })
        {
            var (actual, own) = (other.Run(x, state), other.Gradients(x, state, dy));
            Close.Assert(expected.Output, actual.Output, 1e-13, "y");
            foreach (var (name, value) in expected.State) Close.Assert(value, actual.State[name], 1e-13, name);
            foreach (var (name, value) in slopes.Where(g => g.Key is not ("param.nu_log" or "param.theta_log"))) Close.Assert(value, own[name], 1e-12, name);
            var (dNu, dTheta) = own.TryGetValue("param.nu", out var straight) ? (straight.Data, own["param.theta"].Data) : Turned(own["param.lambda_re"].Data, own["param.lambda_im"].Data);
            Close.Assert(slopes["param.nu_log"], new([3], [.. dNu.Zip(nu, (d, n) => d * n)]), 1e-12, "nu_log");
            Close.Assert(slopes["param.theta_log"], new([3], [.. dTheta.Zip(theta, (d, a) => d * a)]), 1e-12, "theta_log");
        }

        (double[] Nu, double[] Theta) Turned(double[] dRe, double[] dIm) =>
            ([.. Enumerable.Range(0, 3).Select(k => -re[k] * dRe[k] - im[k] * dIm[k])], [.. Enumerable.Range(0, 3).Select(k => re[k] * dIm[k] - im[k] * dRe[k])]);
    }

    static NdArray Beside(NdArray left, NdArray right)
    {
        var (a, b) = (left.Shape[2], right.Shape[2]);
        return new([left.Shape[0], left.Shape[1], a + b], [.. left.Data.Chunk(a).Zip(right.Data.Chunk(b), (l, r) => l.Concat(r)).SelectMany(row => row)]);
    }
}
