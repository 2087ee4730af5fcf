using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>The derivatives of the equations against finite differences, for every cell and ablation, sides of 1 and odd sides among them.</summary>
public sealed class GradientTests
{
    public static TheoryData<string> Variants() => [.. Tests.Variants.AnyWidth.Select(v => v.ToString())];

    public static TheoryData<string> OfOneWidth() => [.. Tests.Variants.All.Except(Tests.Variants.AnyWidth).Select(v => v.ToString())];

    [Theory]
    [MemberData(nameof(Variants))]
    public void One_layer(string variant)
    {
        FiniteDifferences.Check(Build(variant, 3, 4), steps: 5, batch: 2, seed: 1);
        FiniteDifferences.Check(Build(variant, 1, 1), steps: 1, batch: 1, seed: 2);
        FiniteDifferences.Check(Build(variant, 1, 5), steps: 3, batch: 1, seed: 3);
        FiniteDifferences.Check(Build(variant, 5, 1), steps: 2, batch: 3, seed: 4);
    }

    [Theory]
    [MemberData(nameof(OfOneWidth))]
    public void As_many_inputs_as_hidden_units(string variant)
    {
        FiniteDifferences.Check(Build(variant, 4, 4, ("layers", "2")), steps: 4, batch: 2, seed: 1);
        FiniteDifferences.Check(Build(variant, 1, 1), steps: 1, batch: 1, seed: 2);
        Assert.Throws<UserError>(() => Build(variant, 3, 4));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Layers_directions_and_skips(string variant)
    {
        FiniteDifferences.Check(Build(variant, 3, 2, ("layers", "3")), steps: 4, batch: 2, seed: 5);
        FiniteDifferences.Check(Build(variant, 2, 3, ("bidirectional", "true")), steps: 4, batch: 3, seed: 6);
        FiniteDifferences.Check(Build(variant, 3, 2, ("layers", "2"), ("bidirectional", "true"), ("skip_input", "true"), ("skip_output", "true")), steps: 3, batch: 2, seed: 7);
    }

    /// <summary>
    /// What a study may do to any cell: each gate fixed to a number, to the rest of each other gate, and each recurrent matrix taken out. What leaves
    /// nothing to compute is refused in one line.
    /// </summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Ablated(string id)
    {
        var plain = Tests.Variants.AnyWidth.First(v => v.Id == id);
        var cell = Build(plain.ToString(), 3, 4).Scans[0].Cell;
        string[] gates = [.. cell.Gates.Select(g => g.Name)];
        string[] rewritings = [.. gates.SelectMany(g => (string[])[$"{g}=1", $"{g}=0.5", .. gates.Where(other => other != g).Select(other => $"{g}=1-{other}")]),
            .. cell.Weights.OfType<Matrix>().Select(m => m.Stack?.Name ?? m.Name).Distinct().Where(name => name.Split('.')[^1].StartsWith('U')).Select(name => $"{name}=0")];
        var built = 0;
        foreach (var rewriting in rewritings)
        {
            Model model;
            try { model = Build((plain with { Ablations = [rewriting] }).ToString(), 3, 4); }
            catch (UserError e)
            {
                Assert.True(e.Message.StartsWith(id, StringComparison.Ordinal) && !e.Message.Contains('\n'), e.Message);
                continue;
            }
            built++;
            FiniteDifferences.Check(model, steps: 3, batch: 2, seed: 3);
        }
        Assert.True(built > 0 || rewritings.Length == 0, $"{id}: nothing of {string.Join(", ", rewritings)} could be built");
    }

    public static TheoryData<string> Ids() => [.. Catalog.Cells.Select(a => a.Id)];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Whole_is_two_halves_with_carried_state(string variant)
    {
        var (model, random) = (Build(variant, 3, 4, ("layers", "2")), new Random(8));
        var (parameters, initial, x) = (Draw.Parameters(random, model), Draw.States(random, model, 2), Draw.Array(random, [7, 2, 3]));
        using var run = new Interpreter(model);
        run.Write(parameters);
        var whole = run.Run(x, initial);
        var first = run.Run(Steps(x, 0, 4), initial);
        var second = run.Run(Steps(x, 4, 7), first.State);

        Close.Assert(whole.Output, new NdArray(whole.Output.Shape, [.. first.Output.Data, .. second.Output.Data]), 0, $"{variant}: y");
        foreach (var (name, value) in whole.State) Close.Assert(value, second.State[name], 0, $"{variant}: state {name}");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Members_of_a_batch_do_not_meet(string variant)
    {
        var (model, random) = (Build(variant, 3, 4, ("bidirectional", "true")), new Random(9));
        using var run = new Interpreter(model);
        run.Write(Draw.Parameters(random, model));
        var x = Draw.Array(random, [5, 2, 3]);
        var turned = new NdArray(x.Shape, [.. x.Data.Chunk(3).Chunk(2).SelectMany(pair => pair.Reverse()).SelectMany(row => row)]);
        var expected = run.Run(x).Output;
        Close.Assert(new NdArray(expected.Shape, [.. expected.Data.Chunk(model.Output).Chunk(2).SelectMany(pair => pair.Reverse()).SelectMany(row => row)]), run.Run(turned).Output, 0, variant);
    }

    static NdArray Steps(NdArray x, int from, int to) => new([to - from, x.Shape[1], x.Shape[2]], x.Data[(from * x.Shape[1] * x.Shape[2])..(to * x.Shape[1] * x.Shape[2])]);

    static Model Build(string variant, int input, int hidden, params (string, string)[] settings) =>
        Tests.Variants.Build(Notation.Parse(variant), input, [("hidden", Convert.ToString(variant.StartsWith("rev-") ? 2 * hidden : hidden, null)), .. settings]);
}
