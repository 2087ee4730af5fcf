using System.CommandLine;
using System.Runtime.InteropServices;
using RnnBench.Language;
using RnnBench.Results;

namespace RnnBench.Cli;

/// <summary>From the arguments to an exit code: parses, runs the command, and turns what goes wrong into a line or two.</summary>
static class CommandLine
{
    static readonly Option<bool> Debug = new("--debug") { Recursive = true, Description = "Print the stack trace of an error." };

    static readonly Option<FileInfo[]> Cells = new("--cells") { Recursive = true, HelpName = "FILE", Description = "A library (.dll) with cells of your own. May be repeated." };

    /// <summary>Runs the program on the process's own streams; Ctrl-C once stops it in good order, twice at once.</summary>
    public static int OfProcess(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var interactive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        return Run(arguments, new Session { Interactive = interactive, Stop = stop.Token });
    }

    /// <summary>Runs the program once.</summary>
    public static int Run(IReadOnlyList<string> arguments, Session session)
    {
        session.Command = string.Join(' ', arguments.Select(Quote).Prepend("rnnbench"));
        var parsed = Parse(arguments);
        if (parsed.Action?.ClearsParseErrors != true && UsageErrors.Of(parsed) is { } wrong)
            return Say(session, wrong, ExitCode.BadInput);
        var debug = session.Debug = parsed.GetValue(Debug);
        try
        {
            session.Models = UserCells.AddTo(session.Models, parsed.GetValue(Cells) ?? []);
            return parsed.Invoke(session);
        }
        catch (Exception e) when (!debug && e is UserError or StoreError)
        {
            return Say(session, e.Message, ExitCode.BadInput);
        }
        catch (OperationCanceledException)
        {
            return Say(session, "stopped.", ExitCode.Interrupted);
        }
        catch (Exception e)
        {
            session.Error.WriteLine(debug ? e.ToString() : Defect(e));
            return e is UserError or StoreError ? ExitCode.BadInput : ExitCode.Died;
        }
    }

    /// <summary>Reads the arguments; what is wrong with them is in the result.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments) =>
        Root().Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });

    static RootCommand Root()
    {
        var root = new RootCommand("Trains recurrent architectures on the same footing, records every run, and writes the report.") { Cells, Debug };
        foreach (var command in Program.Commands()) root.Add(command);
        root.Options.OfType<System.CommandLine.Help.HelpOption>().Single().Action = new HelpWithExamples();
        return root;
    }

    /// <summary>The libraries of the user's own that a command line names.</summary>
    public static IReadOnlyList<FileInfo> CellsOf(ParseResult parsed) => parsed.GetValue(Cells) ?? [];

    static int Say(Session session, string message, int code)
    {
        session.Error.WriteLine($"error: {message}");
        return code;
    }

    static string Defect(Exception e) =>
        $"error: this is a defect of RnnBench: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}\n"
        + "       Run the same command with --debug for the stack trace, and report both.";

    static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=,:+@%".Contains(c)) ? argument : $"'{argument.Replace("'", @"'\''")}'";
}
