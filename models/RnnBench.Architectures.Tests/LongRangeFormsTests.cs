using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>Variants of the long-range family against the plain form that they come down to, or against the catalogue's definition computed by hand.</summary>
public sealed class LongRangeFormsTests
{
    const int T = 9, B = 2, I = 3, H = 5;

    static NdArray Run(string notation, IReadOnlyDictionary<string, NdArray> parameters, NdArray x, IReadOnlyDictionary<string, NdArray>? state = null)
    {
        using var run = new Interpreter(Variants.Build(notation, I));
        run.Write(parameters);
        return run.Run(x, state).Output;
    }

    static (Dictionary<string, NdArray> Parameters, NdArray X) Drawn(string notation, int seed, int steps = T)
    {
        var random = new Random(seed);
        return (new(Draw.Parameters(random, Variants.Build(notation, I))), Draw.Array(random, [steps, B, I]));
    }

    [Fact]
    public void One_rate_for_all_units_is_the_same_rate_for_each()
    {
        var (all, x) = Drawn("tkrnn(hidden=5,lambda_on=all)", 1);
        Assert.Equal([1], all["lam"].Shape);
        foreach (var place in new[] { "source", "target" })
        {
            var each = new Dictionary<string, NdArray>(all) { ["lam"] = new([H], [.. Enumerable.Repeat(all["lam"].Data[0], H)]) };
            Close.Assert(Run($"tkrnn(hidden=5,lambda_on={place})", each, x), Run("tkrnn(hidden=5,lambda_on=all)", all, x), 1e-13, place);
        }
    }

    /// <summary>U D h is U on the state with its last signs turned.</summary>
    [Theory]
    [InlineData("map=exp", 2)]
    [InlineData("map=cayley", 5)]
    [InlineData("map=cayley,dtriv=true", 1)]
    public void A_diagonal_with_some_minus_ones_turns_signs_of_the_state(string settings, int negative)
    {
        var (parameters, x) = Drawn($"exp-rnn(hidden=5,{settings})", 2, steps: 1);
        var state = Draw.Array(new Random(3), [B, H]);
        var turned = new NdArray([B, H], [.. state.Data.Select((value, k) => k % H >= H - negative ? -value : value)]);
        Close.Assert(Run($"exp-rnn(hidden=5,{settings})", parameters, x, new Dictionary<string, NdArray> { ["h"] = turned }),
            Run($"exp-rnn(hidden=5,{settings},negative={negative})", parameters, x, new Dictionary<string, NdArray> { ["h"] = state }), 1e-14, settings);
    }

    [Fact]
    public void Learned_rates_that_stand_where_the_fixed_ones_do_give_the_same()
    {
        double[] alphas = [0.25, 0.5, 0.9];
        var (parameters, x) = Drawn("statistical-ru(hidden=5,stats=3,recur=2,alphas=[0.25,0.5,0.9])", 4);
        var learned = new Dictionary<string, NdArray>(parameters) { ["alpha"] = new([3], [.. alphas.Select(a => Math.Log(a / (1 - a)))]) };
        Close.Assert(Run("statistical-ru(hidden=5,stats=3,recur=2,alphas=[0.25,0.5,0.9])", parameters, x),
            Run("statistical-ru(hidden=5,stats=3,recur=2,alphas=[0.1,0.2,0.3],learn_alphas=true)", learned, x), 1e-13, "y");
        var start = Assert.IsType<Initial.ByUnit>(Variants.Build("statistical-ru(hidden=5,stats=3,alphas=[0,0.5,0.9],learn_alphas=true)", I).Parameters.Single(q => q.Name == "alpha").Start);
        Assert.Equal([0.001, 0.5, 0.9], Enumerable.Range(0, 3).Select(k => Math.Round(1 / (1 + Math.Exp(-start.Of(k))), 12)));
    }

