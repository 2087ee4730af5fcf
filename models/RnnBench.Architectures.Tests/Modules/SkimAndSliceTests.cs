using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>Settings of skim-rnn and sliced-rnn that change which steps are computed, or how they are trained.</summary>
public sealed class SkimAndSliceTests
{
    const int I = 3, B = 2;

    /// <summary>Zeros behind the sequence stand for those that would be put there.</summary>
    [Theory]
    [InlineData("sliced-rnn(hidden=3,slices=2,levels=2,padding=end)", 11, 12)]
    [InlineData("sliced-rnn(hidden=3,slices=3,levels=1,cell=lstm,padding=end)", 7, 9)]
    public void Padding_at_the_end(string notation, int steps, int whole)
    {
        var (one, x, _) = ModulePropertyTests.Drawn(notation, steps, B);
        using var __ = one;
        var longer = new NdArray([whole, B, I], [.. x.Data, .. new double[(whole - steps) * B * I]]);
        Close.Assert(one.Run(longer).Output, one.Run(x).Output, 1e-14, notation);
        using var front = new ModuleCase(ModuleCase.Build(notation.Replace(",padding=end", ""), I));
        front.Write(Draw.Parameters(new Random(7), front.Model));
        Assert.NotEqual(front.Run(x).Output.Data, one.Run(x).Output.Data);
        Close.Assert(front.Run(longer).Output, one.Run(x).Output, 1e-14, "whole slices");
    }

    /// <summary>The values of hard decisions on noisy odds, and the gradients that go through the soft ones.</summary>
    [Fact]
    public void Straight_decisions_are_hard_forward_and_soft_backward()
    {
        const string Straight = "skim-rnn(hidden=4,small=2,mode=straight,tau=0.5)";
        var random = new Random(4);
        var noise = new NdArray([6, B, 2], [.. Enumerable.Range(0, 6 * B * 2).Select(_ => -Math.Log(-Math.Log(random.NextDouble())))]);
        using var hard = new ModuleCase(ModuleCase.Build("skim-rnn(hidden=4,small=2)", I));
        using var straight = new ModuleCase(ModuleCase.Build(Straight, I)) { Given = { ["noise.gumbel"] = NdArray.Zeros(6, B, 2) } };
        using var noisy = new ModuleCase(ModuleCase.Build(Straight, I)) { Given = { ["noise.gumbel"] = noise } };
        var (parameters, x, dy) = (Draw.Parameters(random, hard.Model), Draw.Array(random, [6, B, I]), Draw.Array(random, [6, B, 4]));
        foreach (var one in new[] { hard, straight, noisy }) one.Write(parameters);
        Close.Assert(hard.Run(x).Output, straight.Run(x).Output, 1e-14, "y without noise");
        Assert.All(noisy.Run(x).Gates["skim"].Data, skim => Assert.True(skim is 0 or 1));
        var state = Draw.States(random, hard.Model, B);
        Assert.All(hard.Gradients(x, state, dy)["param.W_q"].Data, g => Assert.Equal(0, g));
        Assert.All(straight.Gradients(x, state, dy)["param.W_q"].Data, g => Assert.NotEqual(0, g));
    }

    /// <summary>The same values and gates from step to step, and before its first skimming step the gradients of a plain LSTM and no reward.</summary>
    [Theory]
    [InlineData("hard", "eager")]
    [InlineData("hard", "auto")]
    [InlineData("soft", "eager")]
    [InlineData("soft", "auto")]
    [InlineData("straight", "eager")]
    [InlineData("straight", "auto")]
    public void A_warm_start_trains_a_plain_lstm(string mode, string backend)
    {
        static TrainingMoment At(long step) => new(step, name => new Random(name.Length + (int)step));
        var random = new Random(6);
        using var warm = new ModuleCase(ModuleCase.Build($"skim-rnn(hidden=4,small=2,mode={mode},warm_start=10)", I), backend: backend);
        using var cold = new ModuleCase(ModuleCase.Build($"skim-rnn(hidden=4,small=2,mode={mode})", I), backend: backend);
        using var lstm = new ModuleCase(ModuleCase.Build("lstm(hidden=4)", I));
        var (q, x, state, dy) = (Draw.Parameters(random, warm.Model), Draw.Array(random, [6, B, I]), Draw.States(random, warm.Model, B), Draw.Array(random, [6, B, 4]));
        foreach (var one in new[] { warm, cold, lstm }) one.Write(one.Model.Parameters.ToDictionary(p => p.Name, p => q[p.Name]));
        var (plain, slopes) = (lstm.Run(x, state), lstm.Gradients(x, state, dy));
        foreach (var step in new[] { 0, 9 })
        {
            var run = warm.Run(x, state, training: At(step));
            Close.Assert(plain.Output, run.Output, 1e-14, "y");
            foreach (var (name, value) in plain.State) Close.Assert(value, run.State[name], 1e-14, name);
            foreach (var (gate, value) in plain.Gates) Close.Assert(value, run.Gates[gate], 1e-14, gate);
            Assert.All(run.Gates["skim"].Data, skim => Assert.Equal(0, skim));
            Assert.Empty(run.Penalties);
            using (TorchSharp.torch.no_grad()) Close.Assert(plain.Output, warm.Run(x, state, training: At(step)).Output, 1e-14, "y without gradients");
            foreach (var (name, value) in warm.Gradients(x, state, dy, training: At(step)))
                if (slopes.TryGetValue(name, out var slope)) Close.Assert(slope, value, 1e-12, name);
                else Assert.All(value.Data, d => Assert.Equal(0, d));
        }
        foreach (var training in new[] { At(10), null })
        {
            var (expected, actual) = (cold.Run(x, state, training: training), warm.Run(x, state, training: training));
            Close.Assert(expected.Output, actual.Output, 1e-14, "y");
            Assert.Equal(expected.Penalties.Select(p => p.Data[0]), actual.Penalties.Select(p => p.Data[0]));
            Assert.Equal(mode != "hard" && training is not null, actual.Penalties.Count == 1);
            Assert.NotEqual(plain.Output.Data, actual.Output.Data);
        }
    }

