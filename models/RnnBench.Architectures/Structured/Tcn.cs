using System.Globalization;
using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The temporal convolutional network: residual blocks of two causal convolutions, the dilation doubling from block to block; no gates.</summary>
/// <remarks>Bai, Kolter and Koltun 2018, arXiv:1803.01271. Dropout drops whole channels, as the paper says; the authors' script
/// drops elements. unit = glu is tried in their supplement.</remarks>
public sealed class Tcn : Convolution
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("tcn", request => new Tcn(request))
    {
        Title = "Temporal convolutional network",
        Source = "Bai, Kolter and Koltun 2018, arXiv:1803.01271",
        Family = "structured",
        Settings =
        [
            Architecture.Hidden,
            Setting.Integer("layers", 1, "the number of blocks", max: 20),
            Taps(2),
            WeightNorm,
            Setting.Flag("residual", true, "a block's input is added to its output, through W_d where widths differ"),
            Setting.Flag("dilate", true, "the dilation of block l is 2^l; without, that of every block is 1"),
            Setting.Choice("unit", "relu", "what follows a convolution: a rectifier, or a gate of a second convolution, A ⊙ σ(B)", "relu", "glu"),
            Setting.Real("dropout", 0, "the share of channels that are dropped after each convolution inside a block, the same at all steps", min: 0, max: 0.99),
        ],
        Recipes =
        [
            Recipe.Of("bai", "Bai et al. 2018", "optimizer=adam learning_rate=0.002 clip_norm=0.3 batch=32"),
            Recipe.Of("adding", "Bai et al. 2018, their code", "optimizer=adam learning_rate=0.004 batch=32 model.hidden=30 model.layers=8 model.kernel=7"),
            Recipe.Of("copy", "Bai et al. 2018, their code", "optimizer=rmsprop learning_rate=0.0005 batch=32 model.hidden=10 model.layers=8 model.kernel=8"),
            Recipe.Of("smnist", "Bai et al. 2018, their code", "optimizer=adam learning_rate=0.002 decay=0.1 decay_at=[10] batch=64 epochs=20 model.hidden=25 model.layers=8 model.kernel=7 model.dropout=0.05"),
            Recipe.Of("pmnist", "Bai et al. 2018, their code", "optimizer=adam learning_rate=0.002 decay=0.1 decay_at=[10] batch=64 epochs=20 model.hidden=25 model.layers=8 model.kernel=7 model.dropout=0.05"),
            Recipe.Of("music", "Bai et al. 2018, their code, Nottingham; their plateau is a figure worse than the worst of the last three, here three without a better one", "optimizer=adam learning_rate=0.001 decay=0.1 plateau=3 clip_norm=0.2 batch=1 epochs=100 model.hidden=150 model.layers=4 model.kernel=5 model.dropout=0.25"),
            Recipe.Of("ptb", "Bai et al. 2018, their code; their plateau is a figure no better than the worst of the last five, here five without a better one", "optimizer=sgd learning_rate=4 decay=0.5 plateau=5 clip_norm=0.35 batch=16 bptt=80 epochs=100 tied=true model.hidden=600 model.layers=4 model.kernel=3 model.dropout=0.45"),
            Recipe.Of("ptb-char", "Bai et al. 2018, their code; all blocks of one width, and their plateau is a figure worse than the worst of the last three, here three without a better one", "optimizer=sgd learning_rate=4 decay=0.1 plateau=3 clip_norm=0.15 batch=32 bptt=400 epochs=100 embedding=100 model.hidden=450 model.layers=3 model.kernel=3 model.dropout=0.1"),
        ],
    };

    readonly int hidden, layers;
    readonly bool residual, dilate, gated;
    readonly double dropout;

    Tcn(ModelRequest request) : base(request)
    {
        (hidden, layers, residual, dropout) = (Settings.Integer("hidden"), Settings.Integer("layers"), Settings.Flag("residual"), Settings.Real("dropout"));
        (dilate, gated) = (Settings.Flag("dilate"), Settings.Choice("unit") == "glu");
        for (var l = 0; l < layers; l++) Declare(l, Prefix(l, layers), new Width(l == 0 ? request.InputWidth : hidden, l == 0 ? "I" : "H"));
        HasOutput(hidden);
        foreach (var (name, place, of) in new[] { ("u", 1, "x"), ("v", 2, "u") })
            Equation(gated ? $"{name}_t = ((W_{place} *_d {of})_t + b_{place}) ⊙ σ((V_{place} *_d {of})_t + c_{place})" : $"{name}_t = max(0, (W_{place} *_d {of})_t + b_{place})",
                gated ? $@"{name}_t &= ((W_{place} *_d {of})_t + b_{place}) \odot \sigma((V_{place} *_d {of})_t + c_{place})" : $@"{name}_t &= \max(0, (W_{place} *_d {of})_t + b_{place})");
        if (residual) Equation("r_t = x_t, or W_d x_t + b_d where widths differ", @"r_t &= x_t \text{, or } W_d x_t + b_d \text{ where widths differ}");
        Equation(residual ? "y_t = max(0, v_t + r_t)" : "y_t = v_t", residual ? @"y_t &= \max(0, v_t + r_t)" : "y_t &= v_t");
    }

    /// <summary>The initialisation that takes effect in the authors' script: theirs is written over by the weight normalisation but for W_d.</summary>
    void Declare(int layer, string at, Width input)
    {
        var (h, k, dilation) = (new Width(hidden, "H"), new Width(Settings.Integer("kernel"), "k"), Dilation(layer));
        foreach (var (place, width) in new[] { ("1", input), ("2", h) })
        {
            var start = new Initial.Uniform(1 / Math.Sqrt((double)k.Size * width.Size));
            Kernel($"{at}W_{place}", start, h, width, k);
            Weight($"{at}b_{place}", start, h);
            if (gated)
            {
                Kernel($"{at}V_{place}", start, h, width, k);
                Weight($"{at}c_{place}", start, h);
                HasGates($"{at}gate{place}");
            }
            Remembers($"{at}past{place}", k.Size, dilation, width.Size);
        }
        var projects = residual && input.Size != hidden;
        if (projects)
        {
            Weight(at + "W_d", new Initial.Normal(0.01), h, input);
            Weight(at + "b_d", new Initial.Uniform(1 / Math.Sqrt(input.Size)), h);
        }
        var products = $"W_1 *_d x, {(gated ? "V_1 *_d x, " : "")}W_2 *_d u{(gated ? ", V_2 *_d u" : "")}{(projects ? ", W_d x" : "")}";
        Costing(at, (products, 2L * hidden * ((gated ? 2L : 1L) * k.Size * (input.Size + hidden) + (projects ? input.Size : 0))), elementwise: 4L * hidden);
    }

    int Dilation(int layer) => dilate ? 1 << layer : 1;

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        for (var l = 0; l < layers; l++)
        {
            var (at, into) = (Prefix(l, layers), l == 0 ? x : pass.Between(x));
            var v = Unit(pass, at, "2", Unit(pass, at, "1", into, l), l);
            x = !residual ? v : (v + (into.shape[2] == hidden ? into : nn.functional.linear(into, pass[at + "W_d"], pass[at + "b_d"]))).relu();
        }
        return x;
    }

    /// <summary>A convolution and what follows it; with a gate both convolutions are one with twice the channels.</summary>
    Tensor Unit(Pass pass, string at, string place, Tensor x, int layer)
    {
        var (w, b) = (Kernel(pass, $"{at}W_{place}"), pass[$"{at}b_{place}"]);
        if (gated) (w, b) = (cat([w, Kernel(pass, $"{at}V_{place}")], 0), cat([b, pass[$"{at}c_{place}"]], 0));
        var u = Convolve(pass, $"{at}past{place}", x, w, b, Dilation(layer));
        if (gated)
        {
            var both = u.chunk(2, -1);
            var gate = both[1].sigmoid();
            pass.Gate($"{at}gate{place}", gate);
            u = both[0] * gate;
        }
        else u = u.relu();
        return pass.Dropout(string.Create(CultureInfo.InvariantCulture, $"{at}dropout{place}"), u, dropout, 1, u.shape[1], u.shape[2]);
    }
}
