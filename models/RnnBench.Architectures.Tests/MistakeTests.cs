using RnnBench.Language;

namespace RnnBench.Architectures.Tests;

/// <summary>What a user can write wrongly, and the one or two lines that answer it.</summary>
public sealed class MistakeTests
{
    [Theory]
    [InlineData("lsmt(hidden=4)", "unknown model lsmt; there are rnn, lstm, gru.")]
    [InlineData("stacked(cell=lsmt,hidden=4)", "unknown model lsmt; there are rnn, lstm, gru.")]
    [InlineData("stacked(cell=lstm,cell=gru,hidden=4)", "stacked: setting cell is given twice.")]
    [InlineData("lstm", "lstm needs the setting hidden: the hidden size H.")]
    [InlineData("lstm(hiden=4)", "lstm has no setting hiden; it has hidden, layers, bidirectional, skip_input, skip_output, forget_bias, ablation.")]
    [InlineData("rnn(hidden=4,ablation=nog)", "rnn has no setting ablation; it has hidden, layers, bidirectional, skip_input, skip_output, activation.")]
    [InlineData("lstm(hidden=4,hidden=5)", "lstm: setting hidden is given twice.")]
    [InlineData("lstm(hidden=-4)", "lstm: setting hidden=-4: give a whole number from 1 to 65536.")]
    [InlineData("lstm(hidden=0)", "lstm: setting hidden=0: give a whole number from 1 to 65536.")]
    [InlineData("lstm(hidden=99999999999)", "lstm: setting hidden=99999999999: give a whole number from 1 to 65536.")]
    [InlineData("lstm(hidden=65536)", "lstm: more than 2147483647 parameters; choose a smaller hidden or fewer layers.")]
    [InlineData("lstm(hidden=4,forget_bias=NaN)", "lstm: setting forget_bias=NaN: give a number from -Infinity to Infinity.")]
    [InlineData("lstm(hidden=4,ablation=nug)", "lstm: setting ablation=nug: give one of none, nig, nfg, nog, niaf, noaf, cifg.")]
    [InlineData("lstm(hidden=4,bidirectional=yes)", "lstm: setting bidirectional=yes: give true or false.")]
    [InlineData("rnn(hidden=4,activation=sigmoid)", "rnn: setting activation=sigmoid: give one of tanh, relu, identity.")]
    [InlineData("lstm(hidden=4)[q=1]", "lstm[q=1]: nothing is called q; there are the nodes i, f, g, c, o, h and the parameters "
        + "W_i, U_i, b_i, W_f, U_f, b_f, W_g, U_g, b_g, W_o, U_o, b_o.")]
    [InlineData("rnn(hidden=4)[h=k]", "rnn[h=k]: nothing is called k; there are the nodes h and the parameters W_h, U_h, b_h.")]
    [InlineData("lstm(hidden=4)[o=1][U_o=0]", "lstm[o=1][U_o=0]: nothing is called U_o; there are the nodes i, f, g, c, h and the parameters W_i, U_i, b_i, W_f, U_f, b_f, W_g, U_g, b_g.")]
    [InlineData("lstm(hidden=4)[i=c]", "lstm[i=c]: c is computed from i, so i cannot be computed from it.")]
    [InlineData("lstm(hidden=4)[c=c]", "lstm[c=c]: c is computed from c, so c cannot be computed from it; did you mean c[t-1]?")]
    [InlineData("lstm(hidden=4)[g=g]", "lstm[g=g]: g is computed from g, so g cannot be computed from it.")]
    [InlineData("lstm(hidden=4)[b_i=i]", "lstm[b_i=i]: i is computed from b_i, so b_i cannot be computed from it.")]
    [InlineData("lstm(hidden=4)[c=arg(c)]", "lstm[c=arg(c)]: c has no outermost nonlinearity, so there is no arg(c).")]
    [InlineData("lstm(hidden=4)[c=arg(1)]", "lstm[c=arg(1)]: arg takes the name of a node; there are i, f, g, c, o, h.")]
    [InlineData("lstm(hidden=4)[U_o=1]", "lstm[U_o=1]: a matrix such as U_o can only be taken out: [U_o=0].")]
    [InlineData("lstm(hidden=4)[o=U_o]", "lstm[o=U_o]: U_o is a matrix; write what it acts on, as in U_o*h[t-1].")]
    [InlineData("lstm(hidden=4)[o=i[t-1]]", "lstm[o=i[t-1]]: i[t-1] is no state at an earlier step; the states are h, c.")]
    [InlineData("lstm(hidden=4)[o=1/0]", "lstm[o=1/0]: the right-hand side is no finite number.")]
    [InlineData("lstm(hidden=4)[o=sin(i)]", "[o=sin(i)]: no function sin; there are sigmoid, tanh, relu, exp, softplus and arg.")]
    [InlineData("lstm(hidden=4)[o=x]", "lstm[o=x], equation of h: widths I=3 and H=4 meet in an elementwise multiply; bring them to one width with a matrix.")]
    public void Is_answered(string notation, string message) =>
        Assert.Equal(message, Assert.Throws<UserError>(() => Model.Build(Three, Notation.Parse(notation), 3)).Message);

