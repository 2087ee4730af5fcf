using System.Text.Json;

namespace RnnBench.Cli.Tests;

public sealed class DoctorTests
{
    [Fact]
    public void EachLineHasAStateAndOnlyProblemsFail()
    {
        using var folder = new Folder();
        var call = Call.Of("doctor", "--json", "--db", folder["new/results.db"]);
        var checks = call.Json.GetProperty("checks").EnumerateArray().ToArray();
        Assert.True(checks.Length >= 8);
        foreach (var check in checks)
        {
            Assert.NotEqual("", check.GetProperty("check").GetString());
            Assert.NotEqual("", check.GetProperty("text").GetString());
            Assert.Contains(check.GetProperty("state").GetString(), new[] { "ok", "note", "problem" });
            if (check.GetProperty("state").GetString() == "problem") Assert.NotEqual(JsonValueKind.Null, check.GetProperty("advice").ValueKind);
        }
        var problems = checks.Count(check => check.GetProperty("state").GetString() == "problem");
        Assert.Equal(problems == 0 ? ExitCode.Done : ExitCode.Failed, call.Code);
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void ATextFileAsStoreIsAProblem()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["notes.db"], "these are notes and no database, long enough to hold a header of a hundred bytes if it were one .....");
        var call = Call.Of("doctor", "--db", folder["notes.db"]).Ends(ExitCode.Failed);
        Assert.Contains(call.Output.Split('\n'), line => line.StartsWith("problem  store", StringComparison.Ordinal));
    }
}
