using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>The long-range family against the catalogue: parameters and FLOPs by its formulas, settings that are refused.</summary>
public sealed class LongRangeTests
{
    const int H = 6, I = 3, P = 4, R = 2, K = 3;

    /// <summary>Parameters that are trained and read, as the catalogue counts them; FLOPs of matrix products, a multiply-add as 2.</summary>
    [Theory]
    [InlineData("cw-rnn(hidden=6,periods=[1,2,4])", H * I + (H * H + 3 * 2 * 2) / 2 + H, 2 * (H * I + H * H))]
    [InlineData("cw-rnn(hidden=7,periods=[1,2,4])", 7 * I + (7 * 7 + 9 + 4 + 4) / 2 + 7, 2 * (7 * I + 7 * 7))]
    [InlineData("cw-rnn(hidden=6,periods=[1,2],connect=block)", H * I + 2 * 3 * 3 + H, 2 * (H * I + H * H))]
    [InlineData("cw-rnn(hidden=6,periods=[1,2],connect=full)", H * I + H * H + H, 2 * (H * I + H * H))]
    [InlineData("dilated-rnn(hidden=6,layers=2)", H * I + H * H + H + 2 * H * H + H, 2 * (H * I + H * H) + 4 * H * H)]
    [InlineData("dilated-rnn(hidden=6,cell=gru)", 3 * (H * I + H * H + H), 6 * (H * I + H * H))]
    [InlineData("dilated-rnn(hidden=6,cell=lstm,start=2)", 4 * (H * I + H * H + H) + 2 * H * H + H, 8 * (H * I + H * H) + 4 * H * H)]
    [InlineData("dilated-rnn(hidden=6,layers=2,connection=regular)", H * I + H * H + H + 3 * H * H + H, 2 * (H * I + H * H) + 6 * H * H)]
    [InlineData("dilated-rnn(hidden=6,cell=gru,start=3,connection=regular)", 3 * (H * I + 2 * H * H + H), 6 * (H * I + 2 * H * H))]
    [InlineData("narx-rnn(hidden=6,n_d=3)", H * I + K * H * H + H, 2 * (H * I + K * H * H))]
    [InlineData("mist-rnn(hidden=6,n_d=3)", 2 * H * (I + H + 1) + K * (I + H + 1), 2 * (2 * H * (I + H) + K * (I + H)))]
    [InlineData("mist-rnn(hidden=6,n_d=3,reset=false)", H * (I + H + 1) + K * (I + H + 1), 2 * (H * (I + H) + K * (I + H)))]
    [InlineData("tkrnn(hidden=6)", H * I + H * H + 2 * H, 2 * (H * I + H * H))]
    [InlineData("tkrnn(hidden=6,lambda_on=target)", H * I + H * H + 2 * H, 2 * (H * I + H * H))]
    [InlineData("tkrnn(hidden=6,lambda_on=pair)", H * I + 2 * H * H + H, 2 * H * I)]
    [InlineData("tkrnn(hidden=6,lambda_on=all)", H * I + H * H + H + 1, 2 * (H * I + H * H))]
    [InlineData("exp-rnn(hidden=6,negative=2)", H * I + H * (H + 1) / 2, 2 * (H * I + H * H))]
    [InlineData("statistical-ru(hidden=6,stats=4,recur=2,alphas=[0,0.5,0.9],learn_alphas=true,read_input=true)", R * (K * P + 1) + P * (I + R + 1) + H * (K * P + 1) + K + H * I, 2 * (R * K * P + P * (I + R) + H * K * P + H * I))]
    [InlineData("irnn(hidden=6)", H * I + H * H + H, 2 * (H * I + H * H))]
    [InlineData("np-rnn(hidden=6)", H * I + H * H + H, 2 * (H * I + H * H))]
    [InlineData("rin(hidden=6)", H * I + H * H + H, 2 * (H * I + H * H))]
    [InlineData("rin(hidden=6,transitions=2)", H * I + 2 * (H * H + H), 2 * (H * I + 2 * H * H))]
    [InlineData("urnn(hidden=6)", 2 * H * I + 10 * H, 4 * H * I + 8 * H * H)]
    [InlineData("full-urnn(hidden=6)", 2 * H * I + 2 * H * H + 3 * H, 4 * H * I + 8 * H * H)]
    [InlineData("exp-rnn(hidden=6)", H * I + H * (H + 1) / 2, 2 * (H * I + H * H))]
    [InlineData("exp-rnn(hidden=6,dtriv=true)", H * I + H * (H + 1) / 2, 2 * (H * I + H * H))]
    [InlineData("statistical-ru(hidden=6,stats=4,recur=2,alphas=[0,0.5,0.9])", R * (K * P + 1) + P * (I + R + 1) + H * (K * P + 1), 2 * (R * K * P + P * (I + R) + H * K * P))]
    [InlineData("statistical-ru(hidden=6,stats=4,recur=0,alphas=[0,0.5,0.9])", P * (I + 1) + H * (K * P + 1), 2 * (P * I + H * K * P))]
    [InlineData("fru(hidden=6,stats=4,recur=2,freqs=[0,1,2])", R * (K * P + 1) + P * (I + R + 1) + H * (K * P + 1) + K, 2 * (R * K * P + P * (I + R) + H * K * P))]
    public void Counts(string notation, long parameters, long flops)
    {
        var model = Variants.Build(notation, I);
        var explained = Explanation.Of(model);
        Assert.Equal(parameters, explained.ParameterCount);
        Assert.Equal(parameters, explained.Scans.Sum(s => s.Cost.Parameters));
        Assert.Equal(flops, model.Flops);
    }

