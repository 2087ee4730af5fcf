using RnnBench.Backends;
using RnnBench.Backends.Reversible;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures.Tests;

/// <summary>The fast family beyond its cells: reversal to the last bit, skipped work, slices, statistics, counts, settings that are refused.</summary>
public sealed class FastTests
{
    const int H = 6, I = 3;

    [Theory]
    [InlineData("qrnn(hidden=6,kernel=2)", 3 * (2 * I * H + H))]
    [InlineData("qrnn(hidden=6,kernel=3,pooling=f)", 2 * (3 * I * H + H))]
    [InlineData("qrnn(hidden=6,kernel=2,layers=2,dense=true,pooling=ifo)", 4 * (2 * I * H + H) + 4 * (2 * (I + H) * H + H))]
    [InlineData("indrnn(hidden=6,bn=after)", H * I + 4 * H)]
    [InlineData("indrnn(hidden=6,net=residual,blocks=2)", H * I + H + 2 * (2 * (H * H + H) + 2 * H) + H)]
    [InlineData("sliced-rnn(hidden=6,slices=2,levels=2)", 3 * H * (I + H + 1) + 2 * 3 * H * (2 * H + 1))]
    [InlineData("skim-rnn(hidden=6,small=2)", 4 * H * (I + H + 1) + 4 * 2 * (I + H + 1) + 2 * (I + H + 1))]
    [InlineData("skim-rnn(hidden=6,small=2,small_input=slice)", 4 * H * (I + H + 1) + 4 * 2 * (I + 2 + 1) + 2 * (I + H + 1))]
    [InlineData("skim-rnn(hidden=6,small=0)", 4 * H * (I + H + 1) + 2 * (I + H + 1))]
    [InlineData("rev-gru(hidden=6)", 3 * H * (I + H / 2 + 1))]
    [InlineData("rev-gru(hidden=6,arithmetic=fixed)", 3 * H * (I + H / 2 + 1))]
    [InlineData("rev-lstm(hidden=6)", 5 * H * (I + H / 2 + 1))]
    [InlineData("lru(hidden=6,state_size=4)", 3 * 4 + 2 * 4 * I + 2 * H * 4 + H * I)]
    [InlineData("lru(hidden=6,state_size=4,lambda=polar,normalize=false)", 2 * 4 + 2 * 4 * I + 2 * H * 4 + H * I)]
    [InlineData("lru(hidden=6,state_size=4,lambda=direct)", 3 * 4 + 2 * 4 * I + 2 * H * 4 + H * I)]
    [InlineData("slstm(hidden=6,heads=3)", 4 * H * I + 4 * H * H / 3 + 4 * H)]
    [InlineData("mlstm(hidden=6,heads=2)", 4 * H * (I + 1) + 2 * 2 * (I + 1))]
    public void Parameters_by_the_catalogues_formula(string notation, int expected) => Assert.Equal(expected, Explanation.Of(ModuleCase.Build(notation, I)).ParameterCount);

