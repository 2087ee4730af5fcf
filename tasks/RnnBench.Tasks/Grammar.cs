using System.Globalization;

namespace RnnBench.Tasks;

/// <summary>
/// A probabilistic context-free grammar, and what can be said of it in closed form. Sums over a derivation obey one linear equation for each
/// symbol, e(A) = sum over its rules of p (q(rule) + sum of e over the right side); they are solved by iteration.
/// </summary>
sealed class Grammar
{
    /// <summary>A way to write a symbol: with which probability, and as what.</summary>
    public sealed record Rule(double Probability, IReadOnlyList<string> Right);

    /// <summary>A symbol and what it was written as; a word where that is nothing.</summary>
    public sealed record Derivation(string Symbol, IReadOnlyList<Derivation> Parts);

    readonly string start;
    readonly Dictionary<string, Rule[]> rules;

    Grammar(string start, Dictionary<string, Rule[]> rules) => (this.start, this.rules) = (start, rules);

    /// <summary>
    /// Reads lines <c>A -> 0.7 B c | 0.3</c>: a probability, then symbols; nothing stands for the empty text. What has no line of its own is a
    /// word. The first line is the start.
    /// </summary>
    public static Grammar Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(" -> ")).ToList();
        var rules = lines.ToDictionary(line => line[0].Trim(), line => line[1].Split('|').Select(Read).ToArray());
        foreach (var (symbol, ways) in rules)
            if (Math.Abs(ways.Sum(r => r.Probability) - 1) > 1e-12) throw new ArgumentException($"the probabilities of {symbol} do not add up to 1", nameof(text));
        return new Grammar(lines[0][0].Trim(), rules);

        static Rule Read(string way) => way.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words
            ? new Rule(double.Parse(words[0], CultureInfo.InvariantCulture), words[1..]) : throw new FormatException();
    }

    /// <summary>The words, in the order of their first appearance.</summary>
    public IReadOnlyList<string> Words => [.. rules.Values.SelectMany(ways => ways).SelectMany(rule => rule.Right).Where(IsWord).Distinct()];

    /// <summary>The expected number of words of a sentence.</summary>
    public double Length => Expected(rule => rule.Right.Count(IsWord));

    /// <summary>The entropy of a derivation in nats. Where no sentence has two, it is the entropy of a sentence.</summary>
    public double Entropy => Expected(rule => -Math.Log(rule.Probability));

    /// <summary>How often a word is expected in a sentence.</summary>
    public double Frequency(string word) => Expected(rule => rule.Right.Count(symbol => symbol == word));

    /// <summary>Draws a sentence.</summary>
    /// <param name="random">Where from.</param>
    /// <param name="nats">What the choices cost in all: minus the logarithm of the derivation's probability.</param>
    public List<string> Draw(Random random, out double nats)
    {
        var (words, open) = (new List<string>(), new Stack<string>([start]));
        nats = 0;
        while (open.TryPop(out var symbol))
            if (IsWord(symbol)) words.Add(symbol);
            else
            {
                var rule = Choose(rules[symbol], random.NextDouble());
                nats -= Math.Log(rule.Probability);
                foreach (var right in rule.Right.Reverse()) open.Push(right);
            }
        return words;
    }

    /// <summary>Draws the derivation of a sentence: a word, or a symbol and what it was written as.</summary>
    public Derivation Derive(Random random) => Derive(start, random);

    Derivation Derive(string symbol, Random random) =>
        IsWord(symbol) ? new Derivation(symbol, []) : new Derivation(symbol, [.. Choose(rules[symbol], random.NextDouble()).Right.Select(right => Derive(right, random))]);

    bool IsWord(string symbol) => !rules.ContainsKey(symbol);

    static Rule Choose(Rule[] ways, double at)
    {
        foreach (var rule in ways)
            if ((at -= rule.Probability) < 0) return rule;
        return ways[^1];
    }

    /// <summary>The expected sum of a quantity over the rules of a derivation; grows from 0 until it stands still.</summary>
    double Expected(Func<Rule, double> quantity)
    {
        var sums = rules.Keys.ToDictionary(symbol => symbol, _ => 0.0);
        for (var round = 0; round < 10_000; round++)
        {
            var next = rules.ToDictionary(r => r.Key, r => r.Value.Sum(rule => rule.Probability * (quantity(rule) + rule.Right.Sum(s => sums.GetValueOrDefault(s)))));
            if (next.All(s => s.Value == sums[s.Key])) return sums[start];
            if (double.IsInfinity(next[start])) break;
            sums = next;
        }
        throw new InvalidOperationException("the grammar's derivations have no finite expected length");
    }
}