    [Fact]
    public void An_output_that_reads_the_input_adds_a_map_of_it()
    {
        var (parameters, x) = Drawn("statistical-ru(hidden=5,stats=3,recur=2,linear_out=true,read_input=true)", 5);
        var without = Run("statistical-ru(hidden=5,stats=3,recur=2,linear_out=true)", parameters.Where(q => q.Key != "W_x").ToDictionary(), x);
        var expected = NdArray.Zeros(T, B, H);
        for (var t = 0; t < T; t++) for (var b = 0; b < B; b++) for (var k = 0; k < H; k++)
            expected[t, b, k] = without[t, b, k] + Enumerable.Range(0, I).Sum(i => parameters["W_x"][k, i] * x[t, b, i]);
        Close.Assert(expected, Run("statistical-ru(hidden=5,stats=3,recur=2,linear_out=true,read_input=true)", parameters, x), 1e-13, "y");
    }

    /// <summary>Group i is computed where t mod T_i is its shift, and keeps its value elsewhere.</summary>
    [Theory]
    [InlineData("[2,3]", "[0,0]")]
    [InlineData("[2,3]", "[1,0]")]
    [InlineData("[1,4]", "[0,3]")]
    public void Shifted_clocks_by_hand(string periods, string shifts)
    {
        var (parameters, x) = Drawn($"cw-rnn(hidden=5,periods={periods})", 6);
        int[] Numbers(string list) => [.. list.Trim('[', ']').Split(',').Select(int.Parse)];
        var (period, shift, expected) = (Numbers(periods), Numbers(shifts), NdArray.Zeros(T, B, H));
        int Group(int unit) => unit < 3 ? 0 : 1;
        for (var t = 0; t < T; t++) for (var b = 0; b < B; b++) for (var a = 0; a < H; a++)
        {
            double Before(int unit) => t == 0 ? 0 : expected[t - 1, b, unit];
            var sum = parameters["b_h"].Data[a] + Enumerable.Range(0, I).Sum(i => parameters["W_h"][a, i] * x[t, b, i])
                + Enumerable.Range(0, H).Where(s => Group(s) >= Group(a)).Sum(s => parameters["U_h"][a, s] * Before(s));
            expected[t, b, a] = t % period[Group(a)] == shift[Group(a)] ? Math.Tanh(sum) : Before(a);
        }
        Close.Assert(expected, Run($"cw-rnn(hidden=5,periods={periods},shifts={shifts})", parameters, x), 1e-13, "y");
    }

    /// <summary>A skip connection of d steps beside that of one is a second delay.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void A_regular_skip_connection_is_a_second_delay(int steps)
    {
        var (q, x) = Drawn($"dilated-rnn(hidden=5,connection=regular,dilations=[{steps}])", 8);
        using var skipping = new Interpreter(Variants.Build($"dilated-rnn(hidden=5,connection=regular,dilations=[{steps}])", I));
        using var narx = new Interpreter(Variants.Build($"narx-rnn(hidden=5,delays=[1,{steps}])", I));
        skipping.Write(q);
        narx.Write(new Dictionary<string, NdArray> { ["W_h"] = q["W_h"], ["b_h"] = q["b_h"], ["U_h"] = new([2, H, H], [.. q["U_h"].Data, .. q["V_h"].Data]) });
        var state = Draw.States(new Random(9), skipping.Model, B);
        var dy = Draw.Array(new Random(10), [T, B, H]);
        var (expected, actual) = (narx.Run(x, state), skipping.Run(x, state));
        Close.Assert(expected.Output, actual.Output, 1e-14, "y");
        Close.Assert(expected.State["h"], actual.State["h"], 1e-14, "h");
        var (slopes, own) = (narx.Backward(dy, expected.State), skipping.Backward(dy, actual.State));
        Close.Assert(slopes.Input, own.Input, 1e-13, "x");
        Close.Assert(slopes.Initial["h"], own.Initial["h"], 1e-13, "first h");
        Close.Assert(slopes.Parameters["U_h"], new([2, H, H], [.. own.Parameters["U_h"].Data, .. own.Parameters["V_h"].Data]), 1e-13, "U and V");
    }

