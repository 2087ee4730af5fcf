using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The trellis network: a causal convolution with an LSTM's nonlinearity, the same weights at every level and the input injected at each.</summary>
/// <remarks>
/// Bai, Kolter and Koltun 2019, "Trellis Networks for Sequence Modeling", ICLR, arXiv:1810.06682. The cell of a level is that of d steps ago one level
/// below, whatever the kernel; one pair of states stands before the sequence at every level.
/// </remarks>
public sealed class TrellisNet : Convolution
{
    static readonly string[] gates = ["i", "f", "o", "g"];

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("trellisnet", request => new TrellisNet(request))
    {
        Title = "Trellis network",
        Source = "Bai, Kolter and Koltun 2019, ICLR, arXiv:1810.06682",
        Family = "structured",
        Settings =
        [
            Architecture.Hidden,
            Setting.Integer("nout", 0, "the last channels of h that are the output; 0 for all", min: 0, max: 65_536),
            Setting.Integer("layers", 1, "the number of levels", max: 1000),
            Taps(2),
            Setting.Integers("dilation", [1], "dilations level by level, from the start again when they are used up"),
            WeightNorm,
            Setting.Real("aux", 0, "the weight of the losses of inner levels in training (deep supervision)", min: 0),
            Setting.Integer("aux_frequency", 0, "every how many levels there is such a loss; 0 for none", min: 0),
            Setting.Flag("repack", true, "the last h and c of a window are the states before the next"),
            Setting.Real("hidden_dropout", 0, "the share of h that is dropped before U, one mask for all steps and levels", min: 0, max: 0.99),
            Setting.Flag("gated", true, "a level is an LSTM cell; without, h = tanh of one convolution"),
            Setting.Flag("inject", true, "every level reads x; without, the first alone"),
            Setting.Flag("tied", true, "all levels have the same weights"),
            Setting.Real("weight_dropout", 0, "the share of the older taps of both kernels that is dropped", min: 0, max: 0.99),
        ],
        FixableGates = ["i", "f", "o"],
        Recipes =
        [
            Recipe.Of("bai", "Bai et al. 2019, what their recipes for Adam have in common", "optimizer=adam learning_rate=0.002 clip_norm=0.2"),
            Pixels("smnist"),
            Pixels("pmnist"),
            Recipe.Of("ptb", "Bai et al. 2019, their code, without dropout of whole words", "optimizer=sgd learning_rate=20 decay=0.25 plateau=10 weight_decay=1.2e-6 clip_norm=0.225 batch=16 bptt=110 "
                + "epochs=500 dropout=0.45 embedding=400 tied=true model.hidden=1400 model.nout=400 model.layers=58 model.weight_norm=false model.aux=0.05 model.aux_frequency=12 model.hidden_dropout=0.28 model.weight_dropout=0.5 model.repack=false"),
            Recipe.Of("wikitext-103", "Bai et al. 2019, their code, whose softmax is tied", "optimizer=adam learning_rate=0.001 decay=0.1 decay_at=[15,20] clip_norm=0.07 batch=40 bptt=75 epochs=25 dropout=0.1 "
                + "embedding=512 softmax=adaptive cutoffs=[2800,20000,76000] model.hidden=2112 model.nout=512 model.layers=75 model.aux=0.1 model.aux_frequency=25 model.hidden_dropout=0.1"),
            Recipe.Of("ptb-char", "Bai et al. 2019, their code", "optimizer=adam learning_rate=0.002 decay=0.1 decay_at=[220,350] weight_decay=8e-7 clip_norm=0.2 batch=24 bptt=140 epochs=400 dropout=0.1 "
                + "embedding=200 tied=true model.hidden=1250 model.nout=200 model.layers=140 model.aux=0.3 model.aux_frequency=80 model.hidden_dropout=0.29 model.weight_dropout=0.26"),
        ],
    };

    static Recipe Pixels(string task) => Recipe.Of(task, "Bai et al. 2019, their code", "optimizer=adam learning_rate=0.004 decay=0.1 decay_at=[50,75,90] clip_norm=0.5 batch=64 epochs=200 dropout=0.1 "
        + "model.hidden=130 model.nout=10 model.layers=11 model.dilation=[1,1,2,4,8,16,32,64,128,256,512] model.hidden_dropout=0.2 model.weight_dropout=0.1");

    readonly int hidden, nout, layers, taps, frequency;
    readonly IReadOnlyList<int> dilation;
    readonly double aux, hiddenDropout, weightDropout;
    readonly bool repack, gated, inject, tied;

