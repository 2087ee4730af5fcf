using System.Globalization;
using System.Text;
using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>
/// A sum or difference of two numbers in characters, with letters strewn in that mean nothing, and then its result, character by character:
/// <c>3e36d9-h1h39f94eeh43keg3c=-13991064.</c> asks for 3369 - 13994433. A full stop ends the result.
/// </summary>
/// <remarks>Jozefowicz, Zaremba and Sutskever 2015, "An Empirical Exploration of Recurrent Network Architectures", the task "arithmetic".</remarks>
public sealed class Arithmetic : BenchTask
{
    const string Letters = "abcdefghijklmnopqrstuvwxyz", Alphabet = Letters + "0123456789+-=.";

    /// <summary>Its line of the catalogue.</summary>
    public static TaskEntry Entry { get; } = new("arithmetic", "Sums and differences in characters", "Jozefowicz et al. 2015",
    [
        Setting.Integer("digits", 8, "most digits of a number", min: 1, max: 15),
        Setting.Integer("distractors", 3, "most letters between two characters that count", min: 0, max: 20),
        Setting.Integer("eval_sequences", 1000, "sequences in the validation set, and in the test set", min: 1, max: 100_000),
    ],
    (text, settings) => new Arithmetic(settings) { Text = text });

    readonly int digits, distractors, evaluated;

    Arithmetic(Settings settings)
    {
        digits = settings.Integer("digits");
        distractors = settings.Integer("distractors");
        evaluated = settings.Integer("eval_sequences");
    }

    /// <inheritdoc/>
    public override InputKind Input => new InputKind.OneHot(Alphabet.Length);

    /// <inheritdoc/>
    public override TargetKind Target => new TargetKind.Classes(Alphabet.Length);

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> Metrics { get; } = [Tasks.Metrics.Loss("nats"), Tasks.Metrics.Accuracy("accuracy", Batch.Trained)];

    /// <summary>The entropy of the result's characters, as measured: what a model pays that knows how often each occurs.</summary>
    public override double? Baseline => SymbolSequence.Unigram(Draw);

    /// <summary>The project's choice: the loss that proves an accuracy of 99 %.</summary>
    public override double? Solved => Tasks.Metrics.LossThatProves(0.99);

    /// <inheritdoc/>
    public override string Protocol =>
        $"Jozefowicz et al. 2015, with these choices where the study leaves them open: each number has 1 to {digits} digits, each count equally "
        + $"likely, no leading zero; plus and minus equally likely; 0 to {distractors} letters between two characters up to the =, each count equally "
        + "likely, letters uniform. 40 symbols. Trained and judged on the characters of the result alone, the full stop included, each from "
        + $"those before it as they should be. {GeneratedData.Protocol(evaluated)} Shorter sequences are filled up at the end with steps that "
        + "do not count. Solved: a mean loss that proves an accuracy of 99 %.";

    /// <inheritdoc/>
    public override IReadOnlyList<Recipe> Recipes { get; } = [LongLags.Plain, GateImportance.Study];

    /// <inheritdoc/>
    public override ITaskData Open(TaskContext context) =>
        GateImportance.Data(context, evaluated, (2L * digits + 2) * (distractors + 1) * Alphabet.Length, Draw);

    SymbolSequence Draw(Random random)
    {
        var (question, result) = Expression(random);
        int[] symbols = [.. (question + result).Select(c => Alphabet.IndexOf(c))];
        return SymbolSequence.NextOf(symbols, (Batch.Trained, at => at >= question.Length));
    }

    (string Question, string Result) Expression(Random random)
    {
        var (first, second, plus) = (Number(random), Number(random), random.Next(2) == 0);
        var result = plus ? Value(first) + Value(second) : Value(first) - Value(second);
        var question = new StringBuilder();
        foreach (var c in $"{first}{(plus ? '+' : '-')}{second}=")
        {
            if (question.Length > 0)
                for (var more = random.Next(distractors + 1); more > 0; more--) question.Append(Letters[random.Next(Letters.Length)]);
            question.Append(c);
        }
        return (question.ToString(), result.ToString(CultureInfo.InvariantCulture) + ".");

        static long Value(string number) => long.Parse(number, CultureInfo.InvariantCulture);
    }

    string Number(Random random)
    {
        var length = random.Next(1, digits + 1);
        return string.Concat(Enumerable.Range(0, length).Select(at => (char)('0' + random.Next(at == 0 && length > 1 ? 1 : 0, 10))));
    }
}