    [Theory]
    [InlineData("qrnn(hidden=4,kernel=0)", "qrnn: setting kernel=0: give a whole number from 1 to 10000.")]
    [InlineData("rev-gru(hidden=5)", "rev-gru: setting hidden=5 is odd; the state is cut into two halves.")]
    [InlineData("slstm(hidden=4,heads=3)", "slstm: heads=3 does not divide hidden=4; every head has hidden / heads units.")]
    [InlineData("mlstm(hidden=4,heads=8)", "mlstm: heads=8 does not divide hidden=4; every head has hidden / heads units.")]
    [InlineData("skim-rnn(hidden=4,small=4)", "skim-rnn: small=4 units of hidden=4; the small net has to be smaller.")]
    [InlineData("sliced-rnn(hidden=4,slices=100,levels=4)", "sliced-rnn: slices=100 and levels=4 make more than 1048576 slices; choose fewer.")]
    [InlineData("lru(hidden=4,state_size=2,dropout=0.1)", "lru: dropout belongs to the blocks; set block=true.")]
    [InlineData("lru(hidden=4,state_size=2,r_min=0.9,r_max=0.5)", "lru: r_min has to be below r_max.")]
    [InlineData("indrnn(hidden=4,u_lasts=10,bn=after)", "indrnn: u_lasts=10 goes with net=plain and bn=none only.")]
    [InlineData("indrnn(hidden=4,u_lasts=10,u_max_gain=0)", "indrnn: u_lasts=10 wants γ above 1, and u_max_gain=0.")]
    [InlineData("slstm(hidden=4,input=relu)", "slstm: setting input=relu: give one of exp, sigmoid.")]
    [InlineData("lru(hidden=4,state_size=2,lambda=complex)", "lru: setting lambda=complex: give one of stable, polar, direct.")]
    [InlineData("rev-lstm(hidden=4,arithmetic=exact)", "rev-lstm: setting arithmetic=exact: give one of float, fixed, drifting.")]
    [InlineData("skim-rnn(hidden=4,warm_start=-1)", "skim-rnn: setting warm_start=-1: give a whole number from 0 to 1000000000.")]
    [InlineData("sliced-rnn(hidden=4,carry=1)", "sliced-rnn: setting carry=1: give true or false.")]
    [InlineData("indrnn(hidden=4,net=residual,layers=2)", "indrnn: the depth of net=residual is blocks; leave layers out.")]
    [InlineData("indrnn(hidden=4,net=dense,layers=2)", "indrnn: the depth of net=dense is dense_blocks; leave layers out.")]
    [InlineData("indrnn(hidden=4,net=dense,dense_blocks=[])", "indrnn: setting dense_blocks=[] names no block; give the layers of each, such as [8,6,4].")]
    [InlineData("indrnn(hidden=4,growth=2)", "indrnn: growth=2 belongs to net=dense.")]
    [InlineData("indrnn(hidden=4,bn_over=step)", "indrnn: bn_over=step says what statistics are over, but bn=none has none; set bn=before or bn=after.")]
    [InlineData("indrnn(hidden=4,bn=after,bidirectional=true)", "indrnn: bidirectional=true goes with net=plain and bn=none only.")]
    [InlineData("mingru(hidden=4,expansion=3)", "mingru: expansion belongs to the blocks; set block=true.")]
    [InlineData("minlstm(hidden=4,mlp=false)", "minlstm: mlp belongs to the blocks; set block=true.")]
    [InlineData("mingru(hidden=4,block=true,expansion=3)", "mingru: expansion=3 does not divide hidden=4; a block is hidden / expansion wide.")]
    [InlineData("minlstm(hidden=4,block=true,skip_input=true)", "minlstm: skip_input=true does not go with block=true; leave one of them out.")]
    [InlineData("mlstm(hidden=4,form=parallel,bidirectional=true)", "mlstm: bidirectional=true goes with form=step only.")]
    [InlineData("mlstm(hidden=4,heads=3,form=parallel)", "mlstm: heads=3 does not divide hidden=4; every head has hidden / heads units.")]
    public void Invalid_settings_are_answered(string notation, string message) => Assert.Equal(message, Assert.Throws<UserError>(() => ModuleCase.Build(notation, I)).Message);

    [Fact]
    public void More_slices_than_steps_are_answered()
    {
        var (one, x, _) = ModulePropertyTests.Drawn("sliced-rnn(hidden=4,slices=4,levels=2)", 8, 1);
        using var __ = one;
        Assert.StartsWith("sliced-rnn(hidden=4,slices=4): 16 slices of a sequence of 8 steps", Assert.Throws<UserError>(() => one.Run(x)).Message);
    }

