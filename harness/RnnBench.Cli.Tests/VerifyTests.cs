namespace RnnBench.Cli.Tests;

public sealed class VerifyTests
{
    static string Golden(string name)
    {
        var folder = Environment.GetEnvironmentVariable("RNNBENCH_GOLDEN") ?? (Start.RealData is { } data ? Path.Combine(data, "..", "golden") : null);
        Assert.SkipUnless(folder is not null && File.Exists(Path.Combine(folder, name)), "no golden cases: set RNNBENCH_GOLDEN, or RNNBENCH_DATA with the golden cases beside it");
        return Path.Combine(folder!, name);
    }

    [Theory]
    [InlineData("interpreter", "float64")]
    [InlineData("eager", "float64")]
    [InlineData("library", "float64")]
    [InlineData("auto", "float64")]
    [InlineData("eager", "float32")]
    [InlineData("library", "float32")]
    public void LstmPasses(string backend, string dtype)
    {
        var call = Call.Of("verify", Golden("lstm.safetensors"), "--backend", backend, "--dtype", dtype, "--json").Ends(ExitCode.Done);
        var errors = call.Json[0].GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("name").GetString()).ToArray();
        Assert.Contains("y", errors);
        Assert.Contains("grad.x", errors);
        Assert.Contains("grad.param.U_f", errors);
    }

    [Fact]
    public void BeyondTheToleranceIsExitCodeOne()
    {
        var call = Call.Of("verify", Golden("gru.safetensors"), "--tolerance", "1e-30").Ends(ExitCode.Failed);
        Assert.StartsWith("FAILED", call.Output);
        Assert.Contains("beyond the tolerance", call.Output);
    }

    [Fact]
    public void SavesWhatWasComputed()
    {
        using var folder = new Folder();
        Call.Of("verify", Golden("rnn.safetensors"), "--save", folder.Path).Ends(ExitCode.Done);
        Assert.Equal(["rnn.out.safetensors"], folder.Files);
    }
}
