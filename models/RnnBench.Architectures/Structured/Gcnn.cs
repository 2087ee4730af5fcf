using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Gated convolutional networks: a stack of causal convolutions, each multiplied by a gate that a second convolution of the same input computes.</summary>
/// <remarks>
/// Dauphin, Fan, Auli and Grangier 2017, "Language Modeling with Gated Convolutional Networks", ICML, arXiv:1612.08083. The residual is a plain sum
/// where widths agree, as in the paper; the group's later code scales it and projects.
/// </remarks>
public sealed class Gcnn : Convolution
{
    /// <summary>What is made of A = W * x + b and B = V * x + c.</summary>
    sealed record Unit(string Id, string Title, bool HasSecond, bool HasGate, Func<Tensor, Tensor, Tensor> Of, string Plain, string Latex);

    /// <summary>A convolution of a block: its prefix, taps and output channels.</summary>
    sealed record Piece(string Prefix, int Taps, int Channels);

    static readonly Unit[] units =
    [
        new("gcnn-glu",      "Gated convolutional network with gated linear units", true,  true,  (a, s) => a * s,        "A_t ⊙ S_t",       @"A_t \odot S_t"),
        new("gcnn-gtu",      "Gated convolutional network with gated tanh units",   true,  true,  (a, s) => a.tanh() * s, "tanh(A_t) ⊙ S_t", @"\tanh(A_t) \odot S_t"),
        new("gcnn-bilinear", "Convolutional network with bilinear units",           true,  false, (a, b) => a * b,        "A_t ⊙ B_t",       @"A_t \odot B_t"),
        new("gcnn-relu",     "Convolutional network with rectifiers",               false, false, (a, _) => a.relu(),     "max(0, A_t)",     @"\max(0, A_t)"),
        new("gcnn-tanh",     "Convolutional network with tanh",                     false, false, (a, _) => a.tanh(),     "tanh(A_t)",       @"\tanh(A_t)"),
    ];

    /// <summary>Their lines of the catalogue: with gated linear units, gated tanh units, bilinear units, rectifiers, tanh.</summary>
    public static IReadOnlyList<Architecture> Entries { get; } = [.. units.Select(unit => new Architecture(unit.Id, request => new Gcnn(request, unit))
    {
        Title = unit.Title,
        Source = "Dauphin, Fan, Auli and Grangier 2017, ICML, arXiv:1612.08083",
        Family = "structured",
        Settings =
        [
            Architecture.Hidden,
            Architecture.Layers,
            Taps(4),
            Setting.Flag("residual", true, "a layer's input is added to its output where their widths agree"),
            WeightNorm,
            Setting.Integer("bottleneck", 0, "the width m of a bottleneck: each layer is three units, H to m, m to m with all taps, m to H; 0 for none", min: 0, max: 65_536),
            Setting.Choice("network", "none", "a network of the paper, in place of layers, kernel and bottleneck; hidden is the width of its last layer", ["none", .. GcnnNetworks.All.Keys]),
            Setting.Integers("kernels", [], "taps layer by layer, with channels in place of layers and kernel"),
            Setting.Integers("channels", [], "output channels layer by layer; hidden is the last of them", max: 65_536),
        ],
        FixableGates = unit.HasGate ? ["gate"] : [],
        Recipes =
        [
            // Products of products: at the rate of the gated units they run away.
            Recipe.Of("dauphin", "Dauphin et al. 2017", $"optimizer=sgd momentum=0.99 nesterov=true learning_rate={(unit.Id == "gcnn-bilinear" ? "0.01" : "1")} clip_norm=0.1"),
            Recipe.Of("wikitext-103", "Dauphin et al. 2017, the group's code", "optimizer=sgd momentum=0.99 nesterov=true learning_rate=1 decay=0.5 plateau=1 clip_norm=0.1 weight_decay=5e-6 dropout=0.2 batch=1 bptt=1024 epochs=35"),
        ],
    })];

    readonly Unit unit;
    readonly bool residual;
    readonly IReadOnlyList<IReadOnlyList<Piece>> blocks;

    Gcnn(ModelRequest request, Unit unit) : base(request)
    {
        (this.unit, residual, blocks) = (unit, Settings.Flag("residual"), Blocks(Settings, unit.Id));
        var width = request.InputWidth;
        foreach (var piece in blocks.SelectMany(block => block))
        {
            Declare(piece, width);
            width = piece.Channels;
        }
        HasOutput(width);
        Equation("A_t = (W * x)_t + b", "A_t &= (W * x)_t + b");
        if (HasSecond) Equation("B_t = (V * x)_t + c", "B_t &= (V * x)_t + c");
        if (unit.HasGate && Computes("gate")) Equation("S_t = σ(B_t)", @"S_t &= \sigma(B_t)");
        else if (unit.HasGate) GateEquation("gate", "t", "", "");
        Equation($"y_t = {unit.Plain}{(residual ? " + x_t" : "")}", $"y_t &= {unit.Latex}{(residual ? " + x_t" : "")}");
    }

