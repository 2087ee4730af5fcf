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

    [Theory]
    [InlineData("irnn(hidden=4,init=gaussian)", "U_h", "normal, deviation 0.001")]
    [InlineData("irnn(hidden=4,init=orthogonal)", "U_h", "orthogonal")]
    [InlineData("irnn(hidden=4,identity_scale=0.5)", "U_h", "0.5 times the identity")]
    [InlineData("np-rnn(hidden=4)", "U_h", "positive definite, largest eigenvalue 1")]
    [InlineData("np-rnn(hidden=4,plus_identity=false,top_eigenvalue=0.9)", "U_h", "positive definite, no identity added, largest eigenvalue 0.9")]
    [InlineData("np-rnn(hidden=4,top_eigenvalue=0)", "U_h", "positive definite")]
    [InlineData("full-urnn(hidden=4,init=identity)", "U_re", "identity")]
    [InlineData("full-urnn(hidden=4,init=identity)", "U_im", "0")]
    public void Other_starts(string notation, string parameter, string start) =>
        Assert.Equal(start, Explanation.Of(Variants.Build(notation, I)).Parameters.Single(q => q.Name == parameter).Start);
}
