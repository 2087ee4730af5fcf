using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>What every module of sequences owes, whatever it computes.</summary>
public sealed class ModulePropertyTests
{
    public static TheoryData<string> Causal => [.. ModuleCase.Causal];
    public static TheoryData<string> All => [.. ModuleCase.Causal, .. ModuleCase.Windowed];

    [Theory]
    [MemberData(nameof(All))]
    public void Gradients_are_those_of_finite_differences(string notation)
    {
        Check(ModuleCase.Build(notation, 3), steps: 5, batch: 2, seed: 1);
        Check(ModuleCase.Build(notation, 1), steps: 1, batch: 1, seed: 4);   // with another seed a rectifier may switch between the differences
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_future_does_not_reach_the_past(string notation)
    {
        var (one, x, random) = Drawn(notation, 7, 2);
        using var _ = one;
        var later = new NdArray(x.Shape, [.. x.Data]);
        for (var k = 4 * 2 * 3; k < x.Data.Length; k++) later.Data[k] += random.NextDouble();
        var (before, after) = (one.Run(x).Output, one.Run(later).Output);
        Close.Assert(Steps(before, 0, 4), Steps(after, 0, 4), 1e-14, notation);
        Assert.NotEqual(Steps(before, 4, 7).Data, Steps(after, 4, 7).Data);
    }

    [Theory]
    [MemberData(nameof(Causal))]
    public void Whole_is_chunks_with_carried_state(string notation)
    {
        var (one, x, random) = Drawn(notation, 9, 2);
        using var _ = one;
        var start = Draw.States(random, one.Model, 2);
        var whole = one.Run(x, start);
        IReadOnlyDictionary<string, NdArray> state = start;
        var parts = new List<double>();
        foreach (var (from, to) in new[] { (0, 4), (4, 5), (5, 9) })
        {
            var part = one.Run(Steps(x, from, to), state);
            parts.AddRange(part.Output.Data);
            state = part.State;
        }
        Close.Assert(whole.Output, new NdArray(whole.Output.Shape, [.. parts]), 1e-13, $"{notation}: y");
        foreach (var (name, value) in whole.State) Close.Assert(value, state[name], 1e-13, $"{notation}: state {name}");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Members_of_a_batch_do_not_meet(string notation)
    {
        var (one, x, _) = Drawn(notation, 5, 2);
        using var __ = one;
        Close.Assert(Turned(one.Run(x).Output), one.Run(Turned(x)).Output, 1e-14, notation);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Padded_is_unpadded(string notation)
    {
        var (one, x, random) = Drawn(notation, 6, 2);
        using var _ = one;
        var start = Draw.States(random, one.Model, 2);
        var padded = one.Run(x, start, [6, 3]);
        var (full, some) = (one.Run(x, start), one.Run(Steps(x, 0, 3), start));
        foreach (var (t, b, o) in from t in Enumerable.Range(0, 6) from b in Enumerable.Range(0, 2) from o in Enumerable.Range(0, one.Model.Output) select (t, b, o))
            Assert.Equal(b == 0 ? full.Output[t, b, o] : t < 3 ? some.Output[t, b, o] : 0, padded.Output[t, b, o], 1e-13);
        foreach (var state in one.Model.States)
        {
            var (each, inner) = (padded.State[state.Name].Data, state.Width);
            for (var k = 0; k < each.Length; k++) Assert.Equal((k / inner % 2 == 0 ? full : some).State[state.Name].Data[k], each[k], 1e-13);
        }
    }

    /// <summary>A decision that is a step has no gradient; as the limit of a slope it has one of this order, where it does not vanish.</summary>
    const double Underflow = 1e-200;

    /// <summary>On whatever backend the cells inside run.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Compiled_cells_inside_change_nothing(string notation)
    {
        var (eager, x, random) = Drawn(notation, 6, 3);
        using var _ = eager;
        using var compiled = new ModuleCase(eager.Model, backend: "auto");
        var (parameters, state) = (Draw.Parameters(random, eager.Model), Draw.States(random, eager.Model, 3));
        foreach (var one in new[] { eager, compiled }) one.Write(parameters);
        var (expected, actual) = (eager.Run(x, state), compiled.Run(x, state));
        Close.Assert(expected.Output, actual.Output, 1e-12, $"{compiled.Path}, {notation}: y");
        foreach (var (name, value) in expected.State) Close.Assert(value, actual.State[name], 1e-12, $"{notation}: state {name}");
        var dy = Draw.Array(random, expected.Output.Shape);
        var gradients = compiled.Gradients(x, state, dy);
        foreach (var (name, value) in eager.Gradients(x, state, dy))
            if (value.Data.Any(v => Math.Abs(v) > Underflow)) Close.Assert(value, gradients[name], 1e-10, $"{notation}: d{name}");
            else Assert.All(gradients[name].Data, v => Assert.InRange(v, -Underflow, Underflow));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Says_what_it_is_made_of(string notation)
    {
        var (one, x, _) = Drawn(notation, 3, 1);
        using var __ = one;
        var explained = Explanation.Of(one.Model);
        Assert.Equal(one.Model.Gates.Order(), one.Run(x).Gates.Keys.Order());
        Assert.Equal(one.Model.Output, one.Run(x).Output.Shape.Skip(2).Aggregate(1, (a, b) => a * b));
        Assert.Equal(explained.ParameterCount, explained.Scans.Sum(s => s.Cost.Parameters));
        Assert.True(explained.HoistedFlops > 0);
        Assert.NotEmpty(explained.Equations);
        Assert.StartsWith(@"\begin{aligned}", explained.Latex);
        Assert.Equal(one.Model.Text, Model.Build(Catalog.All, Notation.Parse(one.Model.Text), 3).Text);
    }

    internal static (ModuleCase Case, NdArray X, Random Random) Drawn(string notation, int steps, int batch, string backend = "eager")
    {
        var (random, one) = (new Random(7), new ModuleCase(ModuleCase.Build(notation, 3), backend: backend));
        one.Write(Draw.Parameters(random, one.Model));
        return (one, Draw.Array(random, [steps, batch, 3]), random);
    }

    static void Check(Model model, int steps, int batch, int seed)
    {
        var random = new Random(seed);
        using var one = new ModuleCase(model);
        var dy = Draw.Array(random, [steps, batch, model.Output]);
        ModuleDifferences.Check(one, random, Draw.Array(random, [steps, batch, model.Input]), Draw.States(random, model, batch), dy, Draw.States(random, model, batch));
    }

    internal static NdArray Steps(NdArray x, int from, int to)
    {
        var step = x.Data.Length / x.Shape[0];
        return new([to - from, .. x.Shape.Skip(1)], x.Data[(from * step)..(to * step)]);
    }

    static NdArray Turned(NdArray x) => new(x.Shape, [.. x.Data.Chunk(x.Data.Length / x.Shape[0]).SelectMany(step => step.Chunk(step.Length / 2).Reverse().SelectMany(row => row))]);
}
