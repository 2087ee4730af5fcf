using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>How labelled trees are given to models: as trees, or their phrases as sequences; and which phrases train and judge.</summary>
/// <param name="Trees">Whether tree models read them; else sequence models do.</param>
/// <param name="Phrases">Whether every phrase is trained on, not the whole sentence alone.</param>
/// <param name="Spans">For sequences: phrases beside the sentence that are drawn afresh each epoch; 0 for all.</param>
/// <param name="JudgesPhrases">Whether every phrase is judged, not the whole sentence alone.</param>
sealed record SentimentForm(bool Trees, bool Phrases, int Spans, bool JudgesPhrases)
{
    /// <summary>Words that end a clause.</summary>
    static readonly HashSet<string> punctuation = [",", ";", ":", ".", "!", "?", "--", "..."];

    public static IReadOnlyList<Setting> Settings { get; } =
    [
        Setting.Choice("form", "sequence", "sentences as sequences of words, or as trees for tree models", "sequence", "tree"),
        Setting.Choice("labels", "phrases", "train on the label of every phrase, or of the whole sentence alone", "phrases", "root"),
        Setting.Integer("spans", 0, "form=sequence: phrases of a sentence beside the whole that an epoch draws; 0 for all of them", min: 0, max: 100),
        Setting.Choice("evaluate", "root", "judge whole sentences, or every phrase", "root", "phrases"),
    ];

    public static SentimentForm Read(Settings settings) =>
        new(settings.Choice("form") == "tree", settings.Choice("labels") == "phrases", settings.Integer("spans"), settings.Choice("evaluate") == "phrases");

    public InputKind Input(int vocabulary) => Trees ? new InputKind.Trees(vocabulary, Arity: 2) : new InputKind.Tokens(vocabulary);

    public Readout Readout => Trees ? Readout.EveryStep : Readout.Final;

    public string Protocol =>
        (Trees ? "Tree models read the binary trees, a batch as one forest. " : "Sequence models read the words and are judged by the output after the last; a clause ends with one of , ; : . ! ? -- and .... ")
        + (!Phrases ? "Trained on whole sentences alone. "
            : Trees ? "Trained on the label of every node. "
            : Spans == 0 ? "Every labelled phrase is a training sequence of its own. "
            : $"Trained on each sentence and {Spans} of its phrases, drawn afresh each epoch. ")
        + (JudgesPhrases ? "Judged: every phrase" : "Judged: whole sentences")
        + $", in batches of {(Trees ? LabelledForests.EvaluationTrees : LabelledSequences.EvaluationRows)}.";

    /// <summary>Trees as the data of a task.</summary>
    /// <param name="context">The batch and the streams.</param>
    /// <param name="splits">The trees.</param>
    /// <param name="ids">The id of each word.</param>
    /// <param name="classOf">The class of a label, or null where it has none.</param>
    /// <param name="provenance">Where they come from.</param>
    /// <param name="vectors">Word vectors by id, or null.</param>
    public ITaskData Open(TaskContext context, IReadOnlyDictionary<Split, SentimentTree[]> splits, IReadOnlyDictionary<string, int> ids,
        Func<int, int?> classOf, IReadOnlyDictionary<string, string> provenance, IReadOnlyDictionary<int, float[]>? vectors)
    {
        var kept = splits.ToDictionary(s => s.Key, s => s.Value.Where(tree => classOf(tree.Root) is not null).ToArray());
        return Trees ? Forests() : Sequences();

        ITaskData Forests() => new LabelledForests(context, [.. kept[Split.Train].Select(tree => Labelled(tree, Phrases))],
            split => kept[split].Select(tree => Labelled(tree, JudgesPhrases)), provenance) { Vectors = vectors };

        LabelledTree Labelled(SentimentTree tree, bool everywhere) => new(tree, [.. tree.Words.Select(word => word is null ? -1 : ids[word])],
            [.. tree.Labels.Select((label, node) => everywhere || node == tree.Nodes - 1 ? classOf(label) : null)]);

        ITaskData Sequences()
        {
            var sentences = kept[Split.Train].Select(PhrasesOf).ToArray();
            var drawn = Phrases && Spans > 0;
            var whole = sentences.SelectMany(phrases => Phrases ? phrases : phrases[^1..]).ToArray();
            var count = drawn ? sentences.Sum(phrases => 1 + Math.Min(Spans, phrases.Length - 1)) : whole.Length;
            return new LabelledSequences(context, count, epoch => drawn ? Draw(sentences, context.Stream($"spans/{epoch}")) : whole,
                split => kept[split].Select(PhrasesOf).SelectMany(phrases => JudgesPhrases ? phrases : phrases[^1..]), provenance) { Vectors = vectors };
        }

        LabelledSequence[] PhrasesOf(SentimentTree tree)
        {
            int[] words = [.. tree.Leaves.Select(word => ids[word])], clauses = Clauses(tree.Leaves);
            return [.. tree.Spans.Zip(tree.Labels.Select(classOf)).Where(s => s.Second is not null).Select(s => new LabelledSequence(words[s.First.Start..s.First.End], s.Second!.Value, clauses[s.First.Start..s.First.End]))];
        }
    }

    /// <summary>For each word how many clauses were ended before it.</summary>
    static int[] Clauses(IReadOnlyList<string> words)
    {
        var ended = 0;
        return [.. words.Select(word => punctuation.Contains(word) ? ended++ : ended)];
    }

    /// <summary>Each sentence, and some of its phrases.</summary>
    LabelledSequence[] Draw(LabelledSequence[][] sentences, Random random) =>
    [
        .. sentences.SelectMany(phrases =>
        {
            var parts = phrases[..^1].ToArray();
            random.Shuffle(parts);
            return parts.Take(Spans).Append(phrases[^1]);
        }),
    ];
}
