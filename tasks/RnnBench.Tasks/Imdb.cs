using System.Globalization;
using System.Text.RegularExpressions;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>Whether a film review is positive, read from <c>imdb/aclImdb_labelled.tar</c> (or the archive of the set's home) of the data folder.</summary>
/// <remarks>Maas et al. 2011. There is no published validation part and no published cutting of words; both are the project's, see <see cref="Protocol"/>.</remarks>
public sealed partial class Imdb : BenchTask
{
    const int HeldOut = 10;
    const uint HoldOutSeed = 0;

    /// <summary>An archive that the reviews are read from, and the reviews of each class in each part: those with the numbers below.</summary>
    sealed record Archive(IReadOnlyList<string> Names, int Each);

    static readonly string[] whole = ["aclImdb_labelled.tar", "aclImdb_v1.tar"];

    static readonly Dictionary<string, Archive> sets = new()
    {
        ["full"]   = new(whole, 12_500),
        ["subset"] = new(["aclImdb_subset1000.tar", .. whole], 250),
    };

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("imdb", "IMDB film reviews, two classes", "Maas et al. 2011",
    [
        Setting.Choice("set", "full", "the 50,000 labelled reviews, or a subset of 1,000 for short runs", [.. sets.Keys]),
        Setting.Integer("vocabulary", 20_000, "the most frequent words of training that are told apart", min: 10, max: 500_000),
        Setting.Integer("cut", 400, "words that a longer review is cut to", min: 1, max: 10_000),
        Setting.Choice("keep", "head", "what a cut keeps", "head", "tail"),
        .. StartingVectors.Settings,
    ],
    (text, settings) => new Imdb(settings) { Text = text });

    readonly Archive archive;
    readonly int vocabulary, cut;
    readonly bool head;
    readonly StartingVectors vectors;

    Imdb(Settings settings) => (archive, vocabulary, cut, head, vectors) = (sets[settings.Choice("set")], settings.Integer("vocabulary"), settings.Integer("cut"),
        settings.Choice("keep") == "head", StartingVectors.Read(settings));

    /// <summary>Id 0 is every other word.</summary>
    public override InputKind Input => new InputKind.Tokens(vocabulary + 1);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(2);

    /// <inheritdoc/>
    public override Readout Readout => Readout.Final;

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("nats"), Tasks.Metrics.Accuracy("accuracy", Batch.Trained)];

    /// <summary>Both classes are of one size.</summary>
    public override double? Baseline => Math.Log(2);

    /// <inheritdoc/>
    public override double? Solved => null;

    /// <inheritdoc/>
    public override string Protocol => string.Create(CultureInfo.InvariantCulture,
        $"{archive.Each} positive and {archive.Each} negative reviews each for training and test; the last {HeldOut} % of each training class after a fixed shuffle "
        + $"(seed {HoldOutSeed}) are the validation part. Words are runs of letters, digits and inner apostrophes, and single other signs, lower-cased, <br /> as a space; "
        + $"the {vocabulary} most frequent of training are told apart, all others are one; {vectors.Protocol}. Reviews of more than {cut} words keep their {(head ? "first" : "last")} {cut}. "
        + $"Judged by the output after the last word, every review once, in batches of {LabelledSequences.EvaluationRows}.");

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } =
    [
        new("plain", "the project's own", new Dictionary<string, string>
        {
            ["batch"] = "32", ["optimizer"] = "adam", ["learning_rate"] = "0.001", ["clip_norm"] = "1", ["loss"] = "mean", ["dropout"] = "0.3",
            ["epochs"] = "4", ["choose"] = "accuracy", ["embedding"] = "100", ["model.hidden"] = "100",
        }),
    ];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context)
    {
        var folder = DataSets.Imdb.FolderFor(Text, context);
        var name = archive.Names.FirstOrDefault(n => FileBytes.Find(folder, n) is not null) ?? archive.Names[0];
        var reviews = ImdbArchive.Read(folder, name);
        Review[] learnt = [.. reviews.Train.Where(r => r.Id < archive.Each)], judged = [.. reviews.Test.Where(r => r.Id < archive.Each)];
        foreach (var (part, all) in new[] { ("train", learnt), ("test", judged) })
            foreach (var positive in new[] { true, false })
                if (all.Count(r => r.Positive == positive) is var found && found != archive.Each)
                    throw new UserError($"{Path.Combine(folder, name)} has {found} reviews in {part}/{(positive ? "pos" : "neg")}, not {archive.Each}: cut off, or another set.");

        var (train, valid) = Divide(learnt);
        var ids = Frequent(train);
        var splits = new Dictionary<Split, LabelledSequence[]> { [Split.Train] = Of(train), [Split.Valid] = Of(valid), [Split.Test] = Of(judged) };
        var provenance = new Dictionary<string, string> { [name] = reviews.Sha256 };
        var starts = vectors.Open(context, [null, .. ids.Keys], provenance);
        return new LabelledSequences(context, train.Count, _ => splits[Split.Train], split => splits[split], provenance) { Vectors = starts };

        LabelledSequence[] Of(IEnumerable<Review> some) => [.. some.Select(r => new LabelledSequence([.. Cut(Words(r.Text)).Select(w => ids.GetValueOrDefault(w))], r.Positive ? 1 : 0))];
    }

    static (List<Review> Train, List<Review> Valid) Divide(IReadOnlyList<Review> reviews)
    {
        var (train, valid) = (new List<Review>(), new List<Review>());
        foreach (var all in reviews.GroupBy(r => r.Positive).Select(g => g.ToArray()))
        {
            var order = new MersenneTwister(HoldOutSeed).Permutation(all.Length);
            var kept = all.Length - all.Length * HeldOut / 100;
            train.AddRange(order.Take(kept).Select(at => all[at]));
            valid.AddRange(order.Skip(kept).Select(at => all[at]));
        }
        return (train, valid);
    }

    /// <summary>The most frequent words, the more frequent the smaller the id, from 1; equally frequent ones by their letters.</summary>
    Dictionary<string, int> Frequent(IEnumerable<Review> train) => train.SelectMany(r => Words(r.Text)).CountBy(w => w)
        .OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).Take(vocabulary).Index().ToDictionary(w => w.Item.Key, w => w.Index + 1);

    IEnumerable<string> Cut(IReadOnlyList<string> words) => head ? words.Take(cut) : words.Skip(Math.Max(0, words.Count - cut));

    internal static IReadOnlyList<string> Words(string text) =>
        [.. Word().Matches(text.Replace("<br />", " ").ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:'\p{L}+)*|[^\s\p{L}\p{N}]")]
    private static partial Regex Word();
}
