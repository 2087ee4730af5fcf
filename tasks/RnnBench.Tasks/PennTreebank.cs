using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Word-level language modelling on the Penn Treebank: predict each token from those before it, the end of each line (<c>&lt;eos&gt;</c>)
/// included. Read from <c>ptb/ptb.{train,valid,test}.txt</c> of the data folder, plain or <c>.gz</c>.
/// </summary>
/// <remarks>Marcus et al. 1993; text and split of Mikolov et al. 2010; state carried between batches as in Zaremba et al. 2014.</remarks>
public sealed class PennTreebank : BenchTask
{
    const int Types = 10_000;

    static readonly DataSet set = DataSets.PennTreebank;
    static readonly DataFile train = set.Files[0], valid = set.Files[1], test = set.Files[2];

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("ptb", "Penn Treebank, words", "Marcus et al. 1993; Mikolov et al. 2010",
    [
        Setting.Integer("tokens", 0, "train on the first so many tokens; 0 for all", min: 0, max: train.Count),
        Setting.Integer("eval_tokens", 0, "evaluate on the first so many tokens of validation and test; 0 for all", min: 0, max: valid.Count),
        Setting.Integer("eval_batch", 10, "contiguous rows that a split is cut into for evaluation; 1 for one unbroken stream", min: 1, max: 1000),
    ],
    (text, settings) => new PennTreebank(settings) { Text = text });

    readonly int tokens, evalTokens, evalBatch;

    PennTreebank(Settings settings)
    {
        tokens = settings.Integer("tokens");
        evalTokens = settings.Integer("eval_tokens");
        evalBatch = settings.Integer("eval_batch");
    }

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.Tokens(Types);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(Types);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = Tasks.Metrics.Language("token");

    /// <summary>
    /// The validation loss in nats a token of a model that knows the training frequencies of the tokens and no context, as measured (on the
    /// test split it is 6.460); null where only a part of the data is used.
    /// </summary>
    public override double? Baseline => tokens == 0 && evalTokens == 0 ? 6.532 : null;

    /// <inheritdoc/>
    public override double? Solved => null;

    /// <inheritdoc/>
    public override string Protocol =>
        $"{Part("Trained on", tokens, $"all {train.Count} tokens")}. "
        + $"{Part("Evaluated on", evalTokens, $"every token ({valid.Count} validation, {test.Count} test)")}, each counted once, <eos> included, the "
        + $"first predicted from <eos>. Evaluation batch {evalBatch}: the split in as many contiguous rows, each from the zero state with the token "
        + "before it as first input, state carried along the row. Vocabulary of 10000; perplexity is exp of the mean loss.";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [.. LanguageRecipes.Zaremba, LanguageRecipes.Plain];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context)
    {
        var folder = set.FolderIn(context.DataFolder
            ?? throw new UserError("task ptb reads files: name the folder of the data sets with --data or RNNBENCH_DATA."));
        var corpus = WordCorpus.Read(folder, train.Name, valid.Name, test.Name);

        Check(folder, train, "tokens with <eos>", corpus.Splits[Split.Train].Length, train.Count);
        Check(folder, valid, "tokens with <eos>", corpus.Splits[Split.Valid].Length, valid.Count);
        Check(folder, test, "tokens with <eos>", corpus.Splits[Split.Test].Length, test.Count);
        Check(folder, train, "different tokens", corpus.Words.Count, Types);

        var splits = corpus.Splits.ToDictionary(s => s.Key, s => First(s.Value, s.Key == Split.Train ? tokens : evalTokens));
        return new TokenStreams(context, splits, corpus.EndOfLineId, evalBatch, corpus.Provenance);
    }

    static int[] First(int[] ids, int count) => count == 0 ? ids : ids[..Math.Min(count, ids.Length)];

    static string Part(string verb, int count, string all) => $"{verb} {(count == 0 ? all : $"the first {count} tokens only")}";

    /// <summary>A text of another length would give figures that look like Penn Treebank's and are not.</summary>
    static void Check(string folder, DataFile file, string what, int found, int published)
    {
        if (found != published) throw new UserError(
            $"{TextFile.Find(folder, file.Name)} has {found} {what}, the Penn Treebank's has {published}: cut off, or another text. "
            + "`rnnbench data list` says where to get it.");
    }
}