    TrellisNet(ModelRequest request) : base(request)
    {
        (hidden, layers, taps, dilation) = (Settings.Integer("hidden"), Settings.Integer("layers"), Settings.Integer("kernel"), Settings.Integers("dilation"));
        (aux, frequency, repack) = (Settings.Real("aux"), Settings.Integer("aux_frequency"), Settings.Flag("repack"));
        (hiddenDropout, weightDropout) = (Settings.Real("hidden_dropout"), Settings.Real("weight_dropout"));
        (gated, inject, tied) = (Settings.Flag("gated"), Settings.Flag("inject"), Settings.Flag("tied"));
        nout = Settings.Integer("nout") is > 0 and var some ? some : hidden;
        if (nout > hidden) throw new UserError($"trellisnet: nout={nout} channels of hidden={hidden}; give at most as many.");
        if (aux > 0 && frequency == 0) throw new UserError($"trellisnet: aux={aux.ToString("R", System.Globalization.CultureInfo.InvariantCulture)} weighs the losses of inner levels, but aux_frequency=0 asks for none; give aux_frequency, the levels from one to the next.");
        if (dilation.Count == 0) throw new UserError("trellisnet: dilation=[] names no dilation; give at least one, [1].");
        if (!gated && request.Rewritings.Count > 0) throw new UserError($"trellisnet[{request.Rewritings[0]}]: with gated=false there are no gates to fix.");
        for (var l = 0; l < (tied ? 1 : layers); l++) Declare(tied ? "" : Prefix(l, layers), l, new Width(request.InputWidth, "I"), new Width(hidden, "H"), new Width(taps, "k"));
        if (gated) HasGates(Enumerable.Range(0, layers).SelectMany(l => Gated("i", "f", "o").Select(gate => Prefix(l, layers) + gate)));
        HasState(new ModelState("h", 1, 1, hidden));
        if (gated) HasState(new ModelState("c", 1, 1, hidden));
        HasOutput(nout);
        Say();
    }

    /// <summary>The gates and the candidate that are computed; the candidate alone where there are no gates.</summary>
    IReadOnlyList<string> Parts => gated ? [.. gates.Where(Computes)] : ["g"];

    /// <summary>The weights of a level, or those of all.</summary>
    void Declare(string at, int level, Width input, Width h, Width k)
    {
        var (start, reads) = (new Initial.Normal(0.01), inject || level == 0);
        foreach (var part in Parts)
        {
            if (reads) Kernel($"{at}W_{part}", start, h, input, k);
            Kernel($"{at}U_{part}", start, h, h, k);
            Weight($"{at}b_{part}", start, h);
        }
        var (levels, each) = (tied ? layers : 1, 2L * Parts.Count * taps * hidden);
        var distinct = !inject ? 1 : tied ? dilation.Take(layers).Distinct().Count() : 1;
        Costing(at, (reads ? "W *_d x, U *_d h" : "U *_d h", each * ((reads ? (long)input.Size * distinct : 0) + (long)hidden * levels)), elementwise: (gated ? 9L : 2L) * hidden * levels);
    }

