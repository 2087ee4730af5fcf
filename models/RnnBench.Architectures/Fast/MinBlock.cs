using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Minimal cells in pre-norm residual blocks: a causal depthwise convolution, the cell, a projection down; then a multilayer perceptron.</summary>
/// <remarks>
/// Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, arXiv:2410.01201, section 4 and appendix C; H = α d for blocks of width d. The perceptron has 4d units
/// and gelu, which the paper leaves open. y is the last block's output, d wide.
/// </remarks>
public sealed class MinBlock : Module
{
    readonly int layers, taps;
    readonly bool perceptron;

    MinBlock(ModelRequest request) : base(request)
    {
        var (hidden, expansion) = (Settings.Integer("hidden"), Settings.Integer("expansion"));
        (layers, taps, perceptron) = (Settings.Integer("layers"), Settings.Integer("conv"), Settings.Flag("mlp"));
        if (hidden % expansion != 0) throw new UserError($"{request.Architecture.Id}: expansion={expansion} does not divide hidden={hidden}; a block is hidden / expansion wide.");
        DemandOneWay("does not go with block=true; leave one of them out.");
        Say();
        Width H = new(hidden, "H"), d = new(hidden / expansion, "d");
        Linear("", "enc", d, new Width(request.InputWidth, "I"));
        var cell = request.Settings.Written.Where(s => s.Key is "hidden" or "space" or "normalize" or "forget_bias").Select(s => (s.Key, s.Value)).ToArray();
        for (var l = 0; l < layers; l++) Block(request, Prefix(l, layers), cell, H, d);
        Costing("", ("W_enc x" + (taps > 0 ? ", conv.W * u" : "") + ", W_down s" + (perceptron ? ", W_1 u, W_2 v" : ""),
            2L * d.Size * request.InputWidth + layers * (2L * d.Size * (taps + hidden) + (perceptron ? 16L * d.Size * d.Size : 0))));
        HasState(new ModelState("h", layers, 1, hidden));
        HasOutput(d.Size);
    }

    /// <summary>The blocks of a request; null where it asks for the cells alone.</summary>
    /// <exception cref="UserError">A setting of the blocks without them.</exception>
    internal static Model? For(ModelRequest request) => request.Settings.Flag("block") ? new MinBlock(request)
        : request.Settings.Written.Select(s => s.Key).FirstOrDefault(key => Options.Any(option => option.Name == key)) is not { } lost ? null
        : throw new UserError($"{request.Architecture.Id}: {lost} belongs to the blocks; set block=true.");

    /// <summary>The settings of the blocks, but for the one that asks for them.</summary>
    internal static IReadOnlyList<Setting> Options { get; } =
    [
        Setting.Integer("expansion", 2, "α of the blocks: the cell is α times as wide as they are, which divides hidden", max: 65_536),
        Setting.Integer("conv", 4, "the taps of the depthwise convolution before the cell; 0 for none", min: 0, max: 10_000),
        Setting.Flag("mlp", true, "whether a multilayer perceptron follows the cell"),
    ];

    void Block(ModelRequest request, string at, (string, string)[] cell, Width hidden, Width d)
    {
        Norm(at);
        if (taps > 0)
        {
            Weight(at + "conv.W", new Initial.FanIn(1), d, new Width(1, "1"), new Width(taps, "k"));
            Weight(at + "conv.b", new Initial.Uniform(1 / Math.Sqrt(taps)), d);
        }
        if (taps > 1) HasState(new ModelState(at + "past", 1, taps - 1, d.Size));
        HasInside(at, request.Inside(request.Architecture.Id, d.Size, cell));
        Linear(at, "down", d, hidden);
        if (!perceptron) return;
        Norm(at + "mlp.");
        Linear(at, "1", new Width(4 * d.Size, "4d"), d);
        Linear(at, "2", d, new Width(4 * d.Size, "4d"));

        void Norm(string prefix)
        {
            Weight(prefix + "norm_g", new Initial.Constant(1), d);
            Weight(prefix + "norm_b", new Initial.Constant(0), d);
        }
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var last = new List<Tensor>();
        var a = Apply("", "enc", x);
        for (var l = 0; l < layers; l++)
        {
            var (at, u) = (Prefix(l, layers), Normalisation.Layer(pass, Prefix(l, layers), l > 0 ? pass.Between(a) : a));
            if (taps > 0) u = nn.functional.conv1d((taps > 1 ? pass.Past(at + "past", u) : u).permute(1, 2, 0), pass[at + "conv.W"], pass[at + "conv.b"], groups: u.shape[2]).permute(2, 0, 1);
            var run = pass.Inside(at, u, new Dictionary<string, Tensor> { ["h"] = layers > 1 ? pass.State("h")[l] : pass.State("h") });
            foreach (var (gate, values) in run.Gates) pass.Gate(at + gate, values);
            last.Add(run.State["h"]);
            a = a + Apply(at, "down", run.Output);
            if (perceptron) a = a + Apply(at, "2", nn.functional.gelu(Apply(at, "1", Normalisation.Layer(pass, at + "mlp.", a))));
        }
        pass.Carry("h", layers > 1 ? stack(last, 0) : last[0]);
        return a;

        Tensor Apply(string at, string k, Tensor value) => nn.functional.linear(value, pass[$"{at}W_{k}"], pass[$"{at}b_{k}"]);
    }

    void Linear(string at, string k, Width rows, Width columns)
    {
        Weight($"{at}W_{k}", new Initial.FanIn(1), rows, columns);
        Weight($"{at}b_{k}", new Initial.BiasOfLinear(), rows);
    }

    void Say()
    {
        var (u, latex) = taps > 0 ? ("conv.W * LN(a)", @"\operatorname{conv}(\operatorname{LN}(a))") : ("LN(a)", @"\operatorname{LN}(a)");
        Equation($"a_t = W_enc x_t + b_enc; in each block a <- a + W_down s + b_down, s the cell over {u}" + (perceptron ? ", then a <- a + W_2 gelu(W_1 LN(a) + b_1) + b_2" : "") + "; y = a, the cell being",
            $@"a &\leftarrow a + W_{{down}}\, s({latex}) + b_{{down}}");
    }
}
