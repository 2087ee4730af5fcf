using System.Text.Json;

namespace RnnBench.Cli.Tests;

/// <summary>One call of the program, in this process, in a folder of its own.</summary>
sealed record Call(int Code, string Output, string Error)
{
    /// <summary>
    /// Nothing here takes long: a run that should have been refused is stopped, and its test fails instead of hanging. The longest test takes half a minute
    /// on a free machine; a busy one is given twenty times that.
    /// </summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static Call Of(params string[] arguments)
    {
        using var stop = new CancellationTokenSource(Patience);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = CommandLine.Run(arguments, new Session { Output = output, Error = error, Stop = stop.Token });
        return new Call(code, output.ToString(), error.ToString());
    }

    /// <summary>The output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Asserts the code and shows what was said if it is another.</summary>
    public Call Ends(int code)
    {
        Assert.True(Code == code, $"exit code {Code}, expected {code}\n{Output}\n{Error}");
        return this;
    }
}

/// <summary>A temporary folder for a test, gone after it.</summary>
sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("rnnbench-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>All files in it, relative, in order.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFileSystemEntries(Path, "*", SearchOption.AllDirectories).Select(f => System.IO.Path.GetRelativePath(Path, f)).Order(StringComparer.Ordinal)];

    /// <summary>Asserts that a command line, in which {dir} is this folder, ends as bad input with one or two lines that say so, and leaves nothing here.</summary>
    public void Refuses(string line, params string[] says)
    {
        var before = Files;
        var call = Call.Of([.. line.Replace("{dir}", Path).Split(' ')]).Ends(ExitCode.BadInput);
        Assert.StartsWith("error: ", call.Error);
        foreach (var words in says) Assert.Contains(words.Replace("{dir}", Path), call.Error);
        Assert.InRange(call.Error.TrimEnd().Split('\n').Length, 1, 2);
        Assert.DoesNotContain("defect", call.Error);
        Assert.Equal("", call.Output);
        Assert.Equal(before, Files);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>A log that asks the program to stop as soon as some words are written to it.</summary>
sealed class StopsAt(string words, CancellationTokenSource stop) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(words, StringComparison.Ordinal) == true) stop.Cancel();
    }
}