    static readonly Architecture[] Three = [Rnn.Entry, Lstm.Entry, Gru.Entry];

    [Fact]
    public void Wrong_arrays_are_answered()
    {
        using var run = new Interpreter(Variants.Build("rnn(hidden=4)", 3));
        string Answer(Action act) => Assert.Throws<UserError>(act).Message;
        Dictionary<string, NdArray> Of(string name, params int[] shape) => new() { [name] = NdArray.Zeros(shape) };

        Assert.Equal("rnn(hidden=4): x has the shape [5,2,2]; it should be [T,B,3], T and B at least 1.", Answer(() => run.Run(NdArray.Zeros(5, 2, 2))));
        Assert.Equal("rnn(hidden=4): x has the shape [0,2,3]; it should be [T,B,3], T and B at least 1.", Answer(() => run.Run(NdArray.Zeros(0, 2, 3))));
        Assert.Equal("rnn(hidden=4) has no state c; it has h.", Answer(() => run.Run(NdArray.Zeros(5, 2, 3), Of("c", 2, 4))));
        Assert.Equal("rnn(hidden=4): the state h has the shape [1,4]; it should be [2,4].", Answer(() => run.Run(NdArray.Zeros(5, 2, 3), Of("h", 1, 4))));
        Assert.Equal("rnn(hidden=4): the parameter W_h is missing.", Answer(() => run.Write(Of("b_h", 4))));
        Assert.Equal("rnn(hidden=4) has no parameter W_i; it has W_h, U_h, b_h.", Answer(() => run.Write(Of("W_i", 4, 3))));
        Assert.Equal("rnn(hidden=4): W_h has the shape [3,4]; it should be [4,3].", Answer(() => run.Write(Of("W_h", 3, 4))));
    }

    [Fact]
    public void Nothing_written_gives_anything_but_a_model_or_an_answer()
    {
        string[] models = ["lstm", "gru", "rnn", "stacked", "stacked(cell=gru)"], names = ["i", "f", "g", "o", "z", "n", "h", "c", "x", "b_i", "U_o", "W_h", "p", "q", "b"];
        string[] operands = [.. names, "0", "1", "2.5", "1e999", "h[t-1]", "c[t-2]", "arg(g)", "tanh(c)", "σ(b_i)", "relu(", "(1-i)", "U_o*h[t-1]"], operators = ["+", "-", "*", "/", " - ", "⊙", "", "=", "]", ")"];
        string[] pieces = [.. models, .. operands, .. operators, "(", "[", ",", "hidden", "=4", "layers=2", "ablation=nog", "\t", "é", "(hidden=4)", "[o=1]"];
        var random = new Random(11);
        var built = 0;
        for (var k = 0; k < 8_000; k++)
        {
            var text = random.Next(2) == 0 ? string.Concat(random.GetItems(pieces, random.Next(1, 10)))
                : $"{One(models)}(hidden=2)[{One(names)}={string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => One(operands) + One(operators)))}{One(operands)}]";
            try
            {
                Variants.Build(text, 3);
                built++;
            }
            catch (UserError e)
            {
                Assert.True(e.Message.Split('\n').Length <= 2 && e.Message.Length > 10, $"{text}: {e.Message}");
            }
        }
        Assert.InRange(built, 100, 4_000);                                 // both happen often enough to say something

        string One(string[] of) => of[random.Next(of.Length)];
    }
}
