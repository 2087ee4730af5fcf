using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>
/// Nested tags with random names, to be predicted character by character: <c>&lt;etdomp&gt;&lt;zbhbmg&gt;&lt;/zbhbmg&gt;</c>... Opening names are
/// noise; a closing tag must repeat the name of the one it closes.
/// </summary>
/// <remarks>Jozefowicz, Zaremba and Sutskever 2015, "An Empirical Exploration of Recurrent Network Architectures", the task "XML".</remarks>
public sealed class Xml : BenchTask
{
    /// <summary>The characters behind <c>&lt;/</c>, the <c>&gt;</c> included: what came before determines them.</summary>
    public const string Closing = "closing";

    const string Letters = "abcdefghijklmnopqrstuvwxyz", Alphabet = Letters + "</>";
    const int ShortestName = 2, LongestName = 10;

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("xml", "Nested tags in characters", "Jozefowicz et al. 2015",
    [
        Setting.Integer("T", 100, "steps, at each of which a character is predicted", min: 50, max: 100_000),
        Setting.Integer("depth", 5, "most tags that are open at once", min: 1, max: 1000),
        Setting.Integer("eval_sequences", 1000, "sequences in the validation set, and in the test set", min: 10, max: 100_000),
    ],
    (text, settings) => new Xml(settings) { Text = text });

    readonly int steps, depth, evaluated;

    Xml(Settings settings)
    {
        steps = settings.Integer("T");
        depth = settings.Integer("depth");
        evaluated = settings.Integer("eval_sequences");
    }

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.OneHot(Alphabet.Length);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(Alphabet.Length);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        Tasks.Metrics.Loss("nats"), Tasks.Metrics.Accuracy("accuracy", Batch.Trained),
        Tasks.Metrics.Mean("closing_loss", "nats", Closing), Tasks.Metrics.Accuracy("closing_accuracy", Closing),
    ];

    /// <summary>The entropy of the characters, as measured: what a model pays that knows how often each occurs.</summary>
    public override double? Baseline => SymbolSequence.Unigram(Draw);

    /// <summary>None: opening names cannot be foreseen. <c>closing_accuracy</c> can reach 1.</summary>
    public override double? Solved => null;

    /// <inheritdoc/>
    public override string Protocol =>
        $"Jozefowicz et al. 2015, with these choices where the study leaves them open: names of {ShortestName} to {LongestName} letters, each "
        + $"length equally likely, letters uniform; opening and closing equally likely, but closing where {depth} are open and opening where none is; "
        + $"a text begins with no tag open and is cut off after {steps + 1} characters. Every character but the first is predicted from those "
        + $"before it, trained on and counted; the closing figures count those behind </. {GeneratedData.Protocol(evaluated)}";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LongLags.Plain, GateImportance.Study];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context) => GateImportance.Data(context, evaluated, (long)steps * Alphabet.Length, Draw);

    SymbolSequence Draw(Random random)
    {
        var (text, open, closing) = (new StringBuilder(), new Stack<string>(), new HashSet<int>());
        while (text.Length <= steps)
        {
            var opens = open.Count == 0 || (open.Count < depth && random.Next(2) == 0);
            if (opens) open.Push(Name(random));
            text.Append(opens ? "<" : "</");
            var tag = (opens ? open.Peek() : open.Pop()) + ">";
            if (!opens) closing.UnionWith(Enumerable.Range(text.Length, tag.Length));
            text.Append(tag);
        }
        int[] symbols = [.. text.ToString(0, steps + 1).Select(c => Alphabet.IndexOf(c))];
        return SymbolSequence.NextOf(symbols, (Batch.Trained, _ => true), (Closing, closing.Contains));
    }

    static string Name(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(ShortestName, LongestName + 1)).Select(_ => Letters[random.Next(Letters.Length)]));
}