    /// <summary>The sizes that the catalogue derives for published models, readout included.</summary>
    [Theory]
    [InlineData("urnn(hidden=512)", 1, 10, 16_394)]
    [InlineData("mist-rnn(hidden=139)", 1, 10, 42_000)]
    [InlineData("dilated-rnn(hidden=20,layers=9,cell=gru)", 1, 10, 21_000)]
    [InlineData("statistical-ru(hidden=200)", 1, 10, 275_000)]
    public void Published_sizes(string notation, int input, int outputs, long published)
    {
        var model = Variants.Build(notation, input);
        var count = Explanation.Of(model).ParameterCount + outputs * (model.Output + 1);
        Assert.InRange(count, published % 1000 == 0 ? published - 1000 : published, published % 1000 == 0 ? published + 1000 : published);
    }

    /// <summary>Ablations of the catalogue that are written as rewritings.</summary>
    [Theory]
    [InlineData("mist-rnn(hidden=6,n_d=3)[a=0.25]", "r", "W_r U_r b_r W_h U_h b_h")]
    [InlineData("mist-rnn(hidden=6,n_d=3)[r=1]", "a", "W_a U_a b_a W_h U_h b_h")]
    [InlineData("tkrnn(hidden=6)[λ=0]", "", "W_h U_h b_h")]
    [InlineData("exp-rnn(hidden=6)[h=tanh(z)]", "", "W_h A")]
    [InlineData("exp-rnn(hidden=6)[b_h=0]", "", "W_h A")]
    [InlineData("fru(hidden=6,recur=0)[phase=0]", "", "W_phi b_phi W_o b_o")]
    [InlineData("dilated-rnn(hidden=6,cell=lstm)[f=1]", "i o", "W_i U_i b_i W_g U_g b_g W_o U_o b_o")]
    public void Rewritings(string notation, string gates, string parameters)
    {
        var model = Variants.Build(notation, I);
        Assert.Equal(gates, string.Join(" ", model.Gates));
        Assert.Equal(parameters, string.Join(" ", model.Parameters.Select(q => q.Name)));
    }

    [Theory]
    [InlineData("cw-rnn(hidden=4,periods=[])", "cw-rnn: setting periods=[]: give the periods from the fastest to the slowest, such as [1,2,4].")]
    [InlineData("cw-rnn(hidden=4,periods=[2,1])", "cw-rnn: setting periods=[2,1]: give the periods from the fastest to the slowest, such as [1,2,4].")]
    [InlineData("cw-rnn(hidden=4,periods=[1,2],shifts=[0])", "cw-rnn: setting shifts=[0]: give one for each of the periods [1,2], below it.")]
    [InlineData("cw-rnn(hidden=4,periods=[1,2],shifts=[0,2])", "cw-rnn: setting shifts=[0,2]: give one for each of the periods [1,2], below it.")]
    [InlineData("exp-rnn(hidden=4,negative=5)", "exp-rnn: negative=5 elements of D are to be -1, and it has hidden=4; give at most as many.")]
    [InlineData("irnn(hidden=4,init=zero)", "irnn: setting init=zero: give one of identity, gaussian, orthogonal.")]
    [InlineData("cw-rnn(hidden=4,periods=[0,1])", "cw-rnn: setting periods=0: give a whole number from 1 to 1000000.")]
    [InlineData("dilated-rnn(hidden=4,dilations=[0])", "dilated-rnn: setting dilations=0: give a whole number from 1 to 100000.")]
    [InlineData("dilated-rnn(hidden=4,start=0)", "dilated-rnn: setting start=0: give a whole number from 1 to 100000.")]
    [InlineData("dilated-rnn(hidden=4,dilations=[1,2],layers=3)", "dilated-rnn: 2 dilations for 3 layers; give one for each layer, or leave layers out.")]
    [InlineData("dilated-rnn(hidden=4,cell=sru,start=2)", "dilated-rnn: the output of sru is no state, so its past is not kept and cannot be fused; give fuse=false.")]
    [InlineData("dilated-rnn(hidden=4,cell=mgu,connection=regular,start=2)", "dilated-rnn: connection=regular goes with cell = rnn, gru, lstm; cell=mgu has no skip connections.")]
    [InlineData("narx-rnn(hidden=4,delays=[1,1])", "narx-rnn: setting delays=[1,1]: give whole numbers that increase, such as [1,2,4].")]
    [InlineData("narx-rnn(hidden=4,n_d=0)", "narx-rnn: setting n_d=0: give a whole number from 1 to 1000.")]
    [InlineData("mist-rnn(hidden=4,delays=[2,1])", "mist-rnn: setting delays=[2,1]: give whole numbers that increase, such as [1,2,4].")]
    [InlineData("tkrnn(hidden=60000,lambda_on=pair)", "tkrnn: hidden=60000 has more pairs of units than can be counted; choose a smaller hidden, or lambda_on=source.")]
    [InlineData("rin(hidden=4,transitions=0)", "rin: setting transitions=0: give a whole number from 1 to 100.")]
    [InlineData("urnn(hidden=4,eps=-1)", "urnn: setting eps=-1: give a number from 0 to Infinity.")]
    [InlineData("exp-rnn(hidden=4,map=tanh)", "exp-rnn: setting map=tanh: give one of exp, cayley.")]
    [InlineData("statistical-ru(hidden=4,alphas=[])", "statistical-ru: setting alphas=[]: give at least one rate, such as [0,0.5,0.9].")]
    [InlineData("statistical-ru(hidden=4,alphas=[1.5])", "statistical-ru: setting alphas=1.5: give a number from 0 to 1.")]
    [InlineData("fru(hidden=4,seq_len=0)", "fru: setting seq_len=0: give a whole number from 1 to 100000000.")]
    public void Is_refused(string notation, string message) => Assert.Equal(message, Assert.Throws<UserError>(() => Variants.Build(notation, I)).Message);
}
