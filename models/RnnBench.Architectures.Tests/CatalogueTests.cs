using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>What the catalogue says of the cells: parameters, counts, gates, initialisation.</summary>
public sealed class CatalogueTests
{
    const int H = 5, I = 3;

    [Theory]
    [InlineData("rnn(hidden=5)", H * I + H * H + H, 2 * H * I, 2 * H * H, 1)]
    [InlineData("rnn(hidden=5,activation=relu)", H * I + H * H + H, 2 * H * I, 2 * H * H, 1)]
    [InlineData("lstm(hidden=5)", 4 * (H * I + H * H + H), 8 * H * I, 8 * H * H, 1)]
    [InlineData("lstm(hidden=5,ablation=nig)", 3 * (H * I + H * H + H), 6 * H * I, 6 * H * H, 1)]
    [InlineData("lstm(hidden=5,ablation=nfg)", 3 * (H * I + H * H + H), 6 * H * I, 6 * H * H, 1)]
    [InlineData("lstm(hidden=5,ablation=nog)", 3 * (H * I + H * H + H), 6 * H * I, 6 * H * H, 1)]
    [InlineData("lstm(hidden=5,ablation=niaf)", 4 * (H * I + H * H + H), 8 * H * I, 8 * H * H, 1)]
    [InlineData("lstm(hidden=5,ablation=noaf)", 4 * (H * I + H * H + H), 8 * H * I, 8 * H * H, 1)]
    [InlineData("lstm(hidden=5,ablation=cifg)", 3 * (H * I + H * H + H), 6 * H * I, 6 * H * H, 1)]
    [InlineData("gru(hidden=5)", 3 * (H * I + H * H + H), 6 * H * I, 6 * H * H, 2)]
    [InlineData("gru(hidden=5,reset_after=true)", 3 * (H * I + H * H + H) + H, 6 * H * I, 6 * H * H, 1)]
    [InlineData("gru(hidden=5,ablation=nrg)", 2 * (H * I + H * H + H), 4 * H * I, 4 * H * H, 1)]
    [InlineData("gru(hidden=5,ablation=nug)", 2 * (H * I + H * H + H), 4 * H * I, 4 * H * H, 2)]
    public void Counts(string notation, int parameters, int hoisted, int sequential, int stages)
    {
        var explained = Explanation.Of(Variants.Build(notation, I));
        Assert.Equal(parameters, explained.ParameterCount);
        Assert.Equal(parameters, explained.Scans.Sum(s => s.Cost.Parameters));
        Assert.Equal(hoisted, explained.HoistedFlops);
        Assert.Equal(sequential, explained.SequentialFlops);
        Assert.Equal(stages, explained.Scans.Max(s => s.Cost.Stages));
        Assert.All(explained.Scans, s => Assert.False(s.Cost.IsElementwise));
    }

