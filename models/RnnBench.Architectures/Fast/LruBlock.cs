using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Linear recurrent units in residual blocks: layer normalisation, the unit, gelu, a gated linear unit, and the sum.</summary>
/// <remarks>Orvieto et al. 2023, arXiv:2303.06349, section 3; layer normalisation where the paper has batch normalisation.</remarks>
public sealed class LruBlock : Module
{
    readonly int layers;
    readonly double dropout;

    LruBlock(ModelRequest request) : base(request)
    {
        var (n, hidden) = (Settings.Integer("state_size"), Settings.Integer("hidden"));
        (layers, dropout) = (Settings.Integer("layers"), Settings.Real("dropout"));
        DemandOneWay("does not go with block=true; leave one of them out.");
        Width H = new(hidden, "H");
        Equation("a_t = W_enc x_t + b_enc; in each block a_t <- a_t + (W_1 v_t + b_1) ⊙ σ(W_2 v_t + b_2), v = gelu(y), y = LRU(LN(a)):",
            @"a_t &\leftarrow a_t + (W_1 v_t + b_1) \odot \sigma(W_2 v_t + b_2), \quad v_t = \operatorname{gelu}(y_t)");
        Weight("W_enc", new Initial.Glorot(), H, new Width(request.InputWidth, "I"));
        Weight("b_enc", new Initial.Constant(0), H);
        var settings = request.Settings.Written.Where(s => s.Key is not ("block" or "layers" or "dropout")).Select(s => (s.Key, s.Value));
        for (var l = 0; l < layers; l++)
        {
            Weight(Prefix(l, layers) + "norm_g", new Initial.Constant(1), H);
            Weight(Prefix(l, layers) + "norm_b", new Initial.Constant(0), H);
            foreach (var k in new[] { "1", "2" })
            {
                Weight(Prefix(l, layers) + "W_" + k, new Initial.Glorot(), H, H);
                Weight(Prefix(l, layers) + "b_" + k, new Initial.Constant(0), H);
            }
            HasInside(Prefix(l, layers), request.Inside("lru", hidden, settings));
        }
        Costing("", ("W_enc x, W_1 v, W_2 v", 2L * hidden * request.InputWidth + layers * 4L * hidden * hidden));
        foreach (var state in new[] { "re", "im" }) HasState(new ModelState(state, layers, 1, n));
        HasOutput(hidden);
    }

    /// <summary>The blocks of a request; null where it asks for units alone, which are a cell.</summary>
    /// <exception cref="UserError">Dropout without blocks.</exception>
    internal static Model? For(ModelRequest request) => request.Settings.Flag("block") ? new LruBlock(request)
        : request.Settings.Real("dropout") == 0 ? null : throw new UserError("lru: dropout belongs to the blocks; set block=true.");

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var states = new[] { "re", "im" }.ToDictionary(name => name, _ => new List<Tensor>());
        var a = nn.functional.linear(x, pass["W_enc"], pass["b_enc"]);
        for (var l = 0; l < layers; l++)
        {
            var at = Prefix(l, layers);
            var run = pass.Inside(at, Normalisation.Layer(pass, at, a), states.Keys.ToDictionary(name => name, name => layers > 1 ? pass.State(name)[l] : pass.State(name)));
            foreach (var (name, value) in run.State) states[name].Add(value);
            var v = pass.Dropout(at + "unit", run.Output * 0.5 * (1 + (run.Output / Math.Sqrt(2)).erf()), dropout, 1, x.shape[1], a.shape[2]);
            var gated = nn.functional.linear(v, pass[at + "W_1"], pass[at + "b_1"]) * nn.functional.linear(v, pass[at + "W_2"], pass[at + "b_2"]).sigmoid();
            a = a + pass.Dropout(at + "block", gated, dropout, 1, x.shape[1], a.shape[2]);
        }
        foreach (var (name, values) in states) pass.Carry(name, layers > 1 ? stack(values, 0) : values[0]);
        return a;
    }
}
