using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>The recipes that the tasks of long-term dependence have in common.</summary>
static class LongLags
{
    public static Recipe Plain { get; } = new("plain", "the project's default for a sweep on equal terms", new Dictionary<string, string>
    {
        ["batch"] = "50",
        ["optimizer"] = "adam",
        ["learning_rate"] = "0.001",
        ["clip_norm"] = "1",
        ["loss"] = "mean",
        ["steps"] = "20000",
        ["model.hidden"] = "128",
    });

    /// <param name="hidden">The width of the paper's LSTM.</param>
    public static Recipe Arjovsky(int hidden) => new("arjovsky",
        "Arjovsky et al. 2016, their LSTM baseline; they draw from 100 000 fixed sequences, here sequences are fresh",
        new Dictionary<string, string>
        {
            ["batch"] = "20",
            ["optimizer"] = "rmsprop",
            ["learning_rate"] = "0.001",
            ["rms_decay"] = "0.9",
            ["clip_value"] = "1",
            ["loss"] = "mean",
            ["steps"] = "20000",
            ["model.hidden"] = hidden.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
}
