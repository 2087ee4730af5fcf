namespace RnnBench.Language.Tests;

/// <summary>Notations and formulas: read, written again, and refused with the position.</summary>
public sealed class NotationTests
{
    [Theory]
    [InlineData("lstm")]
    [InlineData("lstm(hidden=128)")]
    [InlineData("lstm-peephole(hidden=128,layers=2)[o=1][f=1-i]")]
    [InlineData("cw-rnn(hidden=9,periods=[1,2,4])")]
    [InlineData("cw-rnn(periods=[])")]
    [InlineData("copy(T=50)")]
    [InlineData("x(rate=1e-3,file=a/b.txt)[h=h[t-1]+h[t-2]]")]
    public void Round_trip(string text)
    {
        var notation = Notation.Parse(text);
        Assert.Equal(text, notation.ToString());
        Assert.Equal(notation, Notation.Parse(notation.ToString()));
        Assert.Equal(notation.GetHashCode(), Notation.Parse(text).GetHashCode());
    }

    [Theory]
    [InlineData(" lstm ( hidden = 4 , layers=2 ) [ o=1 ] ", "lstm(hidden=4,layers=2)[o=1]")]
    [InlineData("lstm()", "lstm")]
    [InlineData("cw-rnn(periods=[ 1, 2 ])", "cw-rnn(periods=[1,2])")]
    public void Spaces_do_not_count(string text, string written) => Assert.Equal(written, Notation.Parse(text).ToString());

    [Theory]
    [InlineData("", 1, "an id")]
    [InlineData("(hidden=4)", 1, "an id")]
    [InlineData("lstm(hidden", 12, "\"=\" and the value of hidden")]
    [InlineData("lstm(hidden=", 13, "a value of hidden")]
    [InlineData("lstm(hidden=4", 14, "\",\" or \")\"")]
    [InlineData("lstm(hidden=4,)", 15, "the name of a setting")]
    [InlineData("lstm(=4)", 6, "the name of a setting")]
    [InlineData("lstm(hidden=4)x", 15, "\"[\" or the end")]
    [InlineData("lstm hidden", 6, "\"(\" or \"[\"")]
    [InlineData("lstm[o=1", 9, "\"]\"")]
    [InlineData("lstm[o=1][h=h[t-1]", 19, "\"]\"")]
    [InlineData("cw-rnn(periods=[1,2)", 20, "\",\" or \"]\"")]
    [InlineData("lstm(hidden=4)(layers=2)", 15, "\"[\" or the end")]
    public void Errors_name_the_position(string text, int position, string expected) =>
        Assert.Equal($"{text}: at position {position} there should be {expected}. It is written id(key=value,...)[ablation]..., as in lstm(hidden=128)[o=1].",
            Assert.Throws<UserError>(() => Notation.Parse(text)).Message);

    [Fact]
    public void An_empty_ablation_is_refused() =>
        Assert.Equal("lstm[ ]: at position 7 stands an empty ablation; write one, such as [o=1].", Assert.Throws<UserError>(() => Notation.Parse("lstm[ ]")).Message);