    /// <summary>The equations of xLSTM read log f; where f is fixed, that is what they read.</summary>
    [Theory]
    [InlineData("slstm(hidden=4,heads=2)")]
    [InlineData("mlstm(hidden=4,heads=2)")]
    public void A_fixed_forget_gate_is_fixed_in_its_logarithm_too(string model)
    {
        var (random, plain) = (new Random(3), Variants.Build(model, 3));
        var (parameters, x) = (Testing.Draw.Parameters(random, plain), Testing.Draw.Array(random, [5, 2, 3]));
        foreach (var name in new[] { "W_f", "U_f" }.Where(parameters.ContainsKey)) Array.Clear(parameters[name].Data);
        Array.Clear(parameters["b_f"].Data);                                      // f = σ(0) = 1/2
        NdArray Run(Model of)
        {
            using var run = new Interpreter(of);
            run.Write(of.Parameters.ToDictionary(q => q.Name, q => parameters[q.Name]));
            return run.Run(x).Output;
        }
        Close.Assert(Run(plain), Run(Variants.Build($"{model}[f=0.5]", 3)), 1e-14, model);
        Assert.NotEqual(Run(plain).Data, Run(Variants.Build($"{model}[f=1]", 3)).Data);
        Assert.All(Run(Variants.Build($"{model}[f=0]", 3)).Data, value => Assert.True(double.IsFinite(value)));
        Assert.Equal("slstm[keep=1]: keep is recorded, but nothing is computed from it.", Assert.Throws<UserError>(() => Variants.Build("slstm(hidden=4)[keep=1]", 3)).Message);
    }

    /// <summary>The gate z is what half1.z and half2.z show side by side: fixing it fixes what the equations read.</summary>
    [Theory]
    [InlineData("rev-gru(hidden=4)", "z=0.25")]
    [InlineData("rev-gru(hidden=4,layers=2)", "r=1")]
    [InlineData("rev-lstm(hidden=4)", "o=1")]
    [InlineData("rev-lstm(hidden=4,bidirectional=true)", "f=0")]
    public void A_fixed_gate_of_both_halves_is_fixed_in_each(string model, string fixing)
    {
        var (whole, halves, plain) = (Variants.Build($"{model}[{fixing}]", 3), Variants.Build($"{model}[half1.{fixing}][half2.{fixing}]", 3), Variants.Build(model, 3));
        var parameters = Testing.Draw.Parameters(new Random(1), plain);
        NdArray Run(Model of)
        {
            using var run = new Interpreter(of);
            run.Write(of.Parameters.ToDictionary(q => q.Name, q => parameters[q.Name]));
            return run.Run(Testing.Draw.Array(new Random(2), [5, 2, 3])).Output;
        }
        Assert.Equal(Run(halves).Data, Run(whole).Data);
        Assert.NotEqual(Run(plain).Data, Run(whole).Data);
        Assert.DoesNotContain(whole.Gates, gate => gate.EndsWith(fixing[..1]));
        Assert.Equal($"{plain.Architecture.Id}[{fixing[..1]}=tanh(h[t-1])]: {fixing[..1]} is half1.{fixing[..1]} and half2.{fixing[..1]} side by side; fix it to a number, or rewrite each of them.",
            Assert.Throws<UserError>(() => Variants.Build($"{model}[{fixing[..1]}=tanh(h[t-1])]", 3)).Message);
    }

    /// <summary>The example of the catalogue, and back.</summary>
    [Fact]
    public void A_product_in_fixed_point_by_hand()
    {
        using var scope = NewDisposeScope();
        using var arithmetic = new FixedPoint(tensor(new long[] { 5 }));
        var (h, z) = (tensor(new long[] { -5000001 }), tensor(new long[] { 700 }));
        var product = arithmetic.Multiply(h, z);
        Assert.Equal((-3417689, 7), (product.item<long>(), arithmetic.Buffer.item<long>()));
        Assert.Equal((-5000001, 5), (arithmetic.Divide(product, z).item<long>(), arithmetic.Buffer.item<long>()));
    }

    /// <summary>600 steps of factors between 1/1024 and 1, buffers that fill up included.</summary>
    [Fact]
    public void A_long_sequence_of_products_is_undone_to_the_last_bit()
    {
        using var scope = NewDisposeScope();
        var random = new Random(5);
        long[] Whole(int from, int to) => [.. Enumerable.Range(0, 6).Select(_ => (long)random.Next(from, to))];
        var start = Whole(-(1 << 30), 1 << 30);
        using var arithmetic = new FixedPoint([6], CPU);
        var steps = Enumerable.Range(0, 600).Select(_ => (Z: tensor(Whole(1, 1025)), Add: tensor(Whole(-(1 << 20), 1 << 20)))).ToArray();
        var h = tensor(start);
        foreach (var (z, add) in steps) h = arithmetic.Multiply(h, z).add(add);
        Assert.True(arithmetic.Bytes > 2 * 6 * sizeof(long));
        foreach (var (z, add) in steps.Reverse()) h = arithmetic.Divide(h.sub(add), z);
        Assert.Equal(start, h.data<long>().ToArray());
        Assert.All(arithmetic.Buffer.data<long>().ToArray(), word => Assert.Equal(0, word));
    }