    /// <summary>Gates see both states, the gated candidate both through the same gate; the state that is kept is that of the step before.</summary>
    [Fact]
    public void A_regular_skip_connection_of_gates_by_hand()
    {
        const int D = 3;
        var (q, x) = Drawn("dilated-rnn(hidden=5,cell=gru,connection=regular,start=3)", 11);
        var h = NdArray.Zeros(T, B, H);
        for (var t = 0; t < T; t++) for (var b = 0; b < B; b++)
        {
            double[] Before(int lag) => [.. Enumerable.Range(0, H).Select(k => t < lag ? 0 : h[t - lag, b, k])];
            double[] Sum(string letter, double[] last, double[] earlier) => [.. Enumerable.Range(0, H).Select(k => q[$"b_{letter}"].Data[k] + Enumerable.Range(0, I).Sum(i => q[$"W_{letter}"][k, i] * x[t, b, i])
                + Enumerable.Range(0, H).Sum(j => q[$"U_{letter}"][k, j] * last[j] + q[$"V_{letter}"][k, j] * earlier[j]))];
            double[] Logistic(double[] a) => [.. a.Select(v => 1 / (1 + Math.Exp(-v)))];
            double[] Times(double[] a, double[] c) => [.. a.Zip(c, (l, r) => l * r)];
            var (last, earlier) = (Before(1), Before(D));
            var (r, z) = (Logistic(Sum("r", last, earlier)), Logistic(Sum("z", last, earlier)));
            var n = Sum("n", Times(r, last), Times(r, earlier));
            for (var k = 0; k < H; k++) h[t, b, k] = z[k] * last[k] + (1 - z[k]) * Math.Tanh(n[k]);
        }
        Close.Assert(h, Run("dilated-rnn(hidden=5,cell=gru,connection=regular,start=3)", q, x), 1e-13, "y");
    }

    [Fact]
    public void A_regular_skip_connection_of_one_step_is_none() => Assert.Equal(
        ["layer0.W_h", "layer0.U_h", "layer0.b_h", "layer1.W_h", "layer1.U_h", "layer1.V_h", "layer1.b_h"],
        Variants.Build("dilated-rnn(hidden=5,layers=2,connection=regular)", I).Parameters.Select(q => q.Name));

    [Theory]
    [InlineData("irnn(hidden=4,init=gaussian)", "U_h", "normal, deviation 0.001")]
    [InlineData("irnn(hidden=4,init=orthogonal)", "U_h", "orthogonal")]
    [InlineData("irnn(hidden=4,identity_scale=0.5)", "U_h", "0.5 times the identity")]
    [InlineData("lru(hidden=4,state_size=2,r_min=0.5,r_max=0.75,max_phase=3,lambda=polar)", "nu", "|λ|² uniform on [0.25,0.5625]")]
    [InlineData("lru(hidden=4,state_size=2,r_min=0.5,r_max=0.75,max_phase=3,lambda=direct)", "lambda_re", "|λ|² uniform on [0.25,0.5625], phase of λ uniform on [0,3]")]
    [InlineData("indrnn(hidden=4,layers=2,u_lasts=1,u_max_gain=4)", "layer0.u", "uniform on [0,1]")]
    [InlineData("indrnn(hidden=4,layers=2,u_lasts=1,u_max_gain=4)", "layer1.u", "uniform on [0.25,4]")]
    [InlineData("indrnn(hidden=4,u_lasts=2,u_max_gain=4,bidirectional=true)", "bwd.u", "uniform on [0.5,2]")]
    [InlineData("minlstm(hidden=4,forget_bias=3)", "b_f", "3")]
    [InlineData("minlstm(hidden=4)", "b_f", "uniform on ±1 / √columns of its W")]
    [InlineData("slstm(hidden=4,biases=zero)", "b_f", "0")]
    [InlineData("mlstm(hidden=4,biases=zero)", "b_i", "0")]
    [InlineData("mlstm(hidden=4)", "b_i", "normal, deviation 0.1")]
    [InlineData("np-rnn(hidden=4)", "U_h", "positive definite, largest eigenvalue 1")]
    [InlineData("np-rnn(hidden=4,plus_identity=false,top_eigenvalue=0.9)", "U_h", "positive definite, no identity added, largest eigenvalue 0.9")]
    [InlineData("np-rnn(hidden=4,top_eigenvalue=0)", "U_h", "positive definite")]
    [InlineData("full-urnn(hidden=4,init=identity)", "U_re", "identity")]
    [InlineData("full-urnn(hidden=4,init=identity)", "U_im", "0")]
    public void Other_starts(string notation, string parameter, string start) =>
        Assert.Equal(start, Explanation.Of(Variants.Build(notation, I)).Parameters.Single(q => q.Name == parameter).Start);
}
