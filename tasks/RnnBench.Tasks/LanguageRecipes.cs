using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>How language models are trained, paper by paper.</summary>
static class LanguageRecipes
{
    public static Recipe Plain { get; } = new("plain", "the project's own, for short runs and slices of the data", new Dictionary<string, string>
    {
        ["batch"] = "20",
        ["bptt"] = "20",
        ["optimizer"] = "adam",
        ["learning_rate"] = "0.002",
        ["clip_norm"] = "1",
        ["loss"] = "mean",
        ["epochs"] = "5",
        ["model.hidden"] = "128",
    });

    /// <summary>For vocabularies of hundreds of thousands of words; the cutoffs are those of Dauphin et al. 2017 for the same text.</summary>
    public static Recipe PlainAdaptive { get; } = new("plain", Plain.Source, new Dictionary<string, string>(Plain.Settings)
    {
        ["softmax"] = "adaptive", ["cutoffs"] = "[10000,20000,200000]", ["epochs"] = "1",
    });

    /// <summary>
    /// Dauphin, Fan, Auli and Grangier 2017, arXiv 1612.08083, the sizes of GCNN-8: lookup 280, layers of width 900 and kernel 4, adaptive softmax,
    /// stochastic gradient descent with Nesterov's momentum 0.99 at rate 1, clipped at 0.1. Windows of 1024 tokens, one a batch; as in the later code
    /// of the group the rate is halved on a plateau.
    /// </summary>
    public static Recipe Gcnn { get; } = new("gcnn-8", "Dauphin, Fan, Auli and Grangier 2017, the small network", new Dictionary<string, string>
    {
        ["batch"] = "1",
        ["bptt"] = "1024",
        ["optimizer"] = "sgd",
        ["momentum"] = "0.99",
        ["nesterov"] = "true",
        ["learning_rate"] = "1",
        ["decay"] = "0.5",
        ["plateau"] = "1",
        ["clip_norm"] = "0.1",
        ["loss"] = "mean",
        ["embedding"] = "280",
        ["softmax"] = "adaptive",
        ["cutoffs"] = "[10000,20000,200000]",
        ["epochs"] = "35",
        ["model.hidden"] = "900",
        ["model?.layers"] = "8",
        ["model?.kernel"] = "4",
    });

    public static Recipe PlainCharacters { get; } = new("plain", "the project's own, for short runs and slices of the data",
        new Dictionary<string, string>(Plain.Settings) { ["batch"] = "50", ["bptt"] = "50", ["embedding"] = "64" });

    /// <summary>
    /// Karpathy, Johnson and Li 2015, arXiv 1506.02078, two layers of 256 of their sizes; they used it on other texts. Each element of the
    /// gradient is clipped to 5. Rate 2e-3, from epoch 10 on 0.95 of it an epoch.
    /// </summary>
    public static Recipe Karpathy { get; } = new("karpathy", "Karpathy, Johnson and Li 2015, for characters; on other texts",
        new Dictionary<string, string>
        {
            ["batch"] = "100",
            ["bptt"] = "100",
            ["optimizer"] = "rmsprop",
            ["rms_decay"] = "0.95",
            ["learning_rate"] = "0.002",
            ["decay"] = "0.95",
            ["decay_after"] = "10",
            ["clip_value"] = "5",
            ["loss"] = "mean",
            ["init"] = "uniform:0.08",
            ["epochs"] = "50",
            ["model.hidden"] = "256",
            ["model.layers"] = "2",
        });

    /// <summary>
    /// Zaremba, Sutskever and Vinyals 2014, arXiv 1409.2329, section 4.1; forget biases start like all other weights. Published perplexities on
    /// validation and test: small 120.7 and 114.5, medium 86.2 and 82.7, large 82.2 and 78.4. The medium and large rate falls by 1/1.2 and
    /// 1/1.15 an epoch.
    /// </summary>
    public static IReadOnlyList<Recipe> Zaremba { get; } =
    [
        //        name     hidden  uniform bptt dropout decay              full epochs clip
        Of("small",   "200",  "0.1",  "20", "0",    "0.5",                "4",  "13", "5"),
        Of("medium",  "650",  "0.05", "35", "0.5",  "0.8333333333333334", "6",  "39", "5"),
        Of("large",   "1500", "0.04", "35", "0.65", "0.8695652173913043", "14", "55", "10"),
    ];

    static Recipe Of(
        string size, string hidden, string uniform, string bptt, string dropout, string decay, string full, string epochs, string clip) =>
        new($"zaremba-{size}", $"Zaremba, Sutskever and Vinyals 2014, the {size} network", new Dictionary<string, string>
        {
            ["batch"] = "20",
            ["bptt"] = bptt,
            ["optimizer"] = "sgd",
            ["learning_rate"] = "1",
            ["decay"] = decay,
            ["decay_after"] = full,
            ["clip_norm"] = clip,
            ["loss"] = "sum_steps",
            ["dropout"] = dropout,
            ["init"] = $"uniform:{uniform}",
            ["embedding"] = "0",
            ["epochs"] = epochs,
            ["model.hidden"] = hidden,
            ["model.layers"] = "2",
            ["model?.forget_bias"] = "0",
        });
}