    /// <summary>FLOPs of the matrix products by the catalogue's formulas, and how many that wait for a state stand in a row.</summary>
    [Theory]
    [InlineData("lstm-peephole(hidden=5)", 8 * (H * I + H * H), 1)]
    [InlineData("lstm-peephole(hidden=5,ablation=fgr)", 8 * (H * I + H * H) + 18 * H * H, 1)]
    [InlineData("mut1(hidden=5,embed=true)", 2 * (H * I + 4 * H * H), 2)]
    [InlineData("mut2(hidden=5,embed=true)", 2 * (H * I + 5 * H * H), 2)]
    [InlineData("mut3(hidden=5)", 6 * (H * I + H * H), 2)]
    [InlineData("mgu(hidden=5)", 4 * (H * I + H * H), 2)]
    [InlineData("mgu(hidden=5,gate_inputs=mgu3)", 2 * (H * I + H * H), 1)]
    [InlineData("ran(hidden=5)", 2 * (3 * H * I + 2 * H * H), 1)]
    [InlineData("nested-lstm(hidden=5)", 8 * (H * I + H * H) + 16 * H * H, 2)]
    [InlineData("nested-lstm(hidden=5,depth=3)", 8 * (H * I + H * H) + 32 * H * H, 3)]
    [InlineData("scrnn(hidden=5,context=2)", 2 * (H * I + 2 * I + H * 2 + H * H), 1)]
    [InlineData("prototype-lstm(hidden=5)", 8 * (H * I + H * H), 2)]
    [InlineData("pseudo-lstm(hidden=5)", 8 * (H * I + H * H), 2)]
    [InlineData("sru(hidden=5)", 8 * H * I, 0)]
    [InlineData("indrnn(hidden=5)", 2 * H * I, 0)]
    [InlineData("indrnn(hidden=5,net=residual,blocks=2)", 2 * H * I + 8 * H * H, 0)]
    [InlineData("mingru(hidden=5)", 4 * H * I, 0)]
    [InlineData("minlstm(hidden=5)", 6 * H * I, 0)]
    [InlineData("lru(hidden=5,state_size=4)", 4 * 4 * I + 4 * H * 4 + 2 * H * I, 1)]
    [InlineData("slstm(hidden=5)", 8 * (H * I + H * H), 1)]
    [InlineData("slstm(hidden=6,heads=3)", 8 * (6 * I + 6 * 6 / 3), 1)]
    [InlineData("mlstm(hidden=6,heads=2)", 8 * 6 * I + 4 * 2 * I, 0)]
    [InlineData("rev-gru(hidden=6)", 2 * 3 * 6 * (I + 3), 4)]
    [InlineData("rev-lstm(hidden=6)", 2 * 5 * 6 * (I + 3), 2)]
    [InlineData("qrnn(hidden=5,kernel=3)", 2 * 3 * 3 * I * H, 0)]
    [InlineData("skim-rnn(hidden=5,small=2)", 8 * H * (I + H) + 8 * 2 * (I + H) + 4 * (I + H), 1)]
    [InlineData("sliced-rnn(hidden=5,levels=0)", 6 * (H * I + H * H), 2)]
    public void Work_by_the_catalogues_formula(string notation, int flops, int stages)
    {
        var explained = Explanation.Of(Variants.Build(notation, I));
        Assert.Equal(flops, explained.HoistedFlops + explained.SequentialFlops);
        Assert.Equal(stages, explained.Scans.Max(s => s.Cost.Stages));
    }

    [Theory]
    [InlineData("rnn", "W_h[H,I] U_h[H,H] b_h[H]", "")]
    [InlineData("lstm", "W_i[H,I] U_i[H,H] b_i[H] W_f[H,I] U_f[H,H] b_f[H] W_g[H,I] U_g[H,H] b_g[H] W_o[H,I] U_o[H,H] b_o[H]", "i f o")]
    [InlineData("lstm(ablation=nig)", "W_f[H,I] U_f[H,H] b_f[H] W_g[H,I] U_g[H,H] b_g[H] W_o[H,I] U_o[H,H] b_o[H]", "f o")]
    [InlineData("lstm(ablation=nfg)", "W_i[H,I] U_i[H,H] b_i[H] W_g[H,I] U_g[H,H] b_g[H] W_o[H,I] U_o[H,H] b_o[H]", "i o")]
    [InlineData("lstm(ablation=nog)", "W_i[H,I] U_i[H,H] b_i[H] W_f[H,I] U_f[H,H] b_f[H] W_g[H,I] U_g[H,H] b_g[H]", "i f")]
    [InlineData("lstm(ablation=cifg)", "W_i[H,I] U_i[H,H] b_i[H] W_g[H,I] U_g[H,H] b_g[H] W_o[H,I] U_o[H,H] b_o[H]", "i f o")]
    [InlineData("gru", "W_r[H,I] U_r[H,H] b_r[H] W_z[H,I] U_z[H,H] b_z[H] W_n[H,I] U_n[H,H] b_n[H]", "r z")]
    [InlineData("gru(reset_after=true)", "W_r[H,I] U_r[H,H] b_r[H] W_z[H,I] U_z[H,H] b_z[H] W_n[H,I] b_n[H] U_n[H,H] b_hn[H]", "r z")]
    [InlineData("gru(ablation=nrg)", "W_z[H,I] U_z[H,H] b_z[H] W_n[H,I] U_n[H,H] b_n[H]", "z")]
    [InlineData("gru(reset_after=true,ablation=nrg)", "W_z[H,I] U_z[H,H] b_z[H] W_n[H,I] b_n[H] U_n[H,H] b_hn[H]", "z")]
    [InlineData("gru(ablation=nug)", "W_r[H,I] U_r[H,H] b_r[H] W_n[H,I] U_n[H,H] b_n[H]", "r")]
    public void Parameters_and_gates(string variant, string parameters, string gates)
    {
        var explained = Explanation.Of(Variants.Build(Notation.Parse(variant), I, ("hidden", "5")));
        Assert.Equal(parameters, string.Join(" ", explained.Parameters.Select(q => q.Name + q.Letters)));
        Assert.Equal(gates, string.Join(" ", explained.Gates));
    }

