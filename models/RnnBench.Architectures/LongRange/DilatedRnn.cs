using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The dilated network: layer l is an ordinary cell that reads its state of d_l steps ago.</summary>
/// <remarks>
/// Chang, Zhang, Han, Yu, Guo, Tan, Cui, Witbrock, Hasegawa-Johnson and Huang 2017, NIPS, arXiv:1710.02224. The fusion of the last d_0 outputs is a
/// causal convolution at every step; theirs is made at the last step only. As gru the cell of their code, where z = 1 keeps. connection = regular is
/// what they compare with: c_t = f(x_t, c_{t-1}, c_{t-d}), here a matrix V for the state of d steps ago beside each U; a memory cell goes on from t-1.
/// </remarks>
public static class DilatedRnn
{
    const string Id = "dilated-rnn", Auto = "auto";

    /// <summary>The cells of the paper, with the initialisation of its code.</summary>
    static readonly Dictionary<string, (Func<Cell> Make, InitialRule[] Initial)> own = new()
    {
        ["rnn"]  = (() => new Rnn(Function.Tanh), []),
        ["gru"]  = (() => new KeepingGru(),       [new("b_r", new Initial.Constant(1)), new("b_z", new Initial.Constant(1))]),
        ["lstm"] = (() => new Lstm(),             [new("b_f", new Initial.Constant(1))]),
    };

    /// <summary>Other cells of the catalogue, with the default settings.</summary>
    static readonly Dictionary<string, Architecture> others = new Architecture[]
    {
        LstmPeephole.Entry, Mut1.Entry, Mut2.Entry, Mut3.Entry, Mgu.Entry, Ran.Entry, NestedLstm.Entry, Scrnn.Entry, PrototypeLstm.Entry, PseudoLstm.Entry, IndRnn.Entry, MinGru.Entry,
        MinLstm.Entry, Sru.Entry, Lru.Entry, Slstm.Entry, Mlstm.Entry, TkRnn.Entry, Irnn.Entry, NpRnn.Entry, Rin.Entry, ExpRnn.Entry,
    }.ToDictionary(entry => entry.Id);

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new(Id, s => own.TryGetValue(s.Choice("cell"), out var cell) ? cell.Make() : others[s.Choice("cell")].Make(Inside(s)))
    {
        Title = "Dilated recurrent network",
        Source = "Chang, Zhang, Han, Yu et al. 2017, NIPS, arXiv:1710.02224",
        Family = "longrange",
        Settings =
        [
            Setting.Choice("cell", "rnn", "the cell of every layer", [.. own.Keys, .. others.Keys]),
            Setting.Integers("dilations", [], "the dilation of each layer; else start, doubled from layer to layer", max: 100_000),
            Setting.Integer("start", 1, "the dilation of the first layer, where no dilations are given", max: 100_000),
            Setting.Choice("connection", "dilated", "dilated: a layer reads its state of d steps ago alone; regular: that of the step before, and by a skip connection that of d steps ago", "dilated", "regular"),
            Setting.Choice("fuse", Auto, "whether the last d_0 outputs are fused; auto where the first dilation is above 1 and connections are dilated", Auto, "true", "false"),
        ],
        Initial = s => own.TryGetValue(s.Choice("cell"), out var cell) ? [.. cell.Initial, new("b*", new Initial.Constant(0)), new("*", new Initial.Glorot())]
            : [new("b_F", new Initial.Constant(0)), new("F", new Initial.Glorot()), .. others[s.Choice("cell")].Initial(Inside(s))],
        Constraints = s => others.TryGetValue(s.Choice("cell"), out var other) ? other.Constraints(Inside(s)) : [],
        Depth = s => Dilations(s).Count,
        Layer = Dilate,
        Recipes = [Recipe.Of("chang", "Chang et al. 2017, their code", "optimizer=rmsprop rms_decay=0.9 learning_rate=0.001 batch=128")],
    };

    static Recurrence Dilate(Settings s, int layer, Recurrence cell)
    {
        var dilations = Dilations(s);
        var dilated = !IsRegular(s) ? cell.Dilated(dilations[layer], dilations.Max()) : dilations[layer] > 1 ? cell.Skipping(dilations[layer], dilations.Max()) : cell.Dilated(1, dilations.Max());
        return layer == dilations.Count - 1 && Fuses(s, dilations) ? Fused(s, dilated, dilations[0]) : dilated;
    }

    /// <summary>The settings of a cell of the catalogue inside.</summary>
    static Settings Inside(Settings s) => others[s.Choice("cell")] is var entry ? Settings.Read(entry.Id, entry.AllSettings,
        [KeyValuePair.Create("hidden", s.Integer("hidden").ToString(System.Globalization.CultureInfo.InvariantCulture)), .. entry.Usual.Where(usual => usual.Key != "hidden")]) : null!;

    /// <summary>F [h_{t-s+1}; ...; h_t] + b_F.</summary>
    static Recurrence Fused(Settings s, Recurrence cell, int width)
    {
        var h = cell.States.FirstOrDefault(state => cell.Next[state.Name] == cell.Output)
            ?? throw new UserError($"{Id}: the output of {s.Choice("cell")} is no state, so its past is not kept and cannot be fused; give fuse=false.");
        var past = Enumerable.Range(1, width - 1).Reverse().Select(lag => ((Expr)new StateAt(h, lag), cell.Hidden));
        var F = new Matrix("F", "") { Unprefixed = !s.Flag("bidirectional") };
        return cell.Showing(F * new Concat([.. past, (cell.Next[h.Name], cell.Hidden)]) + new Vector("b", "F") { Unprefixed = !s.Flag("bidirectional"), Width = cell.Hidden });
    }

    static bool Fuses(Settings s, IReadOnlyList<int> dilations) => s.Choice("fuse") == Auto ? dilations[0] > 1 && !IsRegular(s) : s.Choice("fuse") == "true";

    /// <summary>Whether layers have regular skip connections.</summary>
    /// <exception cref="UserError">The cell has no matrices on its state, or forms of its own for them.</exception>
    static bool IsRegular(Settings s) => s.Choice("connection") == "regular" && (own.ContainsKey(s.Choice("cell")) ? true
        : throw new UserError($"{Id}: connection=regular goes with cell = {string.Join(", ", own.Keys)}; cell={s.Choice("cell")} has no skip connections."));

    static IReadOnlyList<int> Dilations(Settings s)
    {
        var (written, layers) = (s.Integers("dilations"), s.Integer("layers"));
        if (written.Count > 0 && layers > 1 && layers != written.Count)
            throw new UserError($"{Id}: {written.Count} dilations for {layers} layers; give one for each layer, or leave layers out.");
        if (written.Count == 0 && s.Integer("start") * Math.Pow(2, layers - 1) > 1_000_000)
            throw new UserError($"{Id}: start={s.Integer("start")} doubled {layers - 1} times is more steps than can be kept; give fewer layers, or dilations.");
        return written.Count > 0 ? written : [.. Enumerable.Range(0, layers).Select(l => s.Integer("start") << l)];
    }

    /// <summary>The gated recurrent unit of the authors' code: z = 1 keeps, reset before the matrix.</summary>
    sealed class KeepingGru : Cell
    {
        readonly State h = new();

        protected override void Equations(Input x)
        {
            var r = Gate("r", σ(W * x[t] + U * h[t-1] + b));
            var z = Gate("z", σ(W * x[t] + U * h[t-1] + b));
            var n = Let("n", tanh(W * x[t] + U * (r * h[t-1]) + b));
            h[t] = z * h[t-1] + (1 - z) * n;
        }
    }
}
