using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>The tree LSTMs: forests, levels, chains.</summary>
public sealed class TreeTests
{
    public static TheoryData<string> Trees => [.. ModuleCase.Trees];

    /// <summary>Two trees of unequal height, missing children on either side, and a tree of one node.</summary>
    static readonly int[][] forest = [[-1, -1], [-1, -1], [0, 1], [-1, 2], [-1, -1], [3, 4], [-1, -1], [-1, -1], [7, -1]];

    static NdArray Children(int[][] nodes) => new([nodes.Length, nodes[0].Length], [.. nodes.SelectMany(node => node).Select(child => (double)child)]);

    static ModuleCase Drawn(string notation, int[][] nodes, int input, out NdArray x)
    {
        var random = new Random(3);
        var one = new ModuleCase(ModuleCase.Build(notation, input)) { Given = { ["children"] = Children(nodes) } };
        one.Write(Draw.Parameters(random, one.Model));
        x = Draw.Array(random, [nodes.Length, input]);
        return one;
    }

    [Theory]
    [MemberData(nameof(Trees))]
    public void Levels_are_the_recursion(string notation)
    {
        using var levels = Drawn(notation, forest, 3, out var x);
        using var nodes = Drawn(notation.Replace(")", ",batching=nodes)"), forest, 3, out _);
        var (a, b) = (levels.Run(x), nodes.Run(x));
        Close.Assert(b.Output, a.Output, 1e-13, notation);
        Assert.Equal(levels.Model.Gates.Order(), a.Gates.Keys.Order());
        foreach (var (gate, value) in b.Gates) Close.Assert(value, a.Gates[gate], 1e-13, $"{notation}: {gate}");
    }

    [Theory]
    [MemberData(nameof(Trees))]
    public void Gradients_are_those_of_finite_differences(string notation)
    {
        foreach (var nodes in new[] { forest, [[-1, -1]] })
        {
            using var one = Drawn(notation, nodes, 2, out var x);
            var random = new Random(5);
            ModuleDifferences.Check(one, random, x, [], Draw.Array(random, [nodes.Length, one.Model.Output]), []);
        }
    }

    [Theory]
    [MemberData(nameof(Trees))]
    public void Trees_of_a_forest_do_not_meet(string notation)
    {
        using var both = Drawn(notation, forest, 3, out var x);
        using var first = Drawn(notation, forest[..6], 3, out _);
        Close.Assert(new([6, both.Model.Output], both.Run(x).Output.Data[..(6 * both.Model.Output)]), first.Run(new([6, 3], x.Data[..18])).Output, 1e-13, notation);
    }

    /// <summary>A tree in which every node has one child is a sequence.</summary>
    [Fact]
    public void A_chain_is_an_lstm()
    {
        using var chain = Drawn("tree-lstm-childsum(hidden=4)", [[-1], [0], [1], [2]], 3, out var x);
        var lstm = ModuleCase.Build("lstm(hidden=4)", 3);
        using var run = new Interpreter(lstm);
        var parameters = Draw.Parameters(new Random(9), lstm);
        run.Write(parameters);
        chain.Write(parameters);
        Close.Assert(new([4, 4], run.Run(new([4, 1, 3], x.Data)).Output.Data), chain.Run(x).Output, 1e-14, "chain");
    }

    [Theory]
    [InlineData("tree-lstm-childsum(hidden=5)", 4 * (3 * 5 + 25 + 5))]
    [InlineData("tree-lstm-childsum(hidden=5,output_gate=false)", 3 * (3 * 5 + 25 + 5))]
    [InlineData("tree-lstm-nary(hidden=5)", 4 * 3 * 5 + (3 * 2 + 4) * 25 + 4 * 5)]
    [InlineData("tree-lstm-nary(hidden=5,arity=3)", 4 * 3 * 5 + (3 * 3 + 9) * 25 + 4 * 5)]
    [InlineData("tree-lstm-nary(hidden=5,forget=diagonal)", 4 * 3 * 5 + 4 * 2 * 25 + 4 * 5)]
    [InlineData("tree-lstm-nary(hidden=5,leaf=linear)", (3 * 2 + 4) * 25 + 5 * 5 + 2 * (3 * 5 + 5))]
    public void Counts(string notation, long parameters) => Assert.Equal(parameters, Explanation.Of(ModuleCase.Build(notation, 3)).ParameterCount);

    /// <summary>
    /// The paper's sizes with 300-dimensional words, from which the second bias of the authors' code is taken: 1 bias a gate here, 2 there, and the
    /// linear leaves have one in both.
    /// </summary>
    [Theory]
    [InlineData("tree-lstm-childsum(hidden=150,output_gate=false)", 203_400, 3 * 150)]
    [InlineData("tree-lstm-childsum(hidden=168)", 315_840, 4 * 168)]
    public void Sizes_of_the_paper(string notation, long published, int secondBiases) =>
        Assert.Equal(published - secondBiases, Explanation.Of(ModuleCase.Build(notation, 300)).ParameterCount);

    [Fact]
    public void Wrong_forests_are_answered()
    {
        string Answer(string notation, int[][] nodes)
        {
            using var one = Drawn(notation, nodes, 3, out var x);
            return Assert.Throws<UserError>(() => one.Run(x)).Message;
        }
        Assert.Equal("tree-lstm-nary(hidden=2): node 3 has 3 children; there can be 2.", Answer("tree-lstm-nary(hidden=2)", [[-1, -1, -1], [-1, -1, -1], [-1, -1, -1], [0, 1, 2]]));
        Assert.Equal("tree-lstm-childsum(hidden=2): node 0 stands before a child of it; children come first.", Answer("tree-lstm-childsum(hidden=2)", [[1], [-1]]));
        using var none = new ModuleCase(ModuleCase.Build("tree-lstm-childsum(hidden=2)", 3));
        Assert.Equal("tree-lstm-childsum(hidden=2) reads trees; the children of the nodes are not given.", Assert.Throws<UserError>(() => none.Run(NdArray.Zeros(2, 3))).Message);
    }
}