    [Theory]
    [InlineData("rnn(hidden=4)", "W_h: Glorot uniform; U_h: orthogonal; b_h: 0")]
    [InlineData("lstm(hidden=4,ablation=nig)", "W_f: Glorot uniform; U_f: orthogonal; b_f: 1; W_g: Glorot uniform; U_g: orthogonal; b_g: 0; W_o: Glorot uniform; U_o: orthogonal; b_o: 0")]
    [InlineData("lstm(hidden=4,ablation=nfg,forget_bias=2)", "W_i: Glorot uniform; U_i: orthogonal; b_i: 0; W_g: Glorot uniform; U_g: orthogonal; b_g: 0; W_o: Glorot uniform; U_o: orthogonal; b_o: 0")]
    [InlineData("lstm(hidden=4,forget_bias=2)[f=1-i]", "W_i: Glorot uniform; U_i: orthogonal; b_i: -2; W_g: Glorot uniform; U_g: orthogonal; b_g: 0; W_o: Glorot uniform; U_o: orthogonal; b_o: 0")]
    public void Initialisation(string notation, string expected) =>
        Assert.Equal(expected, string.Join("; ", Explanation.Of(Variants.Build(notation, I)).Parameters.Select(q => $"{q.Name}: {q.Start}")));

    [Theory]
    [InlineData("lstm(hidden=4,ablation=cifg)", "lstm(hidden=4)[f=1-i]")]
    [InlineData("lstm(hidden=4)[ f = (1 - i) ]", "lstm(hidden=4)[f=1-i]")]
    [InlineData("lstm(hidden=4,layers=1,forget_bias=1.0)", "lstm(hidden=4)")]
    [InlineData("lstm(forget_bias=0,hidden=4)", "lstm(hidden=4,forget_bias=0)")]
    [InlineData("stacked(cell=gru,hidden=4,layers=2,reset_after=true,ablation=nrg)", "gru(hidden=4,layers=2,reset_after=true)[r=1]")]
    [InlineData("stacked(hidden=4,skip_input=true)", "lstm(hidden=4,skip_input=true)")]
    public void The_same_model_under_another_name(string written, string canonical)
    {
        var (model, same) = (Variants.Build(written, I), Variants.Build(canonical, I));
        Assert.Equal(canonical, model.Text);
        Assert.Equal(canonical, same.Text);
        var (explained, expected) = (Explanation.Of(model), Explanation.Of(same));
        Assert.Equal(expected.Latex, explained.Latex);
        Assert.Equal(expected.Parameters.Select(q => (q.Name, q.Letters, q.Start)), explained.Parameters.Select(q => (q.Name, q.Letters, q.Start)));
    }

    [Fact]
    public void Every_named_ablation_has_its_rewriting_in_the_canonical_text() =>
        Assert.All(Catalog.All.SelectMany(a => a.Ablations.Select(row => (a.Id, row.Key, row.Value.Rewriting))), row =>
            Assert.Equal(row.Rewriting is null ? $"{row.Id}(hidden=4,ablation={row.Key})" : $"{row.Id}(hidden=4)[{row.Rewriting}]", Variants.Build($"{row.Id}(hidden=4,ablation={row.Key})", I).Text));

    [Fact]
    public void The_coupled_forget_gate_is_recorded_as_1_minus_i()
    {
        var (model, random) = (Variants.Build("lstm(hidden=4,ablation=cifg)", 3), new Random(4));
        using var run = new Interpreter(model);
        run.Write(Draw.Parameters(random, model));
        var gates = run.Run(Draw.Array(random, [5, 2, 3]), hooks: new RunHooks<NdArray> { RecordGates = true }).Gates;
        Assert.Equal(gates["i"].Data.Select(i => 1 - i), gates["f"].Data);
    }

    [Fact]
    public void Identity_activation_makes_a_linear_system()
    {
        var model = Variants.Build("rnn(hidden=4,activation=identity)", 2);
        using var run = new Interpreter(model);
        var random = new Random(3);
        run.Write(Draw.Parameters(random, model));
        var (a, b) = (Draw.Array(random, [6, 1, 2]), Draw.Array(random, [6, 1, 2]));
        NdArray Mix(NdArray p, NdArray q) => new(p.Shape, [.. p.Data.Zip(q.Data, (x, y) => 0.3 * x + 0.7 * y)]);
        Close.Assert(Mix(run.Run(a).Output, run.Run(b).Output), run.Run(Mix(a, b)).Output, 1e-13, "a mixture of inputs gives the mixture of outputs");
    }
}