    void Say()
    {
        var (plain, latex) = inject ? ("", "") : (" at level 0", @"\text{ at level } 0");
        foreach (var gate in gated ? gates : ["g"])
            GateEquation(gate, "t", $"{(gate == "g" ? "tanh" : "σ")}((W_{gate} *_d x)_t{plain} + (U_{gate} *_d h^(l))_t + b_{gate})",
                $@"{(gate == "g" ? @"\tanh" : @"\sigma")}((W_{gate} *_d x)_t{latex} + (U_{gate} *_d h^{{(l)}})_t + b_{gate})");
        if (gated) Equation("c^(l+1)_t = f_t ⊙ c^(l)_{t-d} + i_t ⊙ g_t", @"c^{(l+1)}_t &= f_t \odot c^{(l)}_{t-d} + i_t \odot g_t");
        Equation(gated ? "h^(l+1)_t = o_t ⊙ tanh(c^(l+1)_t)" : "h^(l+1)_t = g_t", gated ? @"h^{(l+1)}_t &= o_t \odot \tanh(c^{(l+1)}_t)" : "h^{(l+1)}_t &= g_t");
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var kernels = Enumerable.Range(0, tied ? 1 : layers).Select(l => Kernels.Of(this, pass, tied ? "" : Prefix(l, layers), inject || l == 0)).ToArray();
        var first = pass.State("h").unsqueeze(0);
        var memory = gated ? pass.State("c").unsqueeze(0) : first;
        var injected = new Dictionary<(int Kernel, int Dilation), Tensor>();
        var h = x.new_zeros([x.shape[0], x.shape[1], hidden]);
        var c = h;
        for (var l = 0; l < layers; l++)
        {
            var (d, k) = (dilation[l % dilation.Count], tied ? 0 : l);
            var sum = Convolve(Dropped(Before(h, first, (taps - 1) * d)), kernels[k].U, inject || l == 0 ? null : kernels[k].Bias, d);
            if (inject || l == 0) sum = sum + Injected(k, d);
            var a = Parts.Zip(sum.chunk(Parts.Count, -1)).ToDictionary();
            (h, c) = gated ? Cell(pass, l, a, Before(c, memory, d).narrow(0, 0, x.shape[0])) : (a["g"].tanh(), c);
            if (pass.Training is not null && aux > 0 && frequency > 0 && (l + 1) % frequency == 0) pass.Supervise(aux, Shown(h));
        }
        pass.Carry("h", Last(pass, h, first));
        if (gated) pass.Carry("c", Last(pass, c, memory));
        return Shown(h);

        Tensor Dropped(Tensor value) => pass.Dropout("hidden", value, hiddenDropout, 1, value.shape[1], hidden);

        // Levels of one dilation read the same convolution of x.
        Tensor Injected(int k, int d) => injected.TryGetValue((k, d), out var known) ? known
            : injected[(k, d)] = Convolve(Before(x, x.new_zeros([1, x.shape[1], x.shape[2]]), (taps - 1) * d), kernels[k].W!, kernels[k].Bias, d);
    }

    (Tensor Hidden, Tensor Memory) Cell(Pass pass, int level, Dictionary<string, Tensor> a, Tensor before)
    {
        var g = a["g"].tanh();
        var i = ValueOf("i", () => a["i"].sigmoid(), g);
        var f = ValueOf("f", () => a["f"].sigmoid(), g, ("i", i));
        var o = ValueOf("o", () => a["o"].sigmoid(), g, ("i", i), ("f", f));
        var c = f * before + i * g;
        foreach (var (gate, value) in new[] { ("i", i), ("f", f), ("o", o) }.Where(value => Gates.Contains(Prefix(level, layers) + value.Item1))) pass.Gate(Prefix(level, layers) + gate, value);
        return (o * c.tanh(), c);
    }

    /// <summary>The kernels of all parts as one, [nH,C,k], built once for each run; W is null for a level that does not read x.</summary>
    sealed record Kernels(Tensor? W, Tensor U, Tensor Bias)
    {
        public static Kernels Of(TrellisNet net, Pass pass, string at, bool reads)
        {
            Tensor Joined(string letter) => cat([.. net.Parts.Select(part => net.Kernel(pass, $"{at}{letter}_{part}", net.Mask(pass, $"{at}{letter}_{part}", letter == "W" ? net.Input : net.hidden)))], 0);
            return new(reads ? Joined("W") : null, Joined("U"), cat([.. net.Parts.Select(part => pass[$"{at}b_{part}"])], 0));
        }
    }

    /// <summary>For weight dropout: the older taps by chance, the last one always.</summary>
    Tensor? Mask(Pass pass, string name, long width)
    {
        if (weightDropout == 0 || taps == 1) return null;
        var older = pass.Noise(name, [hidden, width, taps - 1], random => random.NextDouble() < weightDropout ? 0 : 1 / (1 - weightDropout));
        return older is null ? null : cat([older, ones_like(older.narrow(2, 0, 1))], 2);
    }

    /// <summary>A sequence with the same vector [1,B,W] some steps before it.</summary>
    static Tensor Before(Tensor sequence, Tensor vector, long steps) => steps == 0 ? sequence : cat([vector.expand(steps, -1, -1), sequence], 0);

    Tensor Shown(Tensor h) => nout == hidden ? h : h.narrow(-1, hidden - nout, nout);

    /// <summary>The last real step of a sequence; without repackaging every window starts anew.</summary>
    Tensor Last(Pass pass, Tensor sequence, Tensor before) => !repack ? zeros_like(before[0])
        : pass.Lengths is not { } lengths ? sequence[-1]
        : stack(lengths.Select((length, member) => length == 0 ? before[0, member] : sequence[length - 1, member]), 0);
}