    [Theory]
    [InlineData("""{"hidden": 4}""", "m(hidden=4)")]
    [InlineData("""{}""", "m")]
    [InlineData("""{"hidden":4,"periods":[1,2],"flag":true,"cell":"lstm","rate":1e-3,"off":false}""", "m(hidden=4,periods=[1,2],flag=true,cell=lstm,rate=1e-3,off=false)")]
    public void Settings_from_json(string json, string written) => Assert.Equal(written, Notation.FromJson("m", json).ToString());

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":{"b":1}}""")]
    [InlineData("""{"a":"b,c=d(e"}""")]
    [InlineData("")]
    public void Other_json_is_refused(string json) => Assert.Throws<UserError>(() => Notation.FromJson("m", json));

    [Fact]
    public void Defaults_count_where_nothing_is_written() =>
        Assert.Equal("m(hidden=4,layers=2)", Notation.Parse("m(hidden=4)").WithDefaults([KeyValuePair.Create("hidden", "9"), KeyValuePair.Create("layers", "2")]).ToString());

    [Fact]
    public void Whatever_is_written_is_a_notation_or_a_user_error()
    {
        var random = new Random(1);
        const string alphabet = "ab=,()[] 1.-\té\0\n\"";
        for (var k = 0; k < 10_000; k++)
        {
            var text = new string(random.GetItems<char>(alphabet, random.Next(14)));
            try
            {
                var notation = Notation.Parse(text);
                Assert.Equal(notation, Notation.Parse(notation.ToString()));
            }
            catch (UserError e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }

    [Theory]
    [InlineData("o = 1", "o=1")]
    [InlineData("f=(1-(i))", "f=1-i")]
    [InlineData("f=1−i", "f=1-i")]
    [InlineData("h=o⊙σ(c)", "h=o*sigmoid(c)")]
    [InlineData("h=a-(b-c)", "h=a-(b-c)")]
    [InlineData("h=(a-b)-c", "h=a-b-c")]
    [InlineData("h=a+(b+c)", "h=a+(b+c)")]
    [InlineData("h=(a*b)/c", "h=a*b/c")]
    [InlineData("h=a*(b/c)", "h=a*(b/c)")]
    [InlineData("h=-a*b", "h=-a*b")]
    [InlineData("h=(-a)*b", "h=(-a)*b")]
    [InlineData("h=1--2", "h=1-(-2)")]
    [InlineData("h=h[t - 1]+x[t]", "h=h[t-1]+x")]
    [InlineData("h=1e3*.5", "h=1000*0.5")]
    [InlineData("h=2E-3", "h=0.002")]
    public void Formulas_have_one_written_form(string text, string canonical)
    {
        var rewriting = FormulaReader.Read(text);
        Assert.Equal(canonical, rewriting.ToString());
        Assert.Equal(rewriting, FormulaReader.Read(canonical));
    }

    [Theory]
    [InlineData("o", 2, "\"=\"")]
    [InlineData("=1", 1, "the name of a node or parameter")]
    [InlineData("o=", 3, "a number, a name or \"(\"")]
    [InlineData("o=1+", 5, "a number, a name or \"(\"")]
    [InlineData("o=(1", 5, "\")\"")]
    [InlineData("o=1 2", 5, "an operator or the end")]
    [InlineData("o=h[1]", 5, "t, as in h[t-1]")]
    [InlineData("o=h[t-]", 7, "a number of steps up to 1000, as in h[t-1]")]
    [InlineData("o=h[t+1]", 6, "\"]\"")]
    [InlineData("o=1.2.3", 8, "a number")]
    [InlineData("o=1e999", 8, "a number")]
    public void Formula_errors_name_the_position(string text, int position, string expected) =>
        Assert.Equal($"[{text}]: at position {position} there should be {expected}. It is written target=expression, as in f=1-i.",
            Assert.Throws<UserError>(() => FormulaReader.Read(text)).Message);

    [Fact]
    public void Endless_formulas_are_refused()
    {
        Assert.Equal("[" + "o=" + new string('(', 78) + "…]: brackets more than 50 deep.", Assert.Throws<UserError>(() => FormulaReader.Read("o=" + new string('(', 90))).Message);
        Assert.Equal("[" + "o=" + new string('-', 78) + "…]: more than 50 signs in a row.", Assert.Throws<UserError>(() => FormulaReader.Read("o=" + new string('-', 90))).Message);
        Assert.EndsWith("…]: a rewriting has at most 500 characters.", Assert.Throws<UserError>(() => FormulaReader.Read("o=" + new string('1', 900))).Message);
    }

    [Fact]
    public void Random_formulas_read_back_as_they_are()
    {
        var random = new Random(2);
        for (var k = 0; k < 2_000; k++)
        {
            var rewriting = new Rewriting("h", Formula(4));
            Assert.Equal(rewriting, FormulaReader.Read(rewriting.ToString()));
        }

        Formula Formula(int depth) => random.Next(depth == 0 ? 3 : 7) switch
        {
            0 => new Formula.Number(random.Next(-3, 4) / 4.0),
            1 => new Formula.Name("c", random.Next(3)),
            2 => new Formula.Name("U_o", 0),
            3 => Formula(depth - 1) is var of and not Language.Formula.Number ? new Formula.Minus(of) : new Formula.Name("a", 0),
            4 => new Formula.Call("tanh", Formula(depth - 1)),
            _ => new Formula.Binary((Operator)random.Next(4), Formula(depth - 1), Formula(depth - 1)),
        };
    }
}
