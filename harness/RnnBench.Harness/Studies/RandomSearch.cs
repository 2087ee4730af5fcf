using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Harness;

/// <summary>What a search may draw for one setting.</summary>
abstract record Draws
{
    /// <summary>Log-uniform between two numbers above 0.</summary>
    public sealed record Log(double Low, double High) : Draws;
    /// <summary>Uniform between two numbers.</summary>
    public sealed record Uniform(double Low, double High) : Draws;
    /// <summary>One of some values, each equally likely.</summary>
    public sealed record OneOf(IReadOnlyList<string> Values) : Draws;

    /// <summary>A value, numbers to three digits: as they are written they are trained.</summary>
    public string From(Random random) => this switch
    {
        Log x => Written(x.Low * Math.Pow(x.High / x.Low, random.NextDouble())),
        Uniform x => Written(x.Low + (x.High - x.Low) * random.NextDouble()),
        OneOf x => x.Values[random.Next(x.Values.Count)],
        _ => throw new NotSupportedException($"a search does not know {GetType().Name}"),
    };

    /// <summary>Reads <c>log 1e-4 1e-2</c>, <c>uniform 0 0.5</c>, or a list.</summary>
    public static Draws Read(YamlMap space, string key)
    {
        var values = space.Texts(key);
        if (values.Count != 1) return new OneOf(values);
        if (values[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [("log" or "uniform") and var kind, var low, var high]) return new OneOf(values);
        if (Number(low) is not { } from || Number(high) is not { } to || from >= to || (kind == "log" && from <= 0))
            throw space.Wrong(key, $"{key}: write {kind} LOW HIGH with LOW below HIGH{(kind == "log" ? ", both above 0" : "")}.");
        return kind == "log" ? new Log(from, to) : new Uniform(from, to);
    }

    static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.IsFinite(x) ? x : null;

    static string Written(double value) => double.Parse(value.ToString("E2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>
/// Random search with equal trials for each architecture (Bergstra and Bengio 2012): on a task, trial k draws the same values for every model, so that
/// no model has the luckier draws.
/// </summary>
/// <param name="Trials">Draws for each model on each task.</param>
/// <param name="Seed">The root seed of the draws and of the trial runs.</param>
/// <param name="Halving">η of successive halving (Jamieson and Talwalkar 2016): of each round 1/η goes on, η times as long; null for none.</param>
/// <param name="Space">What is drawn.</param>
public sealed record RandomSearch(int Trials, long Seed, int? Halving, IReadOnlyList<string> Space)
{
    internal IReadOnlyDictionary<string, Draws> Of { get; init; } = new Dictionary<string, Draws>();

    /// <summary>Reads a search.</summary>
    /// <exception cref="UserError">Something in it is wrong; file and line are named.</exception>
    internal static RandomSearch Read(YamlMap map, RandomSearch? before)
    {
        var space = map.Map("space", "a search space") is { } given ? given.Keys.ToDictionary(key => key, key => Draws.Read(given, key)) : before?.Of;
        if (space is null || space.Count == 0) throw map.Wrong("space", "a search needs a space: SETTING: log 1e-4 1e-2, uniform 0 1, or a list of values.");
        return new(Whole("trials", before?.Trials ?? 0, 1), Whole("seed", (int)(before?.Seed ?? 0), 0), map.Has("halving") ? Whole("halving", 0, 2) : before?.Halving, [.. space.Keys])
            { Of = space.ToDictionary() };

        int Whole(string key, int other, int least) => !map.Has(key) && other >= least ? other
            : int.TryParse(map.Needed(key), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least ? n
            : throw map.Wrong(key, $"{key}: give a whole number from {least}.");
    }

    /// <summary>The settings of a trial, from 1; they depend on the seed, the task and the trial alone.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Draw(string task, int trial) =>
        [.. Of.Select(s => KeyValuePair.Create(s.Key, s.Value.From(new Seeds(Seed).Stream(string.Create(CultureInfo.InvariantCulture, $"search/{task}/{trial}/{s.Key}")))))];

    /// <summary>The rounds: how many trials each keeps, and the share of the full length that they run.</summary>
    internal IReadOnlyList<(int Trials, double Share)> Rungs
    {
        get
        {
            if (Halving is not { } eta) return [(Trials, 1)];
            var last = (int)Math.Floor(Math.Log(Trials, eta) + 1e-9);
            return [.. Enumerable.Range(0, last + 1).Select(rung => ((int)Math.Ceiling(Trials / Math.Pow(eta, rung) - 1e-9), Math.Pow(eta, rung - last)))];
        }
    }
}