    /// <summary>Level 0 is one net over all slices, level p one over what the level below gave at the ends of its slices: values, gates and gradients.</summary>
    [Theory]
    [InlineData("cell=gru", 2, 2, 8)]
    [InlineData("cell=gru", 2, 2, 9)]
    [InlineData("cell=lstm,padding=end", 3, 1, 7)]
    [InlineData("cell=rnn,activation=identity", 2, 3, 11)]
    public void Slices_that_go_on_from_each_other_are_plain_nets(string settings, int slices, int levels, int steps)
    {
        var (one, x, random) = ModulePropertyTests.Drawn($"sliced-rnn(hidden=4,slices={slices},levels={levels},{settings},carry=true)", steps, B);
        using var _ = one;
        var q = Draw.Parameters(random, one.Model);
        one.Write(q);
        ModuleCase[] nets = [.. Enumerable.Range(0, levels + 1).Select(p => new ModuleCase(ModuleCase.Build($"sliced-rnn(hidden=4,levels=0,{settings})", p == 0 ? I : 4)))];
        foreach (var (p, net) in nets.Index()) net.Write(net.Model.Parameters.ToDictionary(w => w.Name, w => q[w.Name.Replace("level0.", $"level{p}.")]));
        var count = (int)Math.Pow(slices, levels);
        var (padding, front) = ((count - steps % count) % count, !settings.Contains("padding=end"));
        var zeros = new double[padding * B * I];
        List<NdArray> seen = [new([steps + padding, B, I], front ? [.. zeros, .. x.Data] : [.. x.Data, .. zeros])];
        var actual = one.Run(x);
        foreach (var (p, net) in nets.Index())
        {
            var run = net.Run(seen[p]);
            foreach (var (gate, value) in run.Gates) Close.Assert(value, actual.Gates[gate.Replace("level0.", $"level{p}.")], 1e-14, $"level {p}: {gate}");
            if (p == levels) Close.Assert(run.Output, actual.Output, 1e-14, "y");
            else seen.Add(Ends(run.Output, (int)Math.Pow(slices, levels - p)));
        }

        var dy = Draw.Array(random, actual.Output.Shape);
        var (gradients, d) = (one.Gradients(x, new Dictionary<string, NdArray>(), dy), dy);
        for (var p = levels; p >= 0; p--)
        {
            var own = nets[p].Gradients(seen[p], new Dictionary<string, NdArray>(), d);
            foreach (var (name, value) in own.Where(g => g.Key != "x")) Close.Assert(value, gradients[name.Replace("level0.", $"level{p}.")], 1e-12, name);
            if (p > 0) d = AtEnds(own["x"], p == 1 ? steps + padding : seen[p - 1].Shape[0]);
            else Close.Assert(ModulePropertyTests.Steps(own["x"], front ? padding : 0, front ? padding + steps : steps), gradients["x"], 1e-12, "x");
            nets[p].Dispose();
        }

        static NdArray Ends(NdArray y, int groups) => new([groups, B, 4], [.. Enumerable.Range(1, groups).SelectMany(g => ModulePropertyTests.Steps(y, y.Shape[0] / groups * g - 1, y.Shape[0] / groups * g).Data)]);

        static NdArray AtEnds(NdArray d, int steps)
        {
            var (all, length) = (NdArray.Zeros(steps, B, 4), steps / d.Shape[0]);
            for (var g = 0; g < d.Shape[0]; g++) d.Data.AsSpan(g * B * 4, B * 4).CopyTo(all.Data.AsSpan((length * (g + 1) - 1) * B * 4));
            return all;
        }
    }
}
