using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>
/// Read some symbols, then say them in their order: the task with which the gate-importance study weeds out cells that cannot remember.
/// <code>
/// input : s_1 ... s_n | 0 x n            s_i uniform on 1..S, with repetition; 0 is blank
/// target:             | s_1 ... s_n
/// </code>
/// </summary>
/// <remarks>Jozefowicz, Zaremba and Sutskever 2015, "An Empirical Exploration of Recurrent Network Architectures".</remarks>
public sealed class Memorise : BenchTask
{
    /// <summary>The accuracy that the study demands of a cell.</summary>
    const double Demanded = 0.95;

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("memorise", "Reproducing a few symbols", "Jozefowicz et al. 2015",
    [
        Setting.Integer("length", 5, "symbols to keep", min: 1, max: 10_000),
        Setting.Integer("symbols", 26, "different symbols", min: 2, max: 1000),
        Setting.Integer("eval_sequences", 1000, "sequences in the validation set, and in the test set", min: 1, max: 100_000),
    ],
    (text, settings) => new Memorise(settings) { Text = text });

    readonly int length, symbols, evaluated;

    Memorise(Settings settings)
    {
        length = settings.Integer("length");
        symbols = settings.Integer("symbols");
        evaluated = settings.Integer("eval_sequences");
    }

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.OneHot(symbols + 1);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(symbols + 1);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("nats"), Tasks.Metrics.Accuracy("accuracy", Batch.Trained)];

    /// <summary>Without memory every symbol is equally likely.</summary>
    public override double? Baseline => Math.Log(symbols);

    /// <summary>The loss that proves the accuracy of 95 % that the study demands.</summary>
    public override double? Solved => Tasks.Metrics.LossThatProves(Demanded);

    /// <inheritdoc/>
    public override string Protocol =>
        $"Jozefowicz et al. 2015: {length} of {symbols} symbols, then as many blank steps at which they are to be said in their order (the study "
        + $"does not say what is read there); only those steps are trained on and counted. {GeneratedData.Protocol(evaluated)} Solved: a mean loss "
        + "that proves the accuracy of 95 % that the study demands.";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LongLags.Plain, GateImportance.Study];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context) => GateImportance.Data(context, evaluated, 2L * length * (symbols + 1), Draw);

    SymbolSequence Draw(Random random)
    {
        int[] said = [.. Enumerable.Range(0, length).Select(_ => random.Next(1, symbols + 1))], blank = new int[length];
        var counted = new Dictionary<string, float[]> { [Batch.Trained] = [.. new float[length], .. Enumerable.Repeat(1f, length)] };
        return new SymbolSequence([.. said, .. blank], [.. blank, .. said], counted);
    }
}
