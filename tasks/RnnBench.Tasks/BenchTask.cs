using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>What goes into a model at each step.</summary>
public abstract record InputKind
{
    InputKind() { }
    /// <summary>Ids of a vocabulary, to be embedded.</summary>
    public sealed record Tokens(int Vocabulary) : InputKind;
    /// <summary>Ids of a small alphabet, each a one-hot vector.</summary>
    public sealed record OneHot(int Symbols) : InputKind;
    /// <summary>Real vectors.</summary>
    public sealed record Real(int Width) : InputKind;
    /// <summary>
    /// Nodes of trees, with ids of a vocabulary at those that have a word. A batch is a forest, see <see cref="Batch.Children"/>: its steps are the
    /// nodes of all its trees one after the other, and its size is 1.
    /// </summary>
    /// <param name="Vocabulary">V.</param>
    /// <param name="Arity">The most children of a node, K.</param>
    public sealed record Trees(int Vocabulary, int Arity) : InputKind;
}

/// <summary>Which outputs of a model are judged.</summary>
public enum Readout
{
    /// <summary>Those of every step (for trees of every node): a batch has T*B places for targets.</summary>
    EveryStep,
    /// <summary>
    /// Those after the whole sequence: of each direction of the top layer the output of its own last step, which is the last real step of the
    /// sequence forward and the first one backward. A batch has B places for targets.
    /// </summary>
    Final,
}

/// <summary>What comes out of a model and how it is judged.</summary>
public abstract record TargetKind
{
    TargetKind(int outputs) => Outputs = outputs;
    /// <summary>How many numbers a model gives at each step.</summary>
    public int Outputs { get; }
    /// <summary>One of some classes, judged by cross-entropy in nats.</summary>
    public sealed record Classes(int Count) : TargetKind(Count);
    /// <summary>Real vectors, judged by squared error.</summary>
    public sealed record Real(int Width) : TargetKind(Width);
    /// <summary>Independent bits, judged by the negative log-likelihood in nats, summed over the bits; an output is the log-odds of its bit.</summary>
    public sealed record Binary(int Width) : TargetKind(Width);
}

/// <summary>
/// One batch, as plain arrays in time-major order: element (t, b) lies at t * <see cref="Size"/> + b. Targets have P places: T*B in this order,
/// or B where only the final output is judged (<see cref="Readout"/>). A target counts where its weight is not zero.
/// </summary>
public sealed record Batch
{
    /// <summary>T.</summary>
    public required int Steps { get; init; }
    /// <summary>B.</summary>
    public required int Size { get; init; }
    /// <summary>
    /// Input ids [T*B], for <see cref="InputKind.Tokens"/>, <see cref="InputKind.OneHot"/> and <see cref="InputKind.Trees"/>, where -1 stands at nodes
    /// without a word, whose input is zero.
    /// </summary>
    public int[]? Ids { get; init; }
    /// <summary>
    /// For <see cref="InputKind.Trees"/> the children of each node [N*K], N = <see cref="Steps"/>, in their order, by their numbers in the forest;
    /// a child stands before its parent, and -1 for none.
    /// </summary>
    public int[]? Children { get; init; }
    /// <summary>For each step [T*B] the number of the clause that it belongs to, rising from 0, for models that read clause by clause; null where the task knows none.</summary>
    public int[]? Clauses { get; init; }
    /// <summary>How many steps of each sequence are real, [B], the rest being padding at its end; null where all are.</summary>
    public int[]? Lengths { get; init; }
    /// <summary>Input values [T*B*I], for <see cref="InputKind.Real"/>.</summary>
    public float[]? Values { get; init; }
    /// <summary>Target classes [P], for <see cref="TargetKind.Classes"/>.</summary>
    public int[]? Labels { get; init; }
    /// <summary>Target values [P*O], for <see cref="TargetKind.Real"/>.</summary>
    public float[]? Targets { get; init; }
    /// <summary>Target bits [P*O], 0 or 1, for <see cref="TargetKind.Binary"/>.</summary>
    public float[]? Bits { get; init; }
    /// <summary>
    /// For each group of targets (by name) the weights [P], 0 or 1. The group <see cref="Trained"/> is the one that the training loss
    /// averages over; the others are for metrics only.
    /// </summary>
    public required IReadOnlyDictionary<string, float[]> Groups { get; init; }
    /// <summary>The number of places for targets, P.</summary>
    public int Places => Groups[Trained].Length;
    /// <summary>Whether the state is zero before this batch; false where it is carried over from the batch before.</summary>
    public required bool StartsFresh { get; init; }

    /// <summary>The name of the group that the training loss is taken over.</summary>
    public const string Trained = "all";
}

/// <summary>Sums over the targets of a group, from which metrics are computed.</summary>
/// <param name="Count">How many targets.</param>
/// <param name="Loss">The sum of their losses: nats, or squared errors.</param>
/// <param name="Correct">How many had the largest score at the right class; 0 where there are no classes.</param>
public readonly record struct Totals(long Count, double Loss, long Correct)
{
    /// <summary>Totals of both.</summary>
    public static Totals operator +(Totals a, Totals b) => new(a.Count + b.Count, a.Loss + b.Loss, a.Correct + b.Correct);
}

