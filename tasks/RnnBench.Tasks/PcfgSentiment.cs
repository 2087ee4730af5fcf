using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// The sentiment of a sentence of <see cref="Pcfg"/>, by rules that need its tree: each word has a value, a phrase has the sum of its parts', kept
/// between -2 and 2, and a verb of fear turns around the value of its object. In <c>a dog fears the bad cats</c> the whole is good.
/// </summary>
static class PcfgSentiment
{
    const int Neutral = 2, Extreme = 2;

    static readonly Dictionary<string, int> values = new()
    {
        ["good"] = 1, ["bright"] = 1, ["gentle"] = 1, ["loves"] = 1, ["love"] = 1, ["smiles"] = 1, ["smile"] = 1, ["bad"] = -1, ["dull"] = -1,
    };

    static readonly HashSet<string> turning = ["fears", "fear"];

    public static Recipe Plain { get; } = new("plain", "the project's own, for short runs", new Dictionary<string, string>
    {
        ["batch"] = "50", ["optimizer"] = "adam", ["learning_rate"] = "0.003", ["clip_norm"] = "1", ["loss"] = "mean",
        ["epochs"] = "3", ["embedding"] = "32", ["model.hidden"] = "64",
    });

    /// <summary>A derivation as a binary tree: symbols written as one part are left out, of several parts the first stands against the rest.</summary>
    public static SentimentTree Tree(Grammar.Derivation derivation)
    {
        List<int> labels = [], left = [], right = [];
        List<string?> words = [];
        Add(derivation);
        return new SentimentTree([.. labels], [.. words], [.. left], [.. right]);

        (int Node, int Value)? Add(Grammar.Derivation of) => of.Parts.Count == 0 && Pcfg.IsWord(of.Symbol)
            ? Node(of.Symbol, values.GetValueOrDefault(of.Symbol), -1, -1) : Join([.. of.Parts.Where(HasWords)], 0);

        (int, int)? Join(Grammar.Derivation[] parts, int from)
        {
            if (from == parts.Length) return null;
            if (from == parts.Length - 1) return Add(parts[from]);
            var (first, rest) = (Add(parts[from])!.Value, Join(parts, from + 1)!.Value);
            var turns = words[first.Node] is { } word && turning.Contains(word);
            return Node(null, Math.Clamp(first.Value + (turns ? -rest.Item2 : rest.Item2), -Extreme, Extreme), first.Node, rest.Item1);
        }

        (int, int) Node(string? word, int value, int first, int second)
        {
            labels.Add(value + Neutral);
            words.Add(word);
            left.Add(first);
            right.Add(second);
            return (labels.Count - 1, value);
        }
    }

    static bool HasWords(Grammar.Derivation of) => of.Parts.Count == 0 ? Pcfg.IsWord(of.Symbol) : of.Parts.Any(HasWords);
}
