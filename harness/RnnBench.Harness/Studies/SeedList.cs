using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>Seeds as they are written: <c>3</c>, <c>1..5</c>, <c>1,2,7</c>.</summary>
public static class SeedList
{
    const int Most = 10_000;

    /// <summary>Reads them, in the order in which they are written.</summary>
    /// <exception cref="UserError">They are written otherwise, or one is there twice.</exception>
    public static IReadOnlyList<long> Parse(string text)
    {
        var seeds = text.Split(',').SelectMany(part => Part(part.Trim(), text)).ToList();
        return seeds.Distinct().Count() == seeds.Count ? seeds : throw new UserError($"seeds {text}: one is there twice.");
    }

    static IEnumerable<long> Part(string part, string text)
    {
        var ends = part.Split("..");
        if (ends.Length > 2) throw Wrong(text);
        var (first, last) = (Number(ends[0], text), Number(ends[^1], text));
        if (last < first || last - first >= Most) throw Wrong(text);
        for (var seed = first; seed <= last; seed++) yield return seed;
    }

    static long Number(string digits, string text) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) && seed < long.MaxValue ? seed : throw Wrong(text);

    static UserError Wrong(string text) => new($"seeds {text}: write whole numbers from 0, such as 3, 1..5 or 1,2,7 (at most {Most}).");
}
