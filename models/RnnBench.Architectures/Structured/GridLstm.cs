using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The grid LSTM over depth and time: LSTM cells along both; each block passes a pair (h, m) to the next step and another to the next layer.</summary>
/// <remarks>
/// Kalchbrenner, Danihelka and Graves 2016, ICLR, arXiv:1507.01526. h' = tanh(o ⊙ m') as in the paper; public code has o ⊙ tanh(m'), which is
/// squash = outside. The whole grid is the step of one cell, which any backend runs.
/// </remarks>
public sealed class GridLstm : Module
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("grid-lstm", request => new GridLstm(request))
    {
        Title = "Grid LSTM, depth and time",
        Source = "Kalchbrenner, Danihelka and Graves 2016, ICLR, arXiv:1507.01526",
        Family = "structured",
        Settings =
        [
            Architecture.Hidden,
            Setting.Integer("layers", 1, "the depth of the grid", max: 200),
            Setting.Choice("tied", "none", "weights that all layers share: none, all, or those along depth", "none", "all", "depth"),
            Setting.Choice("priority", "depth", "the dimension that is transformed last and sees the other's new vector; none for neither", "depth", "none", "time"),
            Setting.Choice("squash", "inside", "h = tanh(o ⊙ m) inside, o ⊙ tanh(m) outside", "inside", "outside"),
            Setting.Choice("depth", "lstm", "the dimension of depth: with a memory, or a plain layer h = tanh(W hd + U ht + b)", "lstm", "plain"),
        ],
        RewritesInside = true,
        Recipes = [Recipe.Of("kalchbrenner", "Kalchbrenner et al. 2016", "optimizer=adam learning_rate=0.001")],
    };

    readonly int layers;

    GridLstm(ModelRequest request) : base(request)
    {
        layers = Settings.Integer("layers");
        var hidden = Settings.Integer("hidden");
        var cell = new Grid(layers, Settings.Choice("tied"), Settings.Choice("priority"), Settings.Choice("squash") == "inside", Settings.Choice("depth") == "plain")
            .Define(request.Architecture.Id, new Width(request.InputWidth, "I"), new Width(hidden, "H"));
        HasInside("", new Stack(request.Text, request.Architecture, [[new Scan("", request.Rewritten(cell), false)]], request.InputWidth, false, false, []));
        foreach (var state in new[] { "h", "m" }) HasState(new ModelState(state, layers, 1, hidden));
        HasOutput(hidden);
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var (h, m) = (pass.State("h"), pass.State("m"));
        var start = Enumerable.Range(0, layers).SelectMany(l => new[] { (Grid.StateOf(l, layers, "h"), Of(h, l)), (Grid.StateOf(l, layers, "m"), Of(m, l)) }).ToDictionary();
        var run = pass.Inside("", x, start);
        foreach (var (gate, value) in run.Gates) pass.Gate(gate, value);
        foreach (var state in new[] { "h", "m" })
        {
            Tensor[] each = [.. Enumerable.Range(0, layers).Select(l => run.State[Grid.StateOf(l, layers, state)])];
            pass.Carry(state, layers > 1 ? stack(each, 0) : each[0]);
        }
        return run.Output;
    }

    Tensor Of(Tensor state, int layer) => layers > 1 ? state[layer] : state;

    /// <summary>One step of all layers. The state of layer l is the pair of the time dimension; the depth pair goes up within the step.</summary>
    sealed class Grid(int layers, string tied, string priority, bool inside, bool plain) : Cell
    {
        readonly State[] pairs = [.. Enumerable.Range(0, layers).SelectMany(l => new[] { new State(name: StateOf(l, layers, "h")), new State(name: StateOf(l, layers, "m")) })];
        readonly Dictionary<string, Parameter> shared = [];
        Expr? top;

        public static string StateOf(int layer, int layers, string letter) => Prefix(layer, layers) + "t." + letter;

        protected override Expr? Output => top;

        protected override void Equations(Input x)
        {
            var hd = Let("hd", new Matrix("P", "h") * x[t]);
            var md = plain ? hd : Let("md", new Matrix("P", "m") * x[t]);
            for (var l = 0; l < layers; l++)
            {
                var (at, h, m) = (Prefix(l, layers), pairs[2 * l], pairs[2 * l + 1]);
                if (priority == "time") (hd, md) = Depth(at, hd, md, h[t-1]);
                var old = h[t-1];
                var (i, f, o, g) = Gates(at, "t", hd, old);
                m[t] = f * m[t-1] + i * g;
                h[t] = Squashed(o, m[t]);
                if (priority != "time") (hd, md) = Depth(at, hd, md, priority == "depth" ? h[t] : old);
            }
            top = hd;
        }

        (Expr Hidden, Expr Memory) Depth(string at, Expr hd, Expr md, Expr ht)
        {
            if (plain) return (Let(at + "d.h", tanh(Sum(at, "d", "g", hd, ht))), md);
            var (i, f, o, g) = Gates(at, "d", hd, ht);
            var memory = Let(at + "d.m", f * md + i * g);
            return (Let(at + "d.h", Squashed(o, memory)), memory);
        }

        (Expr I, Expr F, Expr O, Expr G) Gates(string at, string way, Expr hd, Expr ht) =>
            (Gate($"{at}{way}.i", σ(Sum(at, way, "i", hd, ht))), Gate($"{at}{way}.f", σ(Sum(at, way, "f", hd, ht))),
             Gate($"{at}{way}.o", σ(Sum(at, way, "o", hd, ht))), Let($"{at}{way}.g", tanh(Sum(at, way, "g", hd, ht))));

        Expr Squashed(Expr o, Expr m) => inside ? tanh(o * m) : o * tanh(m);

        Affine Sum(string at, string way, string q, Expr hd, Expr ht) =>
            Shared(at, way, "W", q, (s, e) => new Matrix(s, e)) * hd + Shared(at, way, "U", q, (s, e) => new Matrix(s, e)) * ht + Shared(at, way, "b", q, (s, e) => new Vector(s, e));

        /// <summary>A weight of a layer, or the one that all layers share.</summary>
        T Shared<T>(string at, string way, string letter, string q, Func<string, string, T> make) where T : Parameter
        {
            var symbol = (tied == "all" || tied == "depth" && way == "d" ? "" : at) + $"{way}.{letter}";
            if (!shared.TryGetValue(symbol + "_" + q, out var weight)) shared.Add(symbol + "_" + q, weight = make(symbol, q));
            return (T)weight;
        }
    }
}
