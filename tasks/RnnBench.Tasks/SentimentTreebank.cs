using System.Globalization;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Sentiment of film reviews' sentences, read from <c>sst/{train,dev,test}.txt</c> of the data folder: five classes (<c>sst-5</c>), or negative
/// and positive without the neutral sentences and phrases (<c>sst-2</c>).
/// </summary>
/// <remarks>Socher et al. 2013; protocol of Tai, Socher and Manning 2015, arXiv 1503.00075.</remarks>
public sealed class SentimentTreebank : BenchTask
{
    static readonly DataSet files = DataSets.Sentiment;
    static readonly (Split, DataFile)[] parts = [(Split.Train, files.Files[0]), (Split.Valid, files.Files[1]), (Split.Test, files.Files[2])];

    /// <summary>A task on the trees: the class of a label (null: none), and how many sentences have each class in training and validation.</summary>
    sealed record Labelling(string Words, int Classes, Func<int, int?> Of, int[] Train, int[] Valid);

    static readonly Labelling fine = new("five classes, very negative to very positive", 5, label => label, [1092, 2218, 1624, 2322, 1288], [139, 289, 229, 279, 165]);
    static readonly Labelling binary = new("negative and positive; neutral sentences and phrases are left out", 2,
        label => label < 2 ? 0 : label > 2 ? 1 : null, [3310, 3610], [428, 444]);

    /// <summary>The line of the catalogue for five classes.</summary>
    public static TaskEntry Fine { get; } = Entry("sst-5", "Stanford Sentiment Treebank, five classes", fine);

    /// <summary>The line of the catalogue for two classes.</summary>
    public static TaskEntry Binary { get; } = Entry("sst-2", "Stanford Sentiment Treebank, two classes", binary);

    static TaskEntry Entry(string id, string title, Labelling labelling) => new(id, title, "Socher et al. 2013",
    [
        .. SentimentForm.Settings,
        .. StartingVectors.Settings,
        Setting.Choice("case", "keep", "keep the case of words, or lower it", "keep", "lower"),
        Setting.Integer("sentences", 0, "train on the first so many sentences; 0 for all", min: 0, max: files.Files[0].Count),
        Setting.Integer("eval_sentences", 0, "evaluate on the first so many sentences of validation and test; 0 for all", min: 0, max: files.Files[1].Count),
    ],
    (text, settings) => new SentimentTreebank(settings, labelling) { Text = text });

    readonly Labelling labelling;
    readonly SentimentForm form;
    readonly StartingVectors vectors;
    readonly int sentences, evaluated;
    readonly bool lower;

    SentimentTreebank(Settings settings, Labelling labelling)
    {
        (this.labelling, form, vectors) = (labelling, SentimentForm.Read(settings), StartingVectors.Read(settings));
        (lower, sentences, evaluated) = (settings.Choice("case") == "lower", settings.Integer("sentences"), settings.Integer("eval_sentences"));
    }

    /// <summary>Different words of the three files together, as published.</summary>
    int Vocabulary => lower ? 19_538 : 21_701;

    /// <inheritdoc/>
    public override InputKind Input => form.Input(Vocabulary);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(labelling.Classes);

    /// <inheritdoc/>
    public override Readout Readout => form.Readout;

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("nats"), Tasks.Metrics.Accuracy("accuracy", Batch.Trained)];

    /// <summary>The validation loss of a model that knows the shares of the classes among the training sentences and nothing else.</summary>
    public override double? Baseline => form.JudgesPhrases || sentences + evaluated > 0 ? null : -labelling.Valid
        .Zip(labelling.Train).Sum(n => (double)n.First / labelling.Valid.Sum() * Math.Log((double)n.Second / labelling.Train.Sum()));

    /// <inheritdoc/>
    public override double? Solved => null;

    /// <inheritdoc/>
    public override string Protocol => string.Create(CultureInfo.InvariantCulture,
        $"{labelling.Words}. {form.Protocol} {Part("Training", sentences)}, {Part("validation and test", evaluated)}. Vocabulary: the {Vocabulary} words of "
        + $"all three files, {(lower ? "lower-cased" : "case kept")}, the escapes \\/ and \\* undone; {vectors.Protocol}.");

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } =
    [
        new("plain", "the project's own", new Dictionary<string, string>
        {
            ["batch"] = "25", ["optimizer"] = "adam", ["learning_rate"] = "0.001", ["clip_norm"] = "1", ["loss"] = "mean", ["dropout"] = "0.3",
            ["epochs"] = "6", ["choose"] = "accuracy", ["embedding"] = "100", ["model.hidden"] = "100",
        }),
        new("tai", "Tai, Socher and Manning 2015; their embeddings have a rate of their own, and dropout stands before the classifier alone", new Dictionary<string, string>
        {
            ["batch"] = "25", ["optimizer"] = "adagrad", ["learning_rate"] = "0.05", ["weight_decay"] = "0.0001", ["loss"] = "mean", ["dropout"] = "0.5",
            ["epochs"] = "10", ["choose"] = "accuracy", ["embedding"] = "300", ["model.hidden"] = "150",
        }),
    ];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context)
    {
        var folder = files.FolderFor(Text, context);
        var texts = parts.ToDictionary(p => p.Item1, p => TextFile.Read(folder, p.Item2.Name));
        var all = parts.ToDictionary(p => p.Item1, p => Checked(p.Item2, texts[p.Item1]));
        var ids = all.Values.SelectMany(trees => trees).SelectMany(tree => tree.Leaves).Distinct().Index().ToDictionary(word => word.Item, word => word.Index);
        if (ids.Count != Vocabulary)
            throw new UserError($"{folder}: {ids.Count} different words where the published files have {Vocabulary}. `rnnbench data list` says where to get them.");
        var splits = all.ToDictionary(s => s.Key, s => First(s.Value, s.Key == Split.Train ? sentences : evaluated));
        var provenance = parts.ToDictionary(p => p.Item2.Name, p => texts[p.Item1].Sha256);
        return form.Open(context, splits, ids, labelling.Of, provenance, vectors.Open(context, [.. ids.Keys], provenance));
    }

    SentimentTree[] Checked(DataFile file, TextFile text)
    {
        var trees = SentimentTree.Read(text);
        return trees.Length == file.Count ? [.. trees.Select(tree => new SentimentTree(tree.Labels, [.. tree.Words.Select(Word)], tree.Left, tree.Right))] : throw new UserError(
            $"{text.Path} has {trees.Length} trees, that of {files.Title} has {file.Count}: cut off, or another file. `rnnbench data list` says where to get it.");
    }

    string? Word(string? word) => word is null ? null : lower ? Unescaped(word).ToLowerInvariant() : Unescaped(word);

    static string Unescaped(string word) => word.Replace("\\/", "/").Replace("\\*", "*");

    static SentimentTree[] First(SentimentTree[] trees, int count) => count == 0 ? trees : trees[..Math.Min(count, trees.Length)];

    static string Part(string what, int count) => count == 0 ? $"{what} on all sentences" : $"{what} on the first {count} sentences only";
}
