namespace RnnBench.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("doctr", "there is no command doctr; did you mean doctor?", "rnnbench --help")]
    [InlineData("", "name a command: ", "rnnbench --help")]
    [InlineData("doctor --jsn", "doctor has no option --jsn; did you mean --json?", "rnnbench doctor --help")]
    [InlineData("doctor extra", "extra", "rnnbench doctor --help")]
    [InlineData("doctor --db", "--db", "rnnbench doctor --help")]
    [InlineData("xyzzy", "there is no command xyzzy.", "rnnbench --help")]
    public void BadUsageSaysWhatAndWhere(string line, string what, string where)
    {
        var call = Call.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Ends(ExitCode.BadInput);
        Assert.StartsWith("error: ", call.Error);
        Assert.Contains(what, call.Error);
        Assert.EndsWith($"See: {where}{Environment.NewLine}", call.Error);
        Assert.Equal("", call.Output);
        Assert.Equal(2, call.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void HelpOfEachCommandHasExamplesThatParse()
    {
        foreach (var command in Program.Commands().Where(command => !command.Hidden))
        {
            var help = Call.Of(command.Name, "--help").Ends(ExitCode.Done);
            Assert.Contains("Examples:", help.Output);
            Assert.NotEmpty(command.Examples);
            foreach (var example in command.Examples)
            {
                Assert.StartsWith($"rnnbench {command.Name}", example);
                Assert.True(UsageErrors.Of(CommandLine.Parse(Words(example))) is not { } wrong, $"{example}: {UsageErrors.Of(CommandLine.Parse(Words(example)))}");
            }
        }
    }

    [Fact]
    public void RootHelpListsEveryCommandAndTheExitCodes()
    {
        var help = Call.Of("--help").Ends(ExitCode.Done).Output;
        Assert.All(Program.Commands(), command => Assert.Equal(!command.Hidden, help.Contains($"  {command.Name} ", StringComparison.Ordinal)));
        Assert.Contains("130 interrupted", help);
    }

    [Fact]
    public void CompletionSuggestsCommandsAndOptions()
    {
        Assert.Contains("doctor", Call.Of("[suggest:3]", "doc").Ends(ExitCode.Done).Output);
        Assert.Contains("--json", Call.Of("[suggest:10]", "doctor --j").Ends(ExitCode.Done).Output);
    }

    static string[] Words(string example) =>
        [.. example.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(word => word.Trim('\''))];
}