    [Theory]
    [InlineData(8, 2, 2)]
    [InlineData(27, 3, 2)]
    [InlineData(12, 3, 1)]
    public void A_sliced_linear_network_is_the_plain_one(int steps, int slices, int levels)
    {
        var random = new Random(3);
        using var sliced = new ModuleCase(ModuleCase.Build($"sliced-rnn(hidden=4,slices={slices},levels={levels},cell=rnn,activation=identity)", 3));
        using var plain = new Interpreter(ModuleCase.Build("rnn(hidden=4,activation=identity)", 3));
        var (W, U, b) = (Testing.Draw.Array(random, [4, 3]), Testing.Draw.Array(random, [4, 4], 0.5), Testing.Draw.Array(random, [4]));
        plain.Write(new Dictionary<string, NdArray> { ["W_h"] = W, ["U_h"] = U, ["b_h"] = b });
        var parameters = new Dictionary<string, NdArray> { ["level0.W"] = W, ["level0.U"] = U, ["level0.b"] = b };
        for (var (p, power) = (1, steps / (int)Math.Pow(slices, levels)); p <= levels; p++, power *= slices)
            (parameters[$"level{p}.W"], parameters[$"level{p}.U"], parameters[$"level{p}.b"]) = (Power(U, 0), Power(U, power), NdArray.Zeros(4));
        sliced.Write(parameters);
        var x = Testing.Draw.Array(random, [steps, 2, 3]);
        Close.Assert(new([2, 4], plain.Run(x).Output.Data[^8..]), new([2, 4], sliced.Run(x).Output.Data[^8..]), 1e-12, "last vector");
    }

    [Theory]
    [InlineData("sliced-rnn(hidden=4,slices=2,levels=2)", 8)]
    [InlineData("sliced-rnn(hidden=3,slices=2,levels=1,activation=identity)", 5)]
    [InlineData("sliced-rnn(hidden=3,slices=3,levels=1,cell=lstm,activation=identity)", 7)]
    [InlineData("sliced-rnn(hidden=3,slices=2,levels=2,cell=lstm)", 9)]
    [InlineData("sliced-rnn(hidden=3,slices=2,levels=0,cell=rnn)", 4)]
    [InlineData("sliced-rnn(hidden=3,slices=1,levels=2,cell=rnn,activation=identity)", 3)]
    [InlineData("sliced-rnn(hidden=3,slices=2,levels=2,carry=true)", 9)]
    [InlineData("sliced-rnn(hidden=3,slices=3,levels=1,cell=lstm,carry=true,padding=end)", 7)]
    [InlineData("skim-rnn(hidden=4,small=2,mode=soft,tau=0.7)", 4)]
    [InlineData("skim-rnn(hidden=4,small=2,mode=soft,tau=2,small_input=slice)", 4)]
    [InlineData("skim-rnn(hidden=3,small=0,mode=soft)", 5)]
    [InlineData("qrnn(hidden=3,kernel=2,zoneout=0.4,zoneout_mode=mask)", 5)]
    [InlineData("qrnn(hidden=3,layers=2,kernel=3,pooling=ifo,dense=true,zoneout=0.4,zoneout_mode=mask)", 5)]
    [InlineData("indrnn(hidden=3,bn=before,activation=identity)", 5)]
    [InlineData("indrnn(hidden=3,net=residual,blocks=1,bn=after,activation=identity)", 5)]
    [InlineData("indrnn(hidden=4,bn=before)", 5)]
    [InlineData("indrnn(hidden=3,layers=2,bn=after,activation=tanh)", 5)]
    [InlineData("indrnn(hidden=3,net=residual,blocks=2,bn=before,activation=tanh)", 5)]
    [InlineData("indrnn(hidden=3,layers=2,bn=before,bn_over=step,activation=tanh)", 4)]
    [InlineData("indrnn(hidden=3,net=dense,dense_blocks=[1],growth=1,bn=after,bn_over=step,activation=tanh)", 3)]
    [InlineData("indrnn(hidden=2,net=dense,dense_blocks=[1,1],growth=1,bn=before,activation=tanh)", 3)]
    public void Gradients_are_those_of_finite_differences(string notation, int steps)
    {
        var random = new Random(2);
        using var one = new ModuleCase(ModuleCase.Build(notation, 3)) { Given = Noise(notation, steps, random) };
        one.Write(Testing.Draw.Parameters(random, one.Model));
        var (x, state) = (Testing.Draw.Array(random, [steps, 3, 3]), Testing.Draw.States(random, one.Model, 3));
        var dy = Testing.Draw.Array(random, one.Run(x, state).Output.Shape);
        ModuleDifferences.Check(one, random, x, state, dy, Testing.Draw.States(random, one.Model, 3));
    }