    /// <summary>Whether there is a second convolution: not where the gate that it is for is fixed.</summary>
    bool HasSecond => unit.HasSecond && (!unit.HasGate || Computes("gate"));

    /// <summary>He normal kernels and biases of 0, as in the paper.</summary>
    void Declare(Piece piece, int input)
    {
        var (o, c, k) = (new Width(piece.Channels, piece.Prefix.EndsWith("in.") || piece.Prefix.EndsWith("mid.") ? "m" : "H"), new Width(input, "I"), new Width(piece.Taps, "k"));
        var start = new Initial.Normal(Math.Sqrt(2.0 / ((double)piece.Taps * input)));
        foreach (var (kernel, bias) in HasSecond ? new[] { ("W", "b"), ("V", "c") } : [("W", "b")])
        {
            Kernel(piece.Prefix + kernel, start, o, c, k);
            Weight(piece.Prefix + bias, new Initial.Constant(0), o);
        }
        if (unit.HasGate) HasGates(Gated("gate").Select(gate => piece.Prefix + gate));
        Remembers(piece.Prefix + "past", piece.Taps, 1, input);
        Costing(piece.Prefix, (HasSecond ? "W * x, V * x" : "W * x", (HasSecond ? 4L : 2L) * piece.Taps * input * piece.Channels), elementwise: 3L * piece.Channels);
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        for (var l = 0; l < blocks.Count; l++)
        {
            var into = l == 0 ? x : pass.Between(x);
            var f = blocks[l].Aggregate(into, (value, piece) => Apply(pass, piece, value));
            x = residual && f.shape[2] == into.shape[2] ? f + into : f;
        }
        return x;
    }

    /// <summary>One unit; both of its convolutions are one with twice the channels.</summary>
    Tensor Apply(Pass pass, Piece piece, Tensor x)
    {
        var at = piece.Prefix;
        if (!HasSecond)
        {
            var a = Convolve(pass, at + "past", x, Kernel(pass, at + "W"), pass[at + "b"]);
            return unit.Of(a, unit.HasGate ? ValueOf("gate", () => a, a) : a);
        }
        var both = Convolve(pass, at + "past", x, cat([Kernel(pass, at + "W"), Kernel(pass, at + "V")], 0), cat([pass[at + "b"], pass[at + "c"]], 0)).chunk(2, -1);
        if (!unit.HasGate) return unit.Of(both[0], both[1]);
        var gate = both[1].sigmoid();
        pass.Gate(at + "gate", gate);
        return unit.Of(both[0], gate);
    }

    static IReadOnlyList<IReadOnlyList<Piece>> Blocks(Settings settings, string id)
    {
        var (hidden, kernels, channels, network) = (settings.Integer("hidden"), settings.Integers("kernels"), settings.Integers("channels"), settings.Choice("network"));
        if (kernels.Count != channels.Count) throw new UserError($"{id}: kernels has {kernels.Count} entries and channels {channels.Count}; give as many of both.");
        if (network != "none" && kernels.Count > 0) throw new UserError($"{id}: give network or kernels and channels, not both.");
        if (network != "none") return Checked(id, hidden, Named(GcnnNetworks.All[network]));
        if (kernels.Count > 0) return Checked(id, hidden, Named([.. kernels.Zip(channels, (k, n) => new[] { (k, n) })]));
        var (layers, m, taps) = (settings.Integer("layers"), settings.Integer("bottleneck"), settings.Integer("kernel"));
        return [.. Enumerable.Range(0, layers).Select(l => Prefix(l, layers)).Select(at => m == 0 ? new[] { new Piece(at, taps, hidden) }
            : [new(at + "in.", 1, m), new(at + "mid.", taps, m), new(at + "out.", 1, hidden)])];
    }

    static IReadOnlyList<IReadOnlyList<Piece>> Named(IReadOnlyList<(int Taps, int Channels)[]> blocks) => [.. blocks.Select((block, l) =>
        block.Select((piece, j) => new Piece(Prefix(l, blocks.Count) + (block.Length > 1 ? $"conv{j}." : ""), piece.Taps, piece.Channels)).ToArray())];

    static IReadOnlyList<IReadOnlyList<Piece>> Checked(string id, int hidden, IReadOnlyList<IReadOnlyList<Piece>> blocks) => blocks[^1][^1].Channels == hidden ? blocks
        : throw new UserError($"{id}: the last layer has {blocks[^1][^1].Channels} channels, and hidden is {hidden}; give hidden={blocks[^1][^1].Channels}.");
}
