using RnnBench.Language;
using RnnBench.Tasks.Data;

namespace RnnBench.Tasks;

/// <summary>
/// Polyphonic music: 88 notes that sound or do not, at each step; the notes of the next step are to be foretold, each for itself. Input [T,B,88],
/// target 88 bits, judged by the negative log-likelihood of independent Bernoullis, summed over the notes.
/// </summary>
/// <remarks>Boulanger-Lewandowski, Bengio and Vincent 2012, arXiv 1206.6392; judged as by Bai, Kolter and Koltun 2018, arXiv 1803.01271.</remarks>
public sealed class Music : BenchTask
{
    /// <summary>A set: its file, sequences and steps of training, validation and test as published, and the baseline as measured.</summary>
    sealed record Published(DataSet Files, (int Train, int Valid, int Test) Sequences, (int Train, int Valid, int Test) Steps, double Baseline);

    static readonly Dictionary<string, Published> sets = new()
    {
        //                                         sequences         steps                      baseline
        ["jsb"]        = new(DataSets.JsbChorales, (229, 76, 77),    (13_807, 4_602, 4_725),    10.986),
        ["nottingham"] = new(DataSets.Nottingham,  (694, 173, 170),  (176_561, 45_513, 44_463), 10.012),
        ["piano-midi"] = new(DataSets.PianoMidi,   (87, 12, 25),     (75_911, 8_540, 19_036),   11.496),
        ["musedata"]   = new(DataSets.MuseData,    (524, 135, 124),  (245_202, 82_755, 64_339), 11.852),
    };

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("music", "Polyphonic music", "Boulanger-Lewandowski et al. 2012",
        [Setting.Choice("set", "jsb", "JSB chorales, Nottingham folk tunes, Piano-midi.de or MuseData", [.. sets.Keys])],
        (text, settings) => new Music(settings) { Text = text });

    readonly Published set;

    Music(Settings settings) => set = sets[settings.Choice("set")];

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.Real(MusicFile.Notes);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Binary(MusicFile.Notes);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("nats")];

    /// <summary>
    /// The validation loss of a model that knows how often each note sounds in training, (n + 1) / (steps + 2), and nothing else, as measured.
    /// </summary>
    public override double? Baseline => set.Baseline;

    /// <inheritdoc/>
    public override double? Solved => null;

    /// <inheritdoc/>
    public override string Protocol =>
        $"{set.Files.Title}: {Of(set.Sequences)} sequences of {Of(set.Steps)} steps for training, validation and test. From the steps up to t the "
        + "88 notes of step t + 1, the first step being given. The loss is the negative log-likelihood of a step in nats, summed over the notes and "
        + "averaged over all predicted steps of the set (not over sequences first). Every sequence is read whole, from the zero state; evaluation "
        + $"in batches of {MusicSequences.EvaluationRows} of like length, filled up at the end with steps that do not count.";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } =
    [
        Recipe("plain", "the project's own", batch: "8", optimizer: "adam", clip: "1", hidden: "128"),
        Recipe("chung", "Chung et al. 2014, their GRU, without weight noise; they drew the rate, batch and epochs are not stated", "1", "rmsprop", "1", "46"),
        Recipe("bai", "Bai et al. 2018, as they train their network, at a constant rate; the width is the project's own", "1", "adam", "0.2", "150"),
    ];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context)
    {
        var (folder, name) = (set.Files.FolderFor(Text, context), set.Files.Files[0].Name);
        var file = MusicFile.Read(folder, name);
        Check("sequences", split => file.Splits[split].Length, set.Sequences);
        Check("steps", split => file.Splits[split].Sum(sequence => sequence.Length), set.Steps);
        return new MusicSequences(context, file.Splits, new Dictionary<string, string> { [name] = file.Sha256 });

        void Check(string what, Func<Split, int> count, (int, int, int) published)
        {
            var found = (count(Split.Train), count(Split.Valid), count(Split.Test));
            if (found != published) throw new UserError($"{FileBytes.Find(folder, name)} has {Of(found)} {what} for training, validation and test, "
                + $"that of {set.Files.Title} has {Of(published)}: another set, or another split. `rnnbench data list` says where to get it.");
        }
    }

    static string Of((int Train, int Valid, int Test) n) => $"{n.Train} / {n.Valid} / {n.Test}";

    static Recipe Recipe(string name, string source, string batch, string optimizer, string clip, string hidden) =>
        new(name, source, new Dictionary<string, string>
        {
            ["batch"] = batch,
            ["optimizer"] = optimizer,
            ["learning_rate"] = "0.001",
            ["clip_norm"] = clip,
            ["loss"] = "mean",
            ["epochs"] = "100",
            ["model.hidden"] = hidden,
        });
}
