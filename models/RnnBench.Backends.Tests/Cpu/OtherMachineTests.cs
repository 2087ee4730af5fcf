using System.Diagnostics;

namespace RnnBench.Backends.Tests.Cpu;

/// <summary>The kernels as other machines run them: what this one can do is switched off in a process of its own, which runs some of these tests.</summary>
public sealed class OtherMachineTests
{
    static readonly string[] methods =
    [
        $"{typeof(ScanTests).FullName}.{nameof(ScanTests.Threads_share_the_work_and_change_nothing)}",
        $"{typeof(ScanTests).FullName}.{nameof(ScanTests.A_reversed_scan_equals_the_interpreter)}",
        $"{typeof(ProductTests).FullName}.{nameof(ProductTests.A_packed_product_is_the_product)}",
        $"{typeof(OtherMachineTests).FullName}.{nameof(A_cell_of_each_kind_equals_the_interpreter)}",
    ];

    [Theory]
    [InlineData("DOTNET_EnableAVX512F", "512")]
    [InlineData("DOTNET_EnableAVX2", "256")]
    [InlineData("DOTNET_EnableHWIntrinsic", "128")]
    public async Task Everything_is_the_same_without(string feature, string width)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(OtherMachineTests).Assembly.Location);
        foreach (var method in methods)
        {
            start.ArgumentList.Add("-method");
            start.ArgumentList.Add(method);
        }
        start.Environment[feature] = "0";
        using var child = Process.Start(start)!;
        var error = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, $"without {width} bits:\n{said}\n{await error}");
        Assert.Contains("Failed: 0", said);
        Assert.DoesNotContain("Total: 0", said);
    }

    /// <summary>A gated cell, one elementwise in time, one with operators on rows; with the widths that are left, widest first.</summary>
    [Theory]
    [InlineData("lstm")]
    [InlineData("gru(reset_after=true)")]
    [InlineData("odd: sru")]
    [InlineData("odd: joined")]
    [InlineData("odd: averaged")]
    [InlineData("odd: numbered")]
    [InlineData("odd: shared")]
    public void A_cell_of_each_kind_equals_the_interpreter(string cell)
    {
        foreach (var single in new[] { false, true })
            new Engine(ScanTests.Model(cell, 7, 18), 4, 3, seed: 2).Check(single, new() { Threads = 2 }, $"{cell} {(single ? "float32" : "float64")}");
    }
}
