using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// A published text in three files, to be predicted token by token. Files of another length are refused: they would give figures that look
/// like the published ones and are not.
/// </summary>
/// <param name="Files">Training, validation and test file, in this order, with their numbers of tokens.</param>
/// <param name="Token">What a token is: token, character.</param>
/// <param name="Types">Different tokens, <c>&lt;eos&gt;</c> included.</param>
/// <param name="Unigram">
/// The validation loss in nats a token of a model that knows the training frequencies of the tokens and no context, as measured; null where nobody has.
/// </param>
sealed record PublishedText(DataSet Files, string Token, int Types, double? Unigram)
{
    /// <summary>What stands behind the last line feed.</summary>
    public string End { get; init; } = "";

    /// <summary>Whether it is too large to be read anew for every run: then it is prepared once, as a file of ids.</summary>
    public bool Prepared { get; init; }

    public DataFile Train => Files.Files[0];
    public DataFile Valid => Files.Files[1];
    public DataFile Test => Files.Files[2];

    public WordCorpus Read(string folder)
    {
        var corpus = WordCorpus.Read(folder, Train.Name, Valid.Name, Test.Name, End);
        foreach (var (split, file) in new[] { (Split.Train, Train), (Split.Valid, Valid), (Split.Test, Test) })
            Check(folder, file, $"{Token}s with <eos>", corpus.Splits[split].Length, file.Count);
        Check(folder, Train, $"different {Token}s", corpus.Words.Count, Types);
        return corpus;
    }

    /// <summary>The text as it is prepared; its counts are those published.</summary>
    public PreparedText Prepare(string folder)
    {
        var prepared = PreparedText.Open(folder, [Train.Name, Valid.Name, Test.Name], CacheFolder.Resolve());
        foreach (var (split, file) in new[] { (Split.Train, Train), (Split.Valid, Valid), (Split.Test, Test) })
            Check(folder, file, $"{Token}s with <eos>", prepared.Splits[split].Count, file.Count);
        Check(folder, Train, $"different {Token}s", prepared.Types, Types);
        return prepared;
    }

    void Check(string folder, DataFile file, string what, int found, int published)
    {
        if (found != published) throw new UserError(
            $"{FileBytes.Find(folder, file.Name)} has {found} {what}, that of {Files.Title} has {published}: cut off, or another text. "
            + "`rnnbench data list` says where to get it.");
    }
}

/// <summary>
/// Language modelling on a published text: predict each token from those before it, the end of each line (<c>&lt;eos&gt;</c>) included, the
/// state carried from batch to batch.
/// </summary>
public abstract class LanguageModel : BenchTask
{
    readonly PublishedText text;
    readonly int tokens, evalTokens, evalBatch;

    private protected LanguageModel(PublishedText text, Settings settings)
    {
        this.text = text;
        tokens = settings.Integer("tokens");
        evalTokens = settings.Integer("eval_tokens");
        evalBatch = settings.Integer("eval_batch");
    }

    internal static IReadOnlyList<Setting> SettingsOf(PublishedText text) =>
    [
        Setting.Integer("tokens", 0, $"train on the first so many {text.Token}s; 0 for all", min: 0, max: text.Train.Count),
        Setting.Integer("eval_tokens", 0, $"evaluate on the first so many {text.Token}s of validation and test; 0 for all", min: 0, max: text.Valid.Count),
        Setting.Integer("eval_batch", 10, "contiguous rows that a split is cut into for evaluation; 1 for one unbroken stream", min: 1, max: 1000),
    ];

    /// <inheritdoc/>
    public sealed override InputKind Input => new InputKind.Tokens(text.Types);

    /// <inheritdoc/>
    public sealed override TargetKind Target => new TargetKind.Classes(text.Types);

    /// <inheritdoc/>
    public sealed override IReadOnlyList<Metric> Metrics => Tasks.Metrics.Language(text.Token);

    /// <summary>
    /// The validation loss in nats a token of a model that knows the training frequencies of the tokens and no context, as measured; null
    /// where only a part of the data is used.
    /// </summary>
    public sealed override double? Baseline => tokens == 0 && evalTokens == 0 ? text.Unigram : null;

    /// <inheritdoc/>
    public sealed override double? Solved => null;

    /// <inheritdoc/>
    public sealed override string Protocol =>
        $"{Part("Trained on", tokens, $"all {text.Train.Count} {text.Token}s")}. "
        + $"{Part("Evaluated on", evalTokens, $"every {text.Token} ({text.Valid.Count} validation, {text.Test.Count} test)")}, each counted once, "
        + $"<eos> included, the first predicted from <eos>. Evaluation batch {evalBatch}: the split in as many contiguous rows, each from the zero "
        + $"state with the {text.Token} before it as first input, state carried along the row. Vocabulary of {text.Types}; perplexity is exp of the "
        + "mean loss.";

    /// <inheritdoc/>
    public sealed override ITaskData Open(TaskContext context)
    {
        var folder = text.Files.FolderFor(Text, context);
        if (text.Prepared)
        {
            var prepared = text.Prepare(folder);
            return new TokenStreams(context, prepared.Splits.ToDictionary(s => s.Key, s => s.Value.First(Used(s.Key))), prepared.EndOfLineId, evalBatch, prepared.Provenance)
            {
                Frequencies = prepared.Frequencies, Owner = prepared,
            };
        }
        var corpus = text.Read(folder);
        var splits = corpus.Splits.ToDictionary(s => s.Key, s => First(s.Value, Used(s.Key)));
        return new TokenStreams(context, splits, corpus.EndOfLineId, evalBatch, corpus.Provenance);
    }

    int Used(Split split) => split == Split.Train ? tokens : evalTokens;

    static int[] First(int[] ids, int count) => count == 0 ? ids : ids[..Math.Min(count, ids.Length)];

    string Part(string verb, int count, string all) => $"{verb} {(count == 0 ? all : $"the first {count} {text.Token}s only")}";
}
