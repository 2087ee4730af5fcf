using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The convolutional LSTM: states are maps, matrix products are convolutions, with peepholes; o looks at the new cell.</summary>
/// <remarks>
/// Shi, Chen, Wang, Yeung, Wong and Woo 2015, NIPS, arXiv:1506.04214. One peephole weight a channel, which alone gives the parameter counts of the
/// paper's Table 1. Vectors are made into maps by a linear layer, and the output maps are read as a vector.
/// </remarks>
public sealed class ConvLstm : Module
{
    static readonly string[] gates = ["i", "f", "g", "o"];

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("conv-lstm", request => new ConvLstm(request))
    {
        Title = "Convolutional LSTM",
        Source = "Shi, Chen, Wang, Yeung, Wong and Woo 2015, NIPS, arXiv:1506.04214",
        Family = "structured",
        Settings =
        [
            Setting.Integer("hidden", null, "the channels H of the state", max: 65_536) with { Usual = "8" },
            Architecture.Layers,
            Setting.Integer("kernel", 5, "the side of the input's kernels, odd", max: 999),
            Setting.Integer("state_kernel", 5, "the side of the state's kernels, odd", max: 999),
            Setting.Choice("peephole", "channel", "peephole weights: one a channel, one a channel and place, or none", "channel", "map", "none"),
            Setting.Integer("channels", 4, "for vectors: the channels of the map that they become", max: 65_536),
            Setting.Integer("height", 1, "for vectors: the rows of that map", max: 65_536),
            Setting.Integer("width", 16, "for vectors: its columns", max: 65_536),
        ],
        FixableGates = ["i", "f", "o"],
        Recipes = [Recipe.Of("shi", "Shi et al. 2015", "optimizer=rmsprop rms_decay=0.9 learning_rate=0.001 batch=16")],
    };

    readonly int hidden, layers, rows, columns;
    readonly int[] map;
    readonly string peephole;

    ConvLstm(ModelRequest request) : base(request)
    {
        (hidden, layers, peephole) = (Settings.Integer("hidden"), Settings.Integer("layers"), Settings.Choice("peephole"));
        foreach (var side in new[] { "kernel", "state_kernel" })
            if (Settings.Integer(side) % 2 == 0) throw new UserError($"conv-lstm: setting {side}={Settings.Integer(side)} is even; give an odd side, so that maps keep their size.");
        map = request.Input is [_, _, _] ? [.. request.Input] : [Settings.Integer("channels"), Settings.Integer("height"), Settings.Integer("width")];
        (rows, columns) = (map[1], map[2]);
        if (ReadsVectors)
        {
            var all = new Width(checked(map[0] * rows * columns), "CPQ");
            Weight("in.W", all, new Width(request.InputWidth, "I"));
            Weight("in.b", all);
            Costing("in.", ("in.W x", 2L * all.Size * Input));
        }
        for (var l = 0; l < layers; l++) Declare(Prefix(l, layers), new Width(l == 0 ? map[0] : hidden, l == 0 ? "C" : "H"));
        foreach (var state in new[] { "h", "c" }) HasState(new ModelState(state, layers, 1, hidden, rows, columns));
        HasOutput(hidden * rows * columns);
        Say();
    }

    bool ReadsVectors => InputShape.Count == 1;

    /// <summary>The sides of a kernel: one row where the map has one.</summary>
    (int Rows, int Columns) Sides(string setting) => (rows == 1 ? 1 : Settings.Integer(setting), Settings.Integer(setting));

    void Declare(string at, Width input)
    {
        var ((kr, kc), (sr, sc), h) = (Sides("kernel"), Sides("state_kernel"), new Width(hidden, "H"));
        foreach (var gate in gates.Where(Computes))
        {
            Weight($"{at}W_{gate}", h, input, new Width(kr, rows == 1 ? "1" : "k"), new Width(kc, "k"));
            Weight($"{at}U_{gate}", h, h, new Width(sr, rows == 1 ? "1" : "s"), new Width(sc, "s"));
            Weight($"{at}b_{gate}", new Initial.Constant(gate == "f" ? 1 : 0), h);
            if (gate != "g" && peephole == "channel") Weight($"{at}p_{gate}", h);
            if (gate != "g" && peephole == "map") Weight($"{at}p_{gate}", h, new Width(rows, "P"), new Width(columns, "Q"));
        }
        HasGates(Gated("i", "f", "o").Select(gate => at + gate));
        var places = 2L * gates.Count(Computes) * rows * columns * hidden;
        Costing(at, ("W ⋆ x", places * kr * kc * input.Size), ("U ⋆ h_{t-1}", places * sr * sc * hidden), 12L * hidden * rows * columns, 1);
    }