    /// <summary>The random numbers that a notation asks for, by the names of golden cases, for a batch of three.</summary>
    static Dictionary<string, NdArray> Noise(string notation, int steps, Random random)
    {
        NdArray Drawn(int width, Func<double> draw) => new([steps, 3, width], [.. Enumerable.Range(0, steps * 3 * width).Select(_ => draw())]);
        return notation.Contains("mode=soft") ? new() { ["noise.gumbel"] = Drawn(2, () => -Math.Log(-Math.Log(random.NextDouble()))) }
            : !notation.Contains("=mask") ? []
            : new[] { "" }.Concat(Enumerable.Range(0, 2).Select(l => $"layer{l}.")).Where(at => at == "" != notation.Contains("layers"))
                .ToDictionary(at => $"noise.{at}zoneout", _ => Drawn(3, () => random.Next(2)));
    }

    [Theory]
    [InlineData("sliced-rnn(hidden=3,slices=2,levels=2)")]
    [InlineData("sliced-rnn(hidden=3,slices=3,levels=1,cell=lstm)")]
    [InlineData("sliced-rnn(hidden=4,slices=2,levels=1,cell=rnn,activation=identity)")]
    [InlineData("sliced-rnn(hidden=3,slices=2,levels=2,carry=true)")]
    [InlineData("sliced-rnn(hidden=3,slices=3,levels=1,cell=lstm,carry=true,padding=end)")]
    public void Sequences_of_unequal_lengths_are_sliced_each_by_its_own(string notation)
    {
        int[] lengths = [11, 4, 9];
        foreach (var backend in new[] { "eager", "auto" })
        {
            var (one, x, _) = ModulePropertyTests.Drawn(notation, 11, 3, backend);
            using var __ = one;
            var together = one.Run(x, lengths: lengths).Output;
            foreach (var (member, length) in lengths.Index())
            {
                var alone = NdArray.Zeros(length, 1, 3);
                for (var t = 0; t < length; t++) for (var i = 0; i < 3; i++) alone[t, 0, i] = x[t, member, i];
                var expected = one.Run(alone).Output;
                for (var t = 0; t < expected.Shape[0]; t++)
                    for (var k = 0; k < one.Model.Output; k++) Assert.Equal(expected[t, 0, k], together[t, member, k], 1e-13);
            }
        }
    }

