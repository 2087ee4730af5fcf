using System.CommandLine;
using System.CommandLine.Parsing;

namespace RnnBench.Cli;

/// <summary>What is wrong with a command line, in one or two lines, with the nearest name that would have been right.</summary>
static class UsageErrors
{
    /// <summary>The first thing that is wrong, or null.</summary>
    public static string? Of(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0 && UnknownOption(parsed) is null) return null;
        var what = UnknownCommand(parsed) ?? UnknownOption(parsed) ?? string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return $"{what}\n       See: {string.Join(' ', Path(parsed.CommandResult))} --help";
    }

    /// <summary>The parser takes a mistyped option for an argument where one is wanted; nothing here begins with two dashes.</summary>
    static string? UnknownOption(ParseResult parsed)
    {
        var typed = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal));
        if (typed is null) return null;
        var command = parsed.CommandResult.Command;
        return $"{command.Name} has no option {typed.Value}{Suggest(typed.Value, command.Options.Where(o => !o.Hidden).Select(o => o.Name).Append("--debug").Append("--help"))}";
    }

    static string? UnknownCommand(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0) return null;
        var names = command.Subcommands.Select(c => c.Name);
        return parsed.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is { } typed ? $"there is no command {typed}{Suggest(typed, names)}"
            : UnknownOption(parsed) ?? $"name a command: {string.Join(", ", names)}.";
    }

    static IEnumerable<string> Path(CommandResult? result) =>
        result is null ? [] : [.. Path(result.Parent as CommandResult), result.Command is RootCommand ? "rnnbench" : result.Command.Name];

    static string Suggest(string typed, IEnumerable<string> names) =>
        names.Select(name => (name, far: Distance(typed, name))).OrderBy(n => n.far).FirstOrDefault() is var (name, far) && far <= Math.Max(1, name.Length / 3)
            ? $"; did you mean {name}?" : ".";

    /// <summary>The edit distance with neighbours swapped counted once (Damerau 1964; restricted form).</summary>
    static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0) { d[i, j] = i + j; continue; }
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