    void Say()
    {
        foreach (var gate in gates)
        {
            var peeps = gate != "g" && peephole != "none";
            GateEquation(gate, "t", $"{(gate == "g" ? "tanh" : "σ")}(W_{gate} ⋆ x_t + U_{gate} ⋆ h_{{t-1}}{(peeps ? $" + p_{gate} ⊙ c_{(gate == "o" ? "t" : "{t-1}")}" : "")} + b_{gate})",
                $@"{(gate == "g" ? @"\tanh" : @"\sigma")}(W_{gate} \star x_t + U_{gate} \star h_{{t-1}}{(peeps ? $@" + p_{gate} \odot c_{(gate == "o" ? "t" : "{t-1}")}" : "")} + b_{gate})");
            if (gate == "g") Equation("c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t", @"c_t &= f_t \odot c_{t-1} + i_t \odot g_t");
        }
        Equation("h_t = o_t ⊙ tanh(c_t)", @"h_t &= o_t \odot \tanh(c_t)");
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var (steps, size) = (x.shape[0], x.shape[1]);
        if (ReadsVectors) x = nn.functional.linear(x, pass["in.W"], pass["in.b"]).reshape(steps, size, map[0], rows, columns);
        List<Tensor> hs = [], cs = [];
        for (var l = 0; l < layers; l++)
        {
            var (y, h, c) = Layer(pass, l, l == 0 ? x : pass.Between(x));
            x = y;
            hs.Add(h);
            cs.Add(c);
        }
        pass.Carry("h", layers > 1 ? stack(hs, 0) : hs[0]);
        pass.Carry("c", layers > 1 ? stack(cs, 0) : cs[0]);
        return ReadsVectors ? x.flatten(2) : x;
    }

    /// <summary>One layer over all steps; the input's convolutions are one over all maps of all steps.</summary>
    (Tensor Y, Tensor H, Tensor C) Layer(Pass pass, int l, Tensor x)
    {
        var at = Prefix(l, layers);
        string[] computed = [.. gates.Where(Computes)];
        Tensor Joined(string letter) => cat([.. computed.Select(gate => pass[$"{at}{letter}_{gate}"])], 0);
        var (u, p) = (Joined("U"), computed.Where(gate => gate != "g" && peephole != "none").ToDictionary(gate => gate, gate => peephole == "map" ? pass[$"{at}p_{gate}"] : pass[$"{at}p_{gate}"].view(-1, 1, 1)));
        var read = Same(x.flatten(0, 1), Joined("W"), Joined("b")).reshape([x.shape[0], x.shape[1], computed.Length * hidden, rows, columns]).unbind(0);
        var (h, c) = layers > 1 ? (pass.State("h")[l], pass.State("c")[l]) : (pass.State("h"), pass.State("c"));
        var (ys, kept) = (new List<Tensor>(), gates.ToDictionary(gate => gate, _ => new List<Tensor>()));
        for (var t = 0; t < read.Length; t++)
        {
            var a = computed.Zip((read[t] + Same(h, u, null)).chunk(computed.Length, 1)).ToDictionary();
            var (g, before) = (a["g"].tanh(), c);
            var i = ValueOf("i", () => Looking("i", before), g);
            var f = ValueOf("f", () => Looking("f", before), g, ("i", i));
            var cell = pass.Tap(at, "c", t, f * c + i * g);
            var o = ValueOf("o", () => Looking("o", cell), g, ("i", i), ("f", f));
            var shown = pass.Tap(at, "h", t, o * cell.tanh());
            ys.Add(shown);
            (h, c) = (pass.Hold(t, shown, h), pass.Hold(t, cell, c));
            if (pass.RecordsGates) foreach (var (gate, value) in new[] { ("i", i), ("f", f), ("o", o) }) kept[gate].Add(value);

            Tensor Looking(string gate, Tensor at) => (p.TryGetValue(gate, out var weight) ? a[gate] + weight * at : a[gate]).sigmoid();
        }
        if (pass.RecordsGates) foreach (var gate in Gated("i", "f", "o")) pass.Gate(at + gate, stack(kept[gate], 0));
        return (stack(ys, 0), h, c);
    }

    /// <summary>The cross-correlation that keeps the size of maps [N,C,P,Q].</summary>
    static Tensor Same(Tensor maps, Tensor kernel, Tensor? bias) => nn.functional.conv2d(maps, kernel, bias, padding: [kernel.shape[2] / 2, kernel.shape[3] / 2]);
}
