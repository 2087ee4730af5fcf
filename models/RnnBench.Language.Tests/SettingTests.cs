namespace RnnBench.Language.Tests;

/// <summary>Settings of every kind, read, refused and written again.</summary>
public sealed class SettingTests
{
    static readonly Setting[] Declared =
    [
        Setting.Integer("size", null, "how large", 1, 10), Setting.Real("rate", 0.5, "how fast", 0, 1), Setting.Flag("on", true, "whether"),
        Setting.Choice("kind", "a", "which", "a", "b"), Setting.Integers("periods", [1, 2], "how often", 1, 8),
    ];

    static Settings Read(string notation) => Settings.Read("thing", Declared, Notation.Parse(notation).Settings);

    [Fact]
    public void Values_and_defaults()
    {
        var settings = Read("thing(size=3,rate=0.25,periods=[4,8])");
        Assert.Equal(3, settings.Integer("size"));
        Assert.Equal(0.25, settings.Real("rate"));
        Assert.True(settings.Flag("on"));
        Assert.Equal("a", settings.Choice("kind"));
        Assert.Equal([4, 8], settings.Integers("periods"));
    }

    [Theory]
    [InlineData("thing(periods=[1,2],kind=a,on=true,rate=0.50,size=3)", "size=3")]
    [InlineData("thing(kind=b,on=false,size=3,periods=[2],rate=1e-1)", "size=3,rate=0.1,on=false,kind=b,periods=[2]")]
    public void Written_are_those_that_differ_in_the_order_of_declaration(string notation, string written) =>
        Assert.Equal(written, string.Join(",", Read(notation).Written.Select(s => $"{s.Key}={s.Value}")));

    [Theory]
    [InlineData("thing", "thing needs the setting size: how large.")]
    [InlineData("thing(size=11)", "thing: setting size=11: give a whole number from 1 to 10.")]
    [InlineData("thing(size=1.5)", "thing: setting size=1.5: give a whole number from 1 to 10.")]
    [InlineData("thing(size=3,rate=2)", "thing: setting rate=2: give a number from 0 to 1.")]
    [InlineData("thing(size=3,rate=0,5)", "thing(size=3,rate=0,5): at position 22 there should be \"=\" and the value of 5. It is written id(key=value,...)[ablation]..., as in lstm(hidden=128)[o=1].")]
    [InlineData("thing(size=3,on=1)", "thing: setting on=1: give true or false.")]
    [InlineData("thing(size=3,kind=c)", "thing: setting kind=c: give one of a, b.")]
    [InlineData("thing(size=3,periods=2)", "thing: setting periods=2: give a list such as [1,2,4].")]
    [InlineData("thing(size=3,periods=[2,9])", "thing: setting periods=9: give a whole number from 1 to 8.")]
    [InlineData("thing(size=3,size=3)", "thing: setting size is given twice.")]
    [InlineData("thing(size=3,colour=3)", "thing has no setting colour; it has size, rate, on, kind, periods.")]
    public void Mistakes_are_answered(string notation, string message) => Assert.Equal(message, Assert.Throws<UserError>(() => Read(notation)).Message);

    [Fact]
    public void Values_that_can_be_listed() =>
        Assert.Equal(["", "", "true|false", "a|b", ""], Declared.Select(s => string.Join("|", s.Values)));
}
