using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>What the catalogue says of the gated cells beyond their golden cases: counts, removed parameters, cells that are each other, cells by hand.</summary>
public sealed class GatedCellTests
{
    const int H = 5, I = 3, C = 2;
    const int Gate = H * I + H * H + H;

    [Theory]
    [InlineData("lstm-peephole(hidden=5)", 4 * Gate + 3 * H)]
    [InlineData("lstm-peephole(hidden=5,ablation=nig)", 3 * Gate + 2 * H)]
    [InlineData("lstm-peephole(hidden=5,ablation=nfg)", 3 * Gate + 2 * H)]
    [InlineData("lstm-peephole(hidden=5,ablation=nog)", 3 * Gate + 2 * H)]
    [InlineData("lstm-peephole(hidden=5,ablation=cifg)", 3 * Gate + 2 * H)]
    [InlineData("lstm-peephole(hidden=5,ablation=niaf)", 4 * Gate + 3 * H)]
    [InlineData("lstm-peephole(hidden=5,ablation=noaf)", 4 * Gate + 3 * H)]
    [InlineData("lstm-peephole(hidden=5,ablation=np)", 4 * Gate)]
    [InlineData("lstm-peephole(hidden=5,ablation=fgr)", 4 * Gate + 3 * H + 9 * H * H)]
    [InlineData("mut1(hidden=5)", 4 * H * H + 3 * H + H * I)]
    [InlineData("mut2(hidden=5)", 5 * H * H + 3 * H + H * I)]
    [InlineData("mut3(hidden=5)", 3 * Gate)]
    [InlineData("mgu(hidden=5)", 2 * Gate)]
    [InlineData("mgu(hidden=5,gate_inputs=mgu1)", H * I + 2 * H * H + 2 * H)]
    [InlineData("mgu(hidden=5,gate_inputs=mgu2)", H * I + 2 * H * H + H)]
    [InlineData("mgu(hidden=5,gate_inputs=mgu3)", H * I + H * H + 2 * H)]
    [InlineData("ran(hidden=5)", 3 * H * I + 2 * H * H + 2 * H)]
    [InlineData("ran(hidden=5,content=recurrent)", 3 * H * I + 3 * H * H + 2 * H)]
    [InlineData("nested-lstm(hidden=5)", 4 * Gate + 4 * (2 * H * H + H))]
    [InlineData("nested-lstm(hidden=5,depth=3)", 4 * Gate + 2 * 4 * (2 * H * H + H))]
    [InlineData("scrnn(hidden=5,context=0)", H * I + H * H)]
    [InlineData("scrnn(hidden=5,context=2)", H * I + C * I + H * C + H * H)]
    [InlineData("scrnn(hidden=5,context=2,learn_alpha=true)", H * I + C * I + H * C + H * H + C)]
    [InlineData("prototype-lstm(hidden=5)", 4 * Gate)]
    [InlineData("pseudo-lstm(hidden=5)", 4 * Gate)]
    [InlineData("sru(hidden=5)", 4 * H * I + 4 * H)]
    [InlineData("sru(hidden=5,version=1)", 4 * H * I + 2 * H)]
    [InlineData("indrnn(hidden=5)", H * I + 2 * H)]
    [InlineData("mingru(hidden=5)", 2 * H * (I + 1))]
    [InlineData("minlstm(hidden=5)", 3 * H * (I + 1))]
    [InlineData("tkrnn(hidden=5)", H * I + H * H + 2 * H)]
    [InlineData("irnn(hidden=5)", Gate)]
    [InlineData("rin(hidden=5)", Gate)]
    [InlineData("rin(hidden=5,transitions=2)", Gate + H * H + H)]
    public void Parameters_by_the_catalogues_formula(string notation, int expected) =>
        Assert.Equal(expected, Variants.Build(notation, I).Parameters.Sum(q => q.Count));

    [Theory]
    [InlineData("mut1(hidden=5)", 5, 4 * H * H + 3 * H)]
    [InlineData("mut1(hidden=5,embed=true)", 5, 5 * H * H + 3 * H)]
    [InlineData("mut2(hidden=5,embed=false)", 5, 5 * H * H + 3 * H)]
    [InlineData("sru(hidden=5)", 5, 3 * H * H + 4 * H)]
    public void Without_a_projection_where_the_sizes_agree(string notation, int input, int expected) =>
        Assert.Equal(expected, Variants.Build(notation, input).Parameters.Sum(q => q.Count));

