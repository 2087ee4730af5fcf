using System.Diagnostics;
using System.Runtime.CompilerServices;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks.Tests;

/// <summary>
/// Work that a test wants done in a process of its own: this test program, started again with a variable that says what. It prepares a text
/// as the command does, prints the sum of its ids, and ends with 0; or prints the message of a <see cref="UserError"/>, and ends with 2.
/// </summary>
static class ChildProcess
{
    const string Variable = "RNNBENCH_TEST_CHILD";

    public static readonly string[] Names = ["train", "valid", "test"];

    /// <summary>What a child does each time before it makes a file, by a word: how the children differ.</summary>
    static readonly Dictionary<string, Action<string>> manners = new()
    {
        ["at once"]  = _ => { },
        ["slowly"]   = log =>
        {
            File.AppendAllText(log, $"{Environment.ProcessId}\n");
            Thread.Sleep(100);
        },
        ["and stay"] = log =>
        {
            File.AppendAllText(log, $"{Environment.ProcessId}\n");
            if (File.ReadAllLines(log).Length == 3) Thread.Sleep(Timeout.Infinite);
        },
    };

    /// <summary>Starts a child that prepares the text of <c>FOLDER/set</c>.</summary>
    /// <param name="folder">The folder, with a file <c>log</c> that gets a line for each file that is made.</param>
    /// <param name="cache">The folder of prepared data.</param>
    /// <param name="manner">How.</param>
    /// <param name="under">A shell's commands that the child's own, <c>$0</c> and <c>$1</c>, are put behind.</param>
    /// <param name="more"><c>$2</c> of the shell.</param>
    public static Process Start(string folder, string cache, string manner = "at once", string under = "exec", string more = "")
    {
        var start = new ProcessStartInfo("bash", ["-c", $"{under} \"$0\" \"$1\" \"$2\"", Environment.ProcessPath!, Program, more])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { [Variable] = $"{manner}\n{folder}\n{cache}", ["DOTNET_EnableWriteXorExecute"] = "0", ["DOTNET_EnableDiagnostics"] = "0" },
        };
        return Process.Start(start)!;
    }

    /// <summary>What the program that runs is told: this assembly where it is <c>dotnet</c>, nothing where it is the assembly's own host.</summary>
    static string Program => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? typeof(ChildProcess).Assembly.Location : "";

    /// <summary>Waits for a child's end.</summary>
    /// <returns>Its exit code, and all that it printed.</returns>
    public static (int Code, string Output) End(this Process child)
    {
        using (child)
        {
            var error = child.StandardError.ReadToEndAsync();
            var output = child.StandardOutput.ReadToEnd();
            Assert.True(child.WaitForExit(TimeSpan.FromSeconds(30)), "the child does not end");
            return (child.ExitCode, output + error.Result);
        }
    }

    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('\n') is [var manner, var folder, var cache]) Environment.Exit(Prepare(manner, folder, cache));
    }

    static int Prepare(string manner, string folder, string cache)
    {
        try
        {
            using var text = PreparedText.Open(Path.Combine(folder, "set"), Names, cache, path =>
            {
                manners[manner](Path.Combine(folder, "log"));
                return PreparedPlace.NewFile(path);
            });
            Console.Out.Write(Sum(text.Splits[Split.Train]));
            return 0;
        }
        catch (UserError e)
        {
            Console.Out.Write(e.Message);
            return 2;
        }
    }

    /// <summary>What a child prints of a text.</summary>
    public static string Sum(TokenIds ids)
    {
        var all = new int[ids.Count];
        ids.Read(0, all);
        return $"{all.Length} ids, {all.Select((id, at) => (long)id * (at % 97)).Sum()}";
    }
}
