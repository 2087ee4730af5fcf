namespace RnnBench.Tasks;

/// <summary>One sequence of symbols: what is read at each step, what is to be said, and by group which of that counts.</summary>
/// <param name="Ids">The input of each step.</param>
/// <param name="Labels">The target of each step; anything where it does not count.</param>
/// <param name="Groups">The weights of each step, 0 or 1, by group.</param>
sealed record SymbolSequence(int[] Ids, int[] Labels, IReadOnlyDictionary<string, float[]> Groups)
{
    /// <summary>A text of which each symbol is to be predicted from those before it.</summary>
    /// <param name="symbols">The symbols.</param>
    /// <param name="groups">By group, whether the symbol at a place of the text counts.</param>
    public static SymbolSequence NextOf(int[] symbols, params (string Group, Func<int, bool> Counts)[] groups) => new(symbols[..^1], symbols[1..],
        groups.ToDictionary(g => g.Group, g => Enumerable.Range(1, symbols.Length - 1).Select(at => g.Counts(at) ? 1f : 0).ToArray()));

    /// <summary>Sequences as one batch, filled up to the longest with steps of input 0 that do not count.</summary>
    public static Batch Padded(IReadOnlyList<SymbolSequence> sequences)
    {
        var (steps, size) = (sequences.Max(s => s.Ids.Length), sequences.Count);
        return new Batch
        {
            Steps = steps, Size = size, StartsFresh = true, Ids = Side(s => s.Ids), Labels = Side(s => s.Labels),
            Groups = sequences[0].Groups.Keys.ToDictionary(group => group, group => Side(s => s.Groups[group])),
        };

        T[] Side<T>(Func<SymbolSequence, T[]> part)
        {
            var side = new T[steps * size];
            for (var b = 0; b < size; b++)
                foreach (var (t, value) in part(sequences[b]).Index())
                    side[t * size + b] = value;
            return side;
        }
    }

    /// <summary>
    /// The mean loss of a model that knows how often each target occurs and nothing else, measured on 5000 sequences that are the same for
    /// every run: the entropy of the targets' frequencies.
    /// </summary>
    public static double Unigram(Func<Random, SymbolSequence> draw)
    {
        var random = new Random(2015);
        var counts = Enumerable.Range(0, 5000).Select(_ => draw(random))
            .SelectMany(s => s.Labels.Zip(s.Groups[Batch.Trained]).Where(target => target.Second != 0))
            .CountBy(target => target.First).Select(n => (double)n.Value).ToArray();
        var all = counts.Sum();
        return -counts.Sum(n => n / all * Math.Log(n / all));
    }
}