    [Theory]
    [InlineData("lstm-peephole(hidden=5,ablation=nig)", "W_i U_i b_i p_i", "f o")]
    [InlineData("lstm-peephole(hidden=5,ablation=nfg)", "W_f U_f b_f p_f", "i o")]
    [InlineData("lstm-peephole(hidden=5,ablation=nog)", "W_o U_o b_o p_o", "i f")]
    [InlineData("lstm-peephole(hidden=5,ablation=niaf)", "", "i f o")]
    [InlineData("lstm-peephole(hidden=5,ablation=noaf)", "", "i f o")]
    [InlineData("lstm-peephole(hidden=5,ablation=cifg)", "W_f U_f b_f p_f", "i f o")]
    [InlineData("lstm-peephole(hidden=5,ablation=np)", "p_i p_f p_o", "i f o")]
    [InlineData("mgu(hidden=5,gate_inputs=mgu1)", "W_f", "f")]
    [InlineData("mgu(hidden=5,gate_inputs=mgu2)", "W_f b_f", "f")]
    [InlineData("mgu(hidden=5,gate_inputs=mgu3)", "W_f U_f", "f")]
    public void Removed_parameters_and_gates_that_stay(string notation, string removed, string gates)
    {
        var (whole, model) = (Variants.Build(notation.Split('(')[0] + "(hidden=5)", I), Variants.Build(notation, I));
        Assert.Equal(removed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), whole.Parameters.Select(q => q.Name).Except(model.Parameters.Select(q => q.Name)).Order());
        Assert.Equal(gates, string.Join(" ", model.Gates));
    }

    [Fact]
    public void Full_gate_recurrence_carries_its_gates()
    {
        var model = Variants.Build("lstm-peephole(hidden=4,ablation=fgr)", I);
        Assert.Equal(["h", "c", "i", "f", "o"], model.States.Select(s => s.Name));
        Assert.Equal(["i", "f", "o"], model.Gates);
        var run = Ready(model, new Random(1), out var x);
        var result = run.Run(x, hooks: new RunHooks<NdArray> { RecordGates = true });
        foreach (var gate in model.Gates) Assert.Equal(result.Gates[gate].Data.TakeLast(2 * 4), result.State[gate].Data);
    }

    [Theory]
    [InlineData("lstm-peephole(hidden=4,ablation=np)", "lstm(hidden=4)", "")]
    [InlineData("lstm-peephole(hidden=4)[p=0]", "lstm(hidden=4)", "")]
    [InlineData("nested-lstm(hidden=4,depth=1,cell_activation=tanh)", "lstm(hidden=4)", "")]
    [InlineData("mgu(hidden=4)", "gru(hidden=4)", "r:f z:f n:h")]
    [InlineData("ran(hidden=4,content=recurrent)", "lstm(hidden=4)[g=arg(g)][o=1][b_g=0]", "g:c")]
    [InlineData("ran(hidden=4,content=recurrent)[U_c=0]", "ran(hidden=4)", "")]
    [InlineData("slstm(hidden=4,input=sigmoid)[h=o*c*exp(m)]", "lstm(hidden=4)[h=o*c]", "g:z")]
    [InlineData("irnn(hidden=4)", "rnn(hidden=4,activation=relu)", "")]
    [InlineData("rin(hidden=4)[U_h=0]", "rnn(hidden=4,activation=relu)", "identity")]
    public void The_same_as_another_cell(string notation, string other, string letters)
    {
        var (model, same) = (Variants.Build(notation, I), Variants.Build(other, I));
        var run = Ready(model, new Random(2), out var x);
        using var twin = new Interpreter(same);
        var renamed = letters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(pair => pair.Contains(':')).ToDictionary(pair => pair[..1], pair => pair[2..]);
        twin.Write(same.Parameters.ToDictionary(q => q.Name, q => letters == "identity" && q.Name == "U_h" ? Identity(4) : new(q.Shape, run.Read()[Renamed(((StackParameter)q).Weight)].Data)));      // one head is a matrix
        Close.Assert(twin.Run(x).Output, run.Run(x).Output, 1e-14, $"{notation} against {other}");

        string Renamed(Parameter weight) => $"{weight.Symbol}_{renamed.GetValueOrDefault(weight.Equation!, weight.Equation!)}";
    }

    [Fact]
    public void An_additive_network_by_hand()
    {
        var model = Variants.Build("ran(hidden=1)", 1);
        using var run = new Interpreter(model);
        var q = new Dictionary<string, double> { ["W_i"] = 0.3, ["U_i"] = -0.7, ["b_i"] = 0.1, ["W_f"] = 0.5, ["U_f"] = 0.9, ["b_f"] = -0.2, ["W_c"] = 1.5 };
        run.Write(model.Parameters.ToDictionary(p => p.Name, p => new NdArray(p.Shape, [q[p.Name]])));
        double[] x = [0.4, -1.2, 2];
        var c = 0.8;
        var expected = new List<double>();
        foreach (var input in x)
        {
            var h = Math.Tanh(c);
            var (i, f) = (Sigmoid(q["W_i"] * input + q["U_i"] * h + q["b_i"]), Sigmoid(q["W_f"] * input + q["U_f"] * h + q["b_f"]));
            c = i * q["W_c"] * input + f * c;
            expected.Add(Math.Tanh(c));
        }
        var result = run.Run(new NdArray([3, 1, 1], x), new Dictionary<string, NdArray> { ["c"] = new([1, 1], [0.8]) });
        Close.Assert(new NdArray([3, 1, 1], [.. expected]), result.Output, 1e-15, "y");
        Assert.Equal(["c"], model.States.Select(s => s.Name));
    }

    [Theory]
    [InlineData("variance")]
    [InlineData("centred")]
    public void One_unit_has_no_variance(string norm)
    {
        var (plain, model) = (Variants.Build("prototype-lstm(hidden=1)", I), Variants.Build($"prototype-lstm(hidden=1,norm={norm})", I));
        var run = Ready(plain, new Random(3), out var x);
        using var normed = new Interpreter(model);
        normed.Write(run.Read());
        var expected = norm == "variance" ? run.Run(x).Output : NdArray.Zeros(5, 2, 1);
        Close.Assert(expected, normed.Run(x).Output, 1e-15, norm);
    }

    [Fact]
    public void A_context_is_a_leaky_average_behind_the_hidden_units()
    {
        var model = Variants.Build("scrnn(hidden=3,context=2,alpha=0.9)", 2);
        Assert.Equal(5, model.Output);
        var run = Ready(model, new Random(4), out var x);
        var (y, b, s) = (run.Run(x).Output, run.Read()["B"], new double[2]);
        for (var t = 0; t < 5; t++)
            for (var k = 0; k < 2; k++)
            {
                s[k] = 0.1 * (b[k, 0] * x[t, 0, 0] + b[k, 1] * x[t, 0, 1]) + 0.9 * s[k];
                Assert.Equal(s[k], y[t, 0, 3 + k], 1e-14);
            }
    }

    [Theory]
    [InlineData("2", "auto", 0, 1.7320508075688772)]
    [InlineData("2", "true", -2, 1.1272402434588757)]
    [InlineData("2", "false", -2, 1)]
    [InlineData("1", "auto", 0, 1)]
    public void An_input_of_the_hidden_size_is_scaled(string version, string rescale, double bias, double alpha)
    {
        var notation = FormattableString.Invariant($"sru(hidden=3,version={version},rescale={rescale},highway_bias={bias})[r=0]");
        var run = Ready(Variants.Build(notation, 3), new Random(5), out var x);
        Close.Assert(new NdArray(x.Shape, [.. x.Data.Select(v => alpha * v)]), run.Run(x).Output, 1e-15, notation);
    }

    [Fact]
    public void A_candidate_in_log_space_is_positive_with_slope_1_at_0()
    {
        var model = Variants.Build("mingru(hidden=1,space=log)[z=1]", 1);
        using var run = new Interpreter(model);
        run.Write(new Dictionary<string, NdArray> { ["W_n"] = new([1, 1], [1]), ["b_n"] = new([1], [0]) });
        Assert.Equal([Sigmoid(-2), 0.5, 2.5], run.Run(new NdArray([3, 1, 1], [-2, 0, 2])).Output.Data);
        var slope = run.Backward(new NdArray([3, 1, 1], [1, 1, 1])).Input;
        Close.Assert(new NdArray([3, 1, 1], [Sigmoid(-2) * (1 - Sigmoid(-2)), 1, 1]), slope, 1e-15, "slope");
    }

    [Theory]
    [InlineData("mut1(hidden=4,embed=false)", "embed=false needs an input of the hidden size H=4, but a layer reads I=3; leave embed out or set it to true.")]
    [InlineData("mut1(hidden=3,embed=false,bidirectional=true,layers=2)", "embed=false needs an input of the hidden size H=3, but a layer reads I=6; leave embed out or set it to true.")]
    [InlineData("mut3(hidden=4,embed=true)", "mut3 has no setting embed; it has hidden, layers, bidirectional, skip_input, skip_output.")]
    [InlineData("scrnn(hidden=4)", "scrnn needs the setting context: the number of context units C; 0 for the plain sigmoid network.")]
    [InlineData("scrnn(hidden=4,context=-1)", "scrnn: setting context=-1: give a whole number from 0 to 65536.")]
    [InlineData("scrnn(hidden=4,context=2,alpha=1.5)", "scrnn: setting alpha=1.5: give a number from 0 to 1.")]
    [InlineData("nested-lstm(hidden=4,depth=0)", "nested-lstm: setting depth=0: give a whole number from 1 to 100.")]
    [InlineData("mgu(hidden=4,gate_inputs=mgu4)", "mgu: setting gate_inputs=mgu4: give one of full, mgu1, mgu2, mgu3.")]
    [InlineData("ran(hidden=4,activation=relu)", "ran: setting activation=relu: give one of tanh, identity.")]
    [InlineData("prototype-lstm(hidden=4,norm=layer)", "prototype-lstm: setting norm=layer: give one of none, variance, centred.")]
    [InlineData("sru(hidden=4,version=3)", "sru: setting version=3: give one of 1, 2.")]
    [InlineData("rin(hidden=4,transitions=0)", "rin: setting transitions=0: give a whole number from 1 to 100.")]
    public void Invalid_settings_are_answered(string notation, string message) =>
        Assert.Equal(message, Assert.Throws<UserError>(() => Variants.Build(notation, 3)).Message);

    [Theory]
    [InlineData("lstm-peephole(hidden=4,forget_bias=0)", "W_i: normal, deviation 0.1; U_i: normal, deviation 0.1; p_i: normal, deviation 0.1; b_i: normal, deviation 0.1; W_f: normal, deviation 0.1; "
        + "U_f: normal, deviation 0.1; p_f: normal, deviation 0.1; b_f: 0; ")]
    [InlineData("ran(hidden=4)", "W_i: Glorot uniform; U_i: orthogonal; b_i: 0; W_f: Glorot uniform; U_f: orthogonal; b_f: 0; ")]
    [InlineData("mut1(hidden=4)", "E: Glorot uniform; W_z: Glorot uniform; b_z: 0; ")]
    [InlineData("scrnn(hidden=4,context=2,learn_alpha=true)", "beta: uniform on [0,4.59511985013459]; B: normal, deviation 0.05; P: normal, deviation 0.05; A: normal, deviation 0.05; R: normal, deviation 0.05; ")]
    [InlineData("pseudo-lstm(hidden=4)", "W_i: Glorot uniform; U_i: orthogonal; b_i: 0; W_f: Glorot uniform; U_f: orthogonal; b_f: 1; ")]
    [InlineData("irnn(hidden=4,identity_scale=0.01)", "W_h: normal, deviation 0.001; U_h: 0.01 times the identity; b_h: 0; ")]
    [InlineData("indrnn(hidden=4)", "W: Glorot uniform; u: uniform on [0,1]; b: 0; ")]
    public void Initialisation(string notation, string start) =>
        Assert.StartsWith(start, string.Concat(Explanation.Of(Variants.Build(notation, I)).Parameters.Select(q => $"{q.Name}: {q.Start}; ")));

    static Interpreter Ready(Model model, Random random, out NdArray x)
    {
        var run = new Interpreter(model);
        run.Write(Draw.Parameters(random, model));
        x = Draw.Array(random, [5, 2, model.Input]);
        return run;
    }

    static NdArray Identity(int size)
    {
        var identity = NdArray.Zeros(size, size);
        for (var k = 0; k < size; k++) identity[k, k] = 1;
        return identity;
    }

    static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
}