/// <summary>A figure by which a task judges a model.</summary>
/// <param name="Name">As the store and the reports call it: <c>loss</c>, <c>perplexity</c>, <c>recall_accuracy</c>.</param>
/// <param name="Unit">nats, bits, fraction, squared error, perplexity.</param>
/// <param name="LowerIsBetter">The direction.</param>
/// <param name="Of">The figure from the totals of each group.</param>
public sealed record Metric(string Name, string Unit, bool LowerIsBetter, Func<IReadOnlyDictionary<string, Totals>, double> Of);

/// <summary>What a task is given when it is opened.</summary>
/// <param name="BatchSize">B of training.</param>
/// <param name="Bptt">Steps of a training chunk, for tasks that read a stream; others ignore it.</param>
/// <param name="Stream">
/// A fresh generator for a purpose, the same for the same name and root seed: <c>Stream("train/17")</c>. Data depends on this alone, never on
/// the model.
/// </param>
/// <param name="DataFolder">Where data sets lie, or null where none was given.</param>
public sealed record TaskContext(int BatchSize, int Bptt, Func<string, Random> Stream, string? DataFolder);

/// <summary>The parts of a task's data.</summary>
public enum Split
{
    /// <summary>For learning.</summary>
    Train,
    /// <summary>For choosing.</summary>
    Valid,
    /// <summary>For the final figure.</summary>
    Test,
}

/// <summary>A task that has its data at hand. Batches are asked for by number, so that a resumed run sees what it would have seen.</summary>
public interface ITaskData : IDisposable
{
    /// <summary>Training batches in an epoch; null where every batch is fresh and there are no epochs.</summary>
    int? BatchesPerEpoch { get; }

    /// <summary>A training batch.</summary>
    /// <param name="index">Its number since the start of the run, from 0; with epochs, epoch * <see cref="BatchesPerEpoch"/> + place.</param>
    Batch Training(long index);

    /// <summary>The batches of a fixed evaluation pass, in order; every target is counted once.</summary>
    IEnumerable<Batch> Evaluation(Split split);

    /// <summary>Vectors that words start from, by id, where the task has some; the others start at random.</summary>
    IReadOnlyDictionary<int, float[]>? Vectors => null;

    /// <summary>The ids of the vocabulary by falling frequency in the training data; null where the task does not say, or the ids are so already.</summary>
    IReadOnlyList<int>? ByFrequency => null;

    /// <summary>What determines the data, for the record: file names with their SHA-256, or "generated".</summary>
    IReadOnlyDictionary<string, string> Provenance { get; }
}

/// <summary>One task: what goes in, what comes out, how it is judged. One file, one line of the catalogue.</summary>
public abstract class BenchTask
{
    /// <summary>The canonical notation with all settings that differ from their defaults: <c>copy(T=50)</c>.</summary>
    public required string Text { get; init; }
    /// <summary>What a step's input is.</summary>
    public abstract InputKind Input { get; }
    /// <summary>What a step's target is.</summary>
    public abstract TargetKind Target { get; }
    /// <summary>Which outputs are judged.</summary>
    public virtual Readout Readout => Readout.EveryStep;
    /// <summary>The figures, the one that decides first.</summary>
    public abstract IReadOnlyList<Metric> Metrics { get; }
    /// <summary>What the deciding figure is for a model that has learnt nothing but the obvious, or null where nobody knows.</summary>
    public abstract double? Baseline { get; }
    /// <summary>The level of the deciding figure at which the task counts as solved, or null where there is none.</summary>
    public abstract double? Solved { get; }
    /// <summary>The evaluation protocol in words: what is counted, whether state is carried, the evaluation batch.</summary>
    public abstract string Protocol { get; }
    /// <summary>The ways to train on it, the default first.</summary>
    public abstract IReadOnlyList<Recipe> Recipes { get; }
    /// <summary>Reads or prepares the data.</summary>
    /// <exception cref="UserError">A file is missing or damaged; the message names file and line.</exception>
    public abstract ITaskData Open(TaskContext context);
}

/// <summary>One line of the tasks' catalogue.</summary>
/// <param name="Id">The id.</param>
/// <param name="Title">The name in words.</param>
/// <param name="Source">Authors, year.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Make">Makes the task from its canonical notation and settings.</param>
public sealed record TaskEntry(string Id, string Title, string Source, IReadOnlyList<Setting> Settings, Func<string, Settings, BenchTask> Make)
{
    /// <summary>Builds the task that a notation names.</summary>
    /// <exception cref="UserError">Unknown task or setting, or a value out of range.</exception>
    public static BenchTask Build(IReadOnlyList<TaskEntry> catalog, Notation notation)
    {
        var entry = catalog.FirstOrDefault(e => e.Id == notation.Id)
            ?? throw new UserError($"there is no task {notation.Id}; there are {string.Join(", ", catalog.Select(e => e.Id))}.");
        if (notation.Ablations.Count > 0) throw new UserError($"task {notation.Id}: [{notation.Ablations[0]}] is a rewriting, which only models have.");
        var settings = Language.Settings.Read($"task {notation.Id}", entry.Settings, notation.Settings);
        return entry.Make(new Notation(notation.Id, [.. settings.Written], []).ToString(), settings);
    }
}
