using System.Globalization;
using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Language modelling on sentences of a small probabilistic grammar, whose entropy is known: no model can do better, and none needs a download.
/// A verb agrees in number with its noun across relative clauses of any depth: <c>the birds that a dog that sleeps chases sing</c>.
/// </summary>
/// <remarks>
/// The grammar is the project's own. No sentence has two derivations: a relative clause belongs to the noun right before it, singular and
/// plural share no noun or verb, and each verb takes an object or none.
/// </remarks>
public sealed class Pcfg : BenchTask
{
    const string EndOfSentence = "<eos>";

    /// <summary>The suffix s is singular, p plural; N noun, A adjective, R relative clause, I verb without and T with an object.</summary>
    internal static readonly Grammar Grammar = Grammar.Parse("""
        S   -> 0.5 NPs VPs | 0.5 NPp VPp
        NP  -> 0.6 NPs | 0.4 NPp
        NPs -> 0.5 the Qs | 0.4 a Qs | 0.1 every Qs
        NPp -> 0.6 the Qp | 0.4 some Qp
        Qs  -> 0.25 A Qs | 0.75 Ns Rs
        Qp  -> 0.25 A Qp | 0.75 Np Rp
        Rs  -> 0.7 | 0.2 that VPs | 0.06 that NPs Ts | 0.04 that NPp Tp
        Rp  -> 0.7 | 0.2 that VPp | 0.06 that NPs Ts | 0.04 that NPp Tp
        VPs -> 0.4 Is | 0.6 Ts NP
        VPp -> 0.4 Ip | 0.6 Tp NP
        A   -> 0.3 good | 0.25 bad | 0.2 bright | 0.15 dull | 0.1 gentle
        Ns  -> 0.3 dog | 0.25 cat | 0.2 bird | 0.15 child | 0.1 painter
        Np  -> 0.3 dogs | 0.25 cats | 0.2 birds | 0.15 children | 0.1 painters
        Is  -> 0.4 sleeps | 0.3 sings | 0.2 smiles | 0.1 waits
        Ip  -> 0.4 sleep | 0.3 sing | 0.2 smile | 0.1 wait
        Ts  -> 0.3 sees | 0.25 loves | 0.2 chases | 0.15 fears | 0.1 paints
        Tp  -> 0.3 see | 0.25 love | 0.2 chase | 0.15 fear | 0.1 paint
        """);

    static readonly IReadOnlyList<string> words = [.. Grammar.Words, EndOfSentence];

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("pcfg", "Sentences of a small probabilistic grammar", "the project's own",
    [
        Setting.Integer("sentences", 10_000, "sentences to train on", min: 10, max: 1_000_000),
        Setting.Integer("eval_sentences", 5000, "sentences in the validation set, and in the test set", min: 1, max: 100_000),
        Setting.Choice("form", Stream, "a stream of tokens to be predicted; or sentences to be judged, as sequences or as trees", Stream, "sequence", "tree"),
        .. SentimentForm.Settings.Where(s => s.Name != "form"),
        Setting.Integer("eval_batch", 10, "contiguous rows that a split is cut into for evaluation; 1 for one unbroken stream", min: 1, max: 1000),
    ],
    (text, settings) => new Pcfg(settings) { Text = text });

    const string Stream = "stream";
    static readonly IReadOnlyDictionary<string, int> ids = words.Index().ToDictionary(word => word.Item, word => word.Index);

    readonly int sentences, evaluated, evalBatch;
    readonly SentimentForm? form;

    Pcfg(Settings settings)
    {
        sentences = settings.Integer("sentences");
        evaluated = settings.Integer("eval_sentences");
        evalBatch = settings.Integer("eval_batch");
        form = settings.Choice("form") == Stream ? null : SentimentForm.Read(settings);
    }

    internal static bool IsWord(string symbol) => ids.ContainsKey(symbol);

    /// <summary>The expected loss in nats a token of the grammar itself, which no model can beat: entropy over length of a sentence, its end counted.</summary>
    public static double Floor { get; } = Grammar.Entropy / (Grammar.Length + 1);

    /// <inheritdoc/>
    public override InputKind Input => form?.Input(words.Count) ?? new InputKind.Tokens(words.Count);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(form is null ? words.Count : SentimentTree.LabelCount);

    /// <inheritdoc/>
    public override Readout Readout => form?.Readout ?? Readout.EveryStep;

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics => form is null ? Tasks.Metrics.Language("token") : [Tasks.Metrics.Loss("nats"), Tasks.Metrics.Accuracy("accuracy", Batch.Trained)];

    /// <summary>The expected loss of a model that knows how often each token occurs and no context: the entropy of these frequencies.</summary>
    public override double? Baseline => form is not null ? null : words.Sum(word =>
    {
        var share = (word == EndOfSentence ? 1 : Grammar.Frequency(word)) / (Grammar.Length + 1);
        return -share * Math.Log(share);
    });

    /// <summary>The project's choice: a perplexity 2 % above the floor; for sentiment a loss that proves an accuracy of 99 %.</summary>
    public override double? Solved => form is null ? Floor + Math.Log(1.02) : Tasks.Metrics.LossThatProves(0.99);

    /// <inheritdoc/>
    public override string Protocol => form is not null ? Judged : string.Create(CultureInfo.InvariantCulture,
        $"{sentences} sentences to train on, {evaluated} each for validation and test, drawn from the seed; every token is predicted and counted once, "
        + $"<eos> at the end of each sentence included, the first from <eos>. Evaluation batch {evalBatch}: the sentences as one stream in as many "
        + $"contiguous rows, each from the zero state with the token before it as first input, state carried along the row. "
        + $"Vocabulary of {words.Count}. The grammar's own loss is {Floor:F4} nats a token in expectation (perplexity {Math.Exp(Floor):F3}), the floor "
        + $"of every model; a drawn test set lies a little above or below. Solved: a perplexity 2 % above the floor.");

    string Judged => $"{sentences} sentences to train on, {evaluated} each for validation and test, drawn from the seed, with five classes of sentiment that "
        + $"follow from their words: good things count up, bad ones down, and who fears a thing turns its sentiment around. {form!.Protocol}";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes => [form is null ? LanguageRecipes.Plain : PcfgSentiment.Plain];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context)
    {
        var provenance = new Dictionary<string, string> { ["data"] = "generated" };
        return form is null ? new TokenStreams(context, Splits(Tokens), ids[EndOfSentence], evalBatch, provenance)
            : form.Open(context, Splits(Trees), ids, label => label, provenance, vectors: null);

        Dictionary<Split, T[]> Splits<T>(Func<string, int, T[]> draw) => new()
        {
            [Split.Train] = draw("train", sentences), [Split.Valid] = draw("valid", evaluated), [Split.Test] = draw("test", evaluated),
        };

        SentimentTree[] Trees(string name, int count)
        {
            var random = context.Stream(name);
            return [.. Enumerable.Range(0, count).Select(_ => PcfgSentiment.Tree(Grammar.Derive(random)))];
        }

        int[] Tokens(string name, int count)
        {
            var random = context.Stream(name);
            return [.. Enumerable.Range(0, count).SelectMany(_ => Grammar.Draw(random, out double _).Append(EndOfSentence)).Select(word => ids[word])];
        }
    }
}
