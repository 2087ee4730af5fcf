using System.Globalization;
using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The densely connected network of independently recurrent units: each layer of a block adds features to all those that it reads.</summary>
/// <remarks>
/// Li, Li, Cook and Gao 2019, arXiv:1910.06251, section IV. A unit is a linear map and the recurrent part. A layer reads x and gives [x ; F(x)], F being a
/// unit of 4 · growth features and one of growth; between blocks a unit halves the features. The first unit has hidden features, six times the growth in
/// the paper; y is what the last block gives.
/// </remarks>
public sealed class IndRnnDense : IndRnnModule
{
    readonly IReadOnlyList<int> blocks;

    /// <summary>Builds the network of a request.</summary>
    /// <exception cref="UserError">It has no blocks.</exception>
    internal IndRnnDense(ModelRequest request) : base(request)
    {
        blocks = Settings.Integers("dense_blocks");
        if (blocks.Count == 0) throw new UserError("indrnn: setting dense_blocks=[] names no block; give the layers of each, such as [8,6,4].");
        var (hidden, growth, flops) = (Settings.Integer("hidden"), Settings.Integer("growth"), 0L);
        if (growth == 0) growth = Math.Max(1, hidden / 6);
        Equation("a = REC(W x + b); in each layer a <- [a ; REC(W_2 REC(W_1 a + b_1) + b_2)]; between blocks a <- REC(W a + b), half as wide; y = a, REC being",
            @"a &\leftarrow [a; \operatorname{REC}(W_2 \operatorname{REC}(W_1 a + b_1) + b_2)]");
        var width = Unit("", "", "", hidden, request.InputWidth);
        for (var k = 0; k < blocks.Count; k++)
        {
            if (k > 0) width = Unit(At(k), "", "rec.", Math.Max(1, width / 2), width);
            for (var l = 0; l < blocks[k]; l++)
            {
                var inner = Unit(At(k, l), "_1", "rec1.", 4 * growth, width);
                width += Unit(At(k, l), "_2", "rec2.", growth, inner);
            }
        }
        Costing("", ("W x, W_1 a, W_2 r, W a", flops));
        HasState(new ModelState("h", 1, 1, Recurrents.Sum()));
        HasOutput(width);

        int Unit(string at, string k, string part, int rows, int columns)
        {
            Linear(at, k, new Width(rows, "F"), new Width(columns, "n"));
            Recurrent(request, at + part, new Width(rows, "F"));
            flops += 2L * rows * columns;
            return rows;
        }
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        long[] starts = [.. Recurrents.Select((_, k) => (long)Recurrents.Take(k).Sum())];
        var (Rec, last) = Parts(pass, x.shape[0], k => pass.State("h").narrow(-1, starts[k], Recurrents[k]));
        var a = Rec(Apply(pass, "", "", x));
        for (var k = 0; k < blocks.Count; k++)
        {
            if (k > 0) a = Rec(Apply(pass, At(k), "", pass.Between(a)));
            for (var l = 0; l < blocks[k]; l++)
                a = cat([a, Rec(Apply(pass, At(k, l), "_2", Rec(Apply(pass, At(k, l), "_1", pass.Between(a)))))], -1);
        }
        pass.Carry("h", cat(last, -1));
        return a;
    }

    static string At(int block) => string.Create(CultureInfo.InvariantCulture, $"block{block}.");

    static string At(int block, int layer) => string.Create(CultureInfo.InvariantCulture, $"block{block}.layer{layer}.");
}
