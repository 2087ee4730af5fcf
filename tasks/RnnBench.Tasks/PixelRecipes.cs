using RnnBench.Language;

namespace RnnBench.Tasks;

/// <summary>How pixel-by-pixel MNIST is trained, paper by paper.</summary>
static class PixelRecipes
{
    public static Recipe Plain { get; } = new("plain", "the project's own", new Dictionary<string, string>
    {
        ["batch"] = "100",
        ["optimizer"] = "adam",
        ["learning_rate"] = "0.001",
        ["clip_norm"] = "1",
        ["loss"] = "mean",
        ["epochs"] = "10",
        ["model.hidden"] = "128",
    });

    /// <summary>Chang et al. 2017, arXiv 1710.02224, from their code: nine layers of 20, 30 000 steps, no clipping.</summary>
    public static Recipe Dilated { get; } = new("dilated-rnn", "Chang et al. 2017, their code", new Dictionary<string, string>
    {
        ["batch"] = "128",
        ["optimizer"] = "rmsprop",
        ["rms_decay"] = "0.9",
        ["learning_rate"] = "0.001",
        ["loss"] = "mean",
        ["steps"] = "30000",
        ["model.hidden"] = "20",
        ["model.layers"] = "9",
    });

    /// <summary>The LSTM of Bai, Kolter and Koltun 2018, arXiv 1803.01271; published accuracies 87.2 % sequential, 85.7 % permuted.</summary>
    /// <param name="forgetBias">1 for the sequential, 10 for the permuted form.</param>
    public static Recipe Bai(string forgetBias) => new("bai",
        "Bai et al. 2018, their LSTM; batch and epochs are those of their convolutional network, the LSTM's are not stated",
        new Dictionary<string, string>
        {
            ["batch"] = "64",
            ["optimizer"] = "rmsprop",
            ["learning_rate"] = "0.001",
            ["clip_norm"] = "1",
            ["loss"] = "mean",
            ["epochs"] = "20",
            ["model.hidden"] = "130",
            ["model?.forget_bias"] = forgetBias,
        });
}
