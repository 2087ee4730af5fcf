using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RnnBench.Cli;

/// <summary>The library's help, with the command's examples at its end.</summary>
sealed class HelpWithExamples : SynchronousCommandLineAction
{
    static readonly string[] RootExamples =
    [
        "rnnbench run lstm --task adding              # train one model on one task",
        "rnnbench study smoke                         # a small study: three cells, three tasks",
        "rnnbench report                              # write the report of all runs",
        "rnnbench explain 'lstm(hidden=200)[o=1]'     # equations and parameters of a model",
        "rnnbench doctor                              # is everything in place?",
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parsed)
    {
        new HelpAction().Invoke(parsed);
        var command = parsed.CommandResult.Command;
        var output = parsed.InvocationConfiguration.Output;
        var examples = command switch
        {
            RootCommand => RootExamples,
            CliCommand own => own.Examples,
            _ => [],
        };
        if (examples.Count > 0) output.WriteLine($"Examples:\n  {string.Join("\n  ", examples)}\n");
        if (command is RootCommand)
            output.WriteLine("Exit codes:\n  0 done, 1 a comparison or verification failed, 2 bad usage or input, 3 a run diverged or died, 130 interrupted\n");
        return ExitCode.Done;
    }
}
