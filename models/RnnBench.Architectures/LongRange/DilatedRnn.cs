using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The dilated network: layer l is an ordinary cell that reads its state of d_l steps ago.</summary>
/// <remarks>
/// Chang, Zhang, Han, Yu, Guo, Tan, Cui, Witbrock, Hasegawa-Johnson and Huang 2017, NIPS, arXiv:1710.02224. The fusion of the last d_0 outputs is a
/// causal convolution at every step; theirs is made at the last step only. As gru the cell of their code, where z = 1 keeps.
/// </remarks>
public static class DilatedRnn
{
    const string Id = "dilated-rnn", Auto = "auto";

    /// <summary>The cells; other ids of the catalogue are taken with the default settings.</summary>
    static readonly Dictionary<string, Func<Cell>> Cells = new Architecture[] { LstmPeephole.Entry, Mut1.Entry, Mut2.Entry, Mut3.Entry, Mgu.Entry, Ran.Entry, Irnn.Entry, Rin.Entry }
        .Select(entry => KeyValuePair.Create<string, Func<Cell>>(entry.Id, () => entry.Make(Settings.Read(entry.Id, entry.AllSettings, [KeyValuePair.Create("hidden", "1")]))))
        .Concat([new("rnn", () => new Rnn(Function.Tanh)), new("gru", () => new KeepingGru()), new("lstm", () => new Lstm())]).Reverse().ToDictionary();

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new(Id, s => Cells[s.Choice("cell")]())
    {
        Title = "Dilated recurrent network",
        Source = "Chang, Zhang, Han, Yu et al. 2017, NIPS, arXiv:1710.02224",
        Family = "longrange",
        Settings =
        [
            Setting.Choice("cell", "rnn", "the cell of every layer", [.. Cells.Keys]),
            Setting.Integers("dilations", [], "the dilation of each layer; else start, doubled from layer to layer", max: 100_000),
            Setting.Integer("start", 1, "the dilation of the first layer, where no dilations are given", max: 100_000),
            Setting.Choice("fuse", Auto, "whether the last d_0 outputs are fused; auto where the first dilation is above 1", Auto, "true", "false"),
        ],
        Initial = s =>
        [
            .. s.Choice("cell") == "lstm" ? [new InitialRule("b_f", new Initial.Constant(1))] : Array.Empty<InitialRule>(),
            .. s.Choice("cell") == "gru" ? [new("b_r", new Initial.Constant(1)), new("b_z", new Initial.Constant(1))] : Array.Empty<InitialRule>(),
            new("b*", new Initial.Constant(0)), new("*", new Initial.Glorot()),
        ],
        Depth = s => Dilations(s).Count,
        Layer = Dilate,
        Recipes = [Recipe.Of("chang", "Chang et al. 2017, their code", "optimizer=rmsprop rms_decay=0.9 learning_rate=0.001 batch=128")],
    };

    static Recurrence Dilate(Settings s, int layer, Recurrence cell)
    {
        var dilations = Dilations(s);
        var dilated = cell.Dilated(dilations[layer], dilations.Max());
        return layer == dilations.Count - 1 && Fuses(s, dilations) ? Fused(s, dilated, dilations[0]) : dilated;
    }

    /// <summary>F [h_{t-s+1}; ...; h_t] + b_F.</summary>
    static Recurrence Fused(Settings s, Recurrence cell, int width)
    {
        var h = cell.States[0];
        var past = Enumerable.Range(1, width - 1).Reverse().Select(lag => ((Expr)new StateAt(h, lag), cell.Hidden));
        var F = new Matrix("F", "") { Unprefixed = !s.Flag("bidirectional") };
        return cell.Showing(F * new Concat([.. past, (cell.Next[h.Name], cell.Hidden)]) + new Vector("b", "F") { Unprefixed = !s.Flag("bidirectional"), Width = cell.Hidden });
    }

    static bool Fuses(Settings s, IReadOnlyList<int> dilations) => s.Choice("fuse") == Auto ? dilations[0] > 1 : s.Choice("fuse") == "true";

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
