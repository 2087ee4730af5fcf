using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>What the generated tasks of the gate-importance study have in common (Jozefowicz, Zaremba and Sutskever 2015).</summary>
static class GateImportance
{
    /// <summary>
    /// The study searches at random, so that there is no one recipe of it. This is the middle of its grid; its schedule (the rate falls when
    /// the validation error no longer does) is left out, and so are its chunks of 35 steps: a sequence is trained on whole.
    /// </summary>
    public static Recipe Study { get; } = new("jozefowicz", "Jozefowicz et al. 2015, the middle of their search grid, constant rate",
        new Dictionary<string, string>
        {
            ["batch"] = "20",
            ["optimizer"] = "sgd",
            ["learning_rate"] = "1",
            ["clip_norm"] = "5",
            ["loss"] = "sum_steps",
            ["steps"] = "20000",
            ["model.hidden"] = "128",
        });

    public static ITaskData Data(TaskContext context, int evaluated, long cells, Func<Random, SymbolSequence> draw) =>
        new GeneratedData(context, evaluated, cells, (random, size) => SymbolSequence.Padded([.. Enumerable.Range(0, size).Select(_ => draw(random))]));
}