    [Theory]
    [InlineData("skim-rnn(hidden=6,small=2)")]
    [InlineData("skim-rnn(hidden=6,small=2,small_input=slice,threshold=0.6)")]
    [InlineData("skim-rnn(hidden=6,small=0,mode=soft)")]
    public void Skipped_work_changes_nothing(string notation)
    {
        var (one, x, random) = ModulePropertyTests.Drawn(notation, 12, 5);
        using var _ = one;
        var parameters = Testing.Draw.Parameters(random, one.Model);
        Array.Clear(parameters["b_q"].Data);
        for (var k = 0; k < parameters["W_q"].Data.Length; k++) parameters["W_q"].Data[k] *= 4;         // so that the input decides
        one.Write(parameters);
        var state = Testing.Draw.States(random, one.Model, 5);
        var dense = one.Run(x, state);
        using var still = no_grad();
        var sparse = one.Run(x, state);
        Close.Assert(dense.Output, sparse.Output, 1e-13, "y");
        foreach (var (gate, value) in dense.Gates) Close.Assert(value, sparse.Gates[gate], 1e-13, gate);
        foreach (var (name, value) in dense.State) Close.Assert(value, sparse.State[name], 1e-13, name);
        Assert.InRange(sparse.Gates["skim"].Data.Average(), 0.1, 0.9);
        Assert.Equal(sparse.Gates["skim"].Data.Average(), sparse.Figures["skim_rate"].Mean, 1e-14);
        Assert.Equal((((SkimRnn)one.Model).FlopsDone(sparse.Figures["skim_rate"].Mean), 12 * 5), (sparse.Figures["flops"].Mean, sparse.Figures["flops"].Steps));

        int[] lengths = [12, 1, 7, 3, 12];
        var some = one.Run(x, state, lengths);
        Assert.Equal(lengths.Sum(), some.Figures["flops"].Steps);
        Array.Clear(x.Data, 11 * 15 + 3, 9);                                        // behind the ends of three of the five
        using (enable_grad()) dense = one.Run(x, state, lengths);
        Close.Assert(dense.Output, some.Output, 1e-13, "y of unequal lengths");
        foreach (var (name, value) in dense.State) Close.Assert(value, some.State[name], 1e-13, $"{name} of unequal lengths");
    }

    [Fact]
    public void Skimming_is_rewarded_in_training_and_work_is_counted_as_done()
    {
        var model = (SkimRnn)ModuleCase.Build("skim-rnn(hidden=100,small=5,mode=soft)", 100);
        Assert.Equal(8 * 100 * 200 + 4 * 200, model.FlopsDone(0));
        Assert.Equal(8 * 5 * 200 + 4 * 200, model.FlopsDone(1));
        using var scope = NewDisposeScope();
        using var runner = Backend.Create("eager", model, CPU, ScalarType.Float64);
        runner.Write(model.Parameters.ToDictionary(q => q.Name, q => zeros([.. q.Shape.Select(side => (long)side)], ScalarType.Float64)));
        var x = zeros(3, 2, 100, dtype: ScalarType.Float64);
        var penalty = Assert.Single(runner.Run(x, hooks: new() { Training = new TrainingMoment(0, name => new Random(name.Length)) }).Penalties);
        Assert.Equal(0.01 * Math.Log(2), penalty.item<double>(), 1e-12);
        Assert.Empty(runner.Run(x).Penalties);
    }

    [Fact]
    public void A_mask_of_ones_is_no_zoneout()
    {
        var (random, x) = (new Random(5), Testing.Draw.Array(new Random(6), [5, 2, 3]));
        using var plain = new ModuleCase(ModuleCase.Build("qrnn(hidden=4)", 3));
        using var masked = new ModuleCase(ModuleCase.Build("qrnn(hidden=4,zoneout=0.4,zoneout_mode=mask)", 3)) { Given = { ["noise.zoneout"] = new([5, 2, 4], [.. Enumerable.Repeat(1.0, 40)]) } };
        using var expected = new ModuleCase(ModuleCase.Build("qrnn(hidden=4,zoneout=0.4)", 3));
        using var evaluated = new ModuleCase(ModuleCase.Build("qrnn(hidden=4,zoneout=0.4,zoneout_mode=mask)", 3));
        var parameters = Testing.Draw.Parameters(random, plain.Model);
        foreach (var one in new[] { plain, masked, expected, evaluated }) one.Write(parameters);
        Close.Assert(plain.Run(x).Output, masked.Run(x).Output, 1e-14, "mask of ones");
        Close.Assert(expected.Run(x).Output, evaluated.Run(x).Output, 1e-14, "masks in evaluation");
    }

    static NdArray Power(NdArray matrix, int power)
    {
        var product = NdArray.Zeros(4, 4);
        for (var k = 0; k < 4; k++) product[k, k] = 1;
        for (; power > 0; power--)
        {
            var next = NdArray.Zeros(4, 4);
            for (var r = 0; r < 4; r++)
                for (var c = 0; c < 4; c++)
                    for (var k = 0; k < 4; k++) next[r, c] += product[r, k] * matrix[k, c];
            product = next;
        }
        return product;
    }
}
