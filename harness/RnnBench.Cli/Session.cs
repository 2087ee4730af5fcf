using System.CommandLine;
using RnnBench.Language;

namespace RnnBench.Cli;

/// <summary>One call of the program: where it writes, whether somebody watches, and when it is to stop.</summary>
sealed class Session : InvocationConfiguration
{
    /// <summary>Exceptions and signals are handled in <see cref="CommandLine"/>, not by the library.</summary>
    public Session() => (EnableDefaultExceptionHandler, ProcessTerminationTimeout) = (false, null);

    /// <summary>Whether the error stream is a terminal, so that progress may be drawn over.</summary>
    public bool Interactive { get; init; }

    /// <summary>Set when the user asks to stop: finish the step, keep what is done.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Whether stack traces are wanted.</summary>
    public bool Debug { get; set; }

    /// <summary>The architectures: the catalogue, and what <c>--cells</c> adds.</summary>
    public IReadOnlyList<Architecture> Models { get; set; } = Architectures.Catalog.All;

    /// <summary>The command line as it was typed, for the record.</summary>
    public string Command { get; set; } = "rnnbench";
}
