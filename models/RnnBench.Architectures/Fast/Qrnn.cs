using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The quasi-recurrent network: a causal convolution makes candidate and gates for all steps at once, then pooling mixes over time.</summary>
/// <remarks>Bradbury, Merity, Xiong and Socher 2017, ICLR, arXiv:1611.01576; f = 1 keeps. With biases, as in the authors' code.</remarks>
public sealed class Qrnn : Module
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("qrnn", request => new Qrnn(request))
    {
        Title = "Quasi-recurrent network",
        Source = "Bradbury, Merity, Xiong and Socher 2017, ICLR, arXiv:1611.01576",
        Family = "fast",
        Settings =
        [
            Architecture.Hidden, Architecture.Layers,
            Setting.Integer("kernel", 2, "the taps k of the convolution", max: 10_000),
            Setting.Choice("pooling", "fo", "what mixes over time: f alone, with an output gate (fo), or with input and output gates (ifo)", "f", "fo", "ifo"),
            Setting.Real("zoneout", 0, "the probability that a unit keeps its cell", 0, 1),
            Setting.Choice("zoneout_mode", "expected", "zoneout by its expectation, or by masks in training", "expected", "mask"),
            Setting.Flag("dense", false, "every layer reads the input and all layers below it"),
        ],
        RewritesInside = true,
        Recipes =
        [
            Recipe.Of("ptb", "Bradbury et al. 2017, words of the Penn Treebank",
                "batch=20 bptt=105 optimizer=sgd learning_rate=1 decay=0.95 decay_after=6 weight_decay=2e-4 clip_norm=10 dropout=0.5 loss=sum_steps epochs=72 model.hidden=640 model.layers=2 model.zoneout=0.1 model.zoneout_mode=mask"),
            Recipe.Of("imdb", "Bradbury et al. 2017, sentiment; dropout of the input too",
                "batch=24 optimizer=rmsprop learning_rate=0.001 weight_decay=4e-6 dropout=0.3 embedding=300 model.hidden=256 model.layers=4 model.dense=true"),
            Recipe.Of("wikitext-103", "the authors' language models, one kernel width for all layers", "batch=60 bptt=140 optimizer=adam learning_rate=0.001 decay=0.1 decay_after=12 epochs=14 embedding=400 model.hidden=2500 model.layers=4 model.kernel=1"),
            Recipe.ForDrawnBatches,
        ],
    };

    readonly int layers, hidden, taps;
    readonly double zoneout;
    readonly bool dense, masks;
    readonly string letters;

    Qrnn(ModelRequest request) : base(request)
    {
        (layers, hidden, taps) = (Settings.Integer("layers"), Settings.Integer("hidden"), Settings.Integer("kernel"));
        (zoneout, dense) = (Settings.Real("zoneout"), Settings.Flag("dense"));
        masks = zoneout > 0 && Settings.Choice("zoneout_mode") == "mask";
        letters = Settings.Choice("pooling") switch { "f" => "zf", "fo" => "zfo", _ => "zfoi" };
        Equation("a^q_t = Σ_j W_q[:,:,j] x_{t-(k-1)+j}, the operand of q below", @"a^q_t &= \sum_j W_q^{(j)} x_{t-(k-1)+j}");
        for (var l = 0; l < layers; l++)
        {
            var (at, width) = (Prefix(l, layers), l == 0 ? request.InputWidth : dense ? request.InputWidth + l * hidden : hidden);
            foreach (var q in letters) Weight($"{at}W_{q}", new Initial.FanIn(1), new Width(hidden, "H"), new Width(width, "n"), new Width(taps, "k"));
            var cell = request.Rewritten(new Pool(letters, masks ? null : zoneout).Define(request.Architecture.Id, new Width((letters.Length + (masks ? 1 : 0)) * hidden, "a"), new Width(hidden, "H")));
            var start = new Initial.Uniform(1 / Math.Sqrt(width * taps));
            HasInside(at, new Stack(request.Text, request.Architecture, [[new Scan("", cell, false)]], cell.Input.Size, false, false, [new("b_*", start)]));
            if (taps > 1) HasState(new ModelState(at + "x", 1, taps - 1, width));
            Costing(at, (string.Join(", ", letters.Select(q => $"W_{q} * x")), 2L * letters.Length * taps * width * hidden));
        }
        HasState(new ModelState("c", layers, 1, hidden));
        HasOutput(hidden);
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var (cells, below) = (new List<Tensor>(), new List<Tensor> { x });
        for (var l = 0; l < layers; l++)
        {
            var (at, input) = (Prefix(l, layers), dense ? cat(below, -1) : below[^1]);
            if (l > 0) input = pass.Between(input);
            var window = taps > 1 ? pass.Past(at + "x", input) : input;
            var kernel = cat([.. letters.Select(q => pass[$"{at}W_{q}"])], 0);
            var sums = nn.functional.conv1d(window.permute(1, 2, 0), kernel).permute(2, 0, 1);
            if (masks) sums = cat([sums, Mask(pass, l, x)], -1);
            var c = layers > 1 ? pass.State("c")[l] : pass.State("c");
            var run = pass.Inside(at, sums, new Dictionary<string, Tensor> { ["c"] = c });
            foreach (var (gate, values) in run.Gates) pass.Gate(at + gate, values);
            cells.Add(run.State["c"]);
            below.Add(run.Output);
        }
        pass.Carry("c", layers > 1 ? stack(cells, 0) : cells[0]);
        return below[^1];
    }

    /// <summary>1 where a unit is updated; in evaluation its expectation.</summary>
    Tensor Mask(Pass pass, int layer, Tensor x)
    {
        long[] shape = [x.shape[0], x.shape[1], hidden];
        return pass.Noise(Prefix(layer, layers) + "zoneout", shape, random => random.NextDouble() < zoneout ? 0 : 1) ?? x.new_full(shape, 1 - zoneout);
    }

    /// <summary>The pooling, which reads the convolved inputs of z, f, o, i side by side, and a mask behind them.</summary>
    /// <param name="letters">z, f and the gates that there are.</param>
    /// <param name="zoneout">The probability that a unit keeps its cell, by expectation; null where a mask says so.</param>
    sealed class Pool(string letters, double? zoneout) : Cell
    {
        readonly State c = new();
        Expr? h;

        protected override Expr? Output => h;

        protected override void Equations(Input x)
        {
            var z = Let("z", tanh(Sum('z')));
            var forget = σ(Sum('f'));
            var f = Gate("f", zoneout is { } p ? p == 0 ? forget : 1 - (1 - p) * (1 - forget) : 1 - Part(letters.Length) * (1 - forget));
            var o = letters.Contains('o') ? Gate("o", σ(Sum('o'))) : null;
            var i = letters.Contains('i') ? Gate("i", σ(Sum('i'))) : null;
            c[t] = f * c[t-1] + (i ?? 1 - f) * z;
            if (o is not null) h = Let("h", o * c[t]);

            Expr Sum(char q) => Part(letters.IndexOf(q)) + new Vector("b", q.ToString());
            Expr Part(int k) => new Slice(x[t], k * H.Size, H, I.Size - (k + 1) * H.Size);
        }
    }
}
