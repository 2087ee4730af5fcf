using System.CommandLine;

namespace RnnBench.Cli;

/// <summary>One command: its options, its examples and what it does.</summary>
abstract class CliCommand : Command
{
    protected CliCommand(string name, string description) : base(name, description) =>
        SetAction(parsed => Run(parsed, (Session)parsed.InvocationConfiguration));

    /// <summary>Lines of the help's last section: a command and, after <c>#</c>, what it does.</summary>
    public virtual IReadOnlyList<string> Examples => [];

    /// <summary>Does the work.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    protected abstract int Run(ParseResult parsed, Session session);
}
