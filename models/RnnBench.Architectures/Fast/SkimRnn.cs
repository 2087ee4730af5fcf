using RnnBench.Backends.Modules;
using RnnBench.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>Skim-RNN: at every step a decision picks a big LSTM, which updates all units, or a small one, which updates the first few.</summary>
/// <remarks>
/// Seo, Min, Farhadi and Hajishirzi 2018, ICLR, arXiv:1711.02085. mode = soft mixes both by Gumbel-softmax in training and decides hard in
/// evaluation, where a skipped step does the small net's work only; mode = straight decides in training too. Decisions are a tie for reading. Before
/// training step warm_start every step is read, without a reward for skimming: a plain LSTM, as the authors begin on questions and answers.
/// </remarks>
public sealed class SkimRnn : Module
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("skim-rnn", request => new SkimRnn(request))
    {
        Title = "Skim-RNN",
        Source = "Seo, Min, Farhadi and Hajishirzi 2018, ICLR, arXiv:1711.02085",
        Family = "fast",
        Settings =
        [
            Architecture.Hidden,
            Setting.Integer("small", 2, "the units S that a skim updates, fewer than hidden; 0 skips the step", min: 0, max: 65_536),
            Setting.Choice("mode", "hard", "soft: mixed by Gumbel-softmax in training; hard: decided in training too, without a gradient for the decision; straight: decided, with the gradient of soft", "hard", "soft", "straight"),
            Setting.Real("tau", 0.5, "the temperature of soft decisions outside training", double.Epsilon),
            Setting.Real("threshold", 0.5, "read where the probability of reading is at least this", 0, 1),
            Setting.Choice("small_input", "full", "what the small net sees of h: all of it, or its own part", "full", "slice"),
            Setting.Real("gamma", 0.01, "by how much the loss rewards skimming", 0),
            Setting.Real("tau_rate", 1e-4, "the rate r of the temperature exp(-r step) in training", 0),
            Setting.Real("tau_min", 0.5, "the lowest temperature in training", double.Epsilon),
            Setting.Integer("warm_start", 0, "the training steps before the first that may skim; until then a plain LSTM is trained", min: 0, max: 1_000_000_000),
        ],
        RewritesInside = true,
        Recipes = [Recipe.Of("sst", "Seo et al. 2018", "batch=32 optimizer=adam learning_rate=1e-4 evaluate_every=500 patience=6 choose=accuracy embedding=300 model.hidden=100 model.small=5 model.mode=soft model.gamma=0.01"),
            Recipe.Of("imdb", "Seo et al. 2018", "batch=128 optimizer=adam learning_rate=1e-4 evaluate_every=500 patience=6 choose=accuracy embedding=300 model.hidden=100 model.small=10 model.mode=soft model.gamma=0.01")],
    };

    static readonly string[] letters = ["i", "f", "o", "g"];
    readonly int input, hidden, small;
    readonly bool soft, full;

    SkimRnn(ModelRequest request) : base(request)
    {
        (input, hidden, small) = (request.InputWidth, Settings.Integer("hidden"), Settings.Integer("small"));
        if (small >= hidden) throw new UserError($"skim-rnn: small={small} units of hidden={hidden}; the small net has to be smaller.");
        (soft, full) = (Settings.Choice("mode") != "hard", Settings.Choice("small_input") == "full");
        foreach (var (name, decides) in new[] { ("hard", false), ("soft", true) }.Where(way => way.Item2 == soft))
        {
            // Behind x the cell reads the difference of the Gumbel noises, so large that it reads in a warm start, and one over the temperature.
            var cell = request.Rewritten(new Mixed(input, small, full, decides, straight: Settings.Choice("mode") == "straight", warm: Settings.Integer("warm_start") > 0, Settings.Real("threshold"))
                .Define(request.Architecture.Id, new Width(input + 2, "I"), new Width(hidden, "H")));
            HasInside("", new Stack(request.Text, request.Architecture, [[new Scan("", cell, false)]], input + 2, false, false, []));
        }
        foreach (var state in new[] { "h", "c" }) HasState(new ModelState(state, 1, 1, hidden));
        HasOutput(hidden);
    }

    /// <summary>FLOPs of the matrix products of a step, by the share of steps that were skimmed: 8H(I+H) to read, 8S(I+H) to skim, 4(I+H) to decide.</summary>
    /// <param name="skimmed">The share, from 0 to 1: the mean of the gate <c>skim</c> in evaluation.</param>
    public double FlopsDone(double skimmed) =>
        (1 - skimmed) * 8 * hidden * (input + hidden) + skimmed * 8 * small * (input + (full ? hidden : small)) + 4 * (input + hidden);

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var reads = pass.Training is { } moment && moment.Step < Settings.Integer("warm_start");
        var noise = soft && !reads ? pass.Noise("gumbel", [x.shape[0], x.shape[1], 2], random => -Math.Log(-Math.Log(1 - random.NextDouble()))) : null;
        if (noise is null && !reads && !is_grad_enabled() && pass.Hooks.Tap is null) return Skipping(pass, x);
        var sharp = soft && noise is null && !reads;                        // evaluation: the hard decision as the limit of low temperatures
        var heat = pass.Training is { } training ? Math.Max(Settings.Real("tau_min"), Math.Exp(-Settings.Real("tau_rate") * training.Step)) : Settings.Real("tau");
        var gap = noise is null ? x.new_full([x.shape[0], x.shape[1], 1], reads ? 1e30 : 0) : noise.narrow(-1, 0, 1) - noise.narrow(-1, 1, 1);
        var run = pass.Inside("", cat([x, gap, x.new_full([x.shape[0], x.shape[1], 1], sharp ? 1e30 : 1 / heat)], -1),
            new Dictionary<string, Tensor> { ["h"] = pass.State("h"), ["c"] = pass.State("c") });
        foreach (var (gate, values) in run.Gates) pass.Gate(gate, values);
        foreach (var (state, value) in run.State) pass.Carry(state, value);
        if (pass.Training is not null && soft && !reads) pass.Penalty(run.Output.narrow(-1, hidden, 1).mean().mul(-Settings.Real("gamma")));
        return run.Output.narrow(-1, 0, hidden);
    }

    /// <summary>Step by step, the rows that read and those that skim each with their own net and no other work.</summary>
    Tensor Skipping(Pass pass, Tensor x)
    {
        var q = pass.InsideParameters("");
        var (h, c) = (pass.State("h"), pass.State("c"));
        var (big, little) = (Net(q, ""), small > 0 ? Net(q, "small.") : default);
        var (done, skimmed) = (0L, 0L);
        var steps = x.unbind(0).Select((at, t) => Step(at, t)).ToArray();
        pass.Carry("h", h);
        pass.Carry("c", c);
        pass.Figure("skim_rate", (double)skimmed / Math.Max(1, done), done);
        pass.Figure("flops", FlopsDone((double)skimmed / Math.Max(1, done)), done);
        foreach (var (gate, k) in new[] { "skim", "p_skim", "i", "f", "o" }.Select((gate, k) => (gate, k)))
            if (pass.RecordsGates) pass.Gate(gate, stack(steps.Select(s => s.Gates[k]), 0));
        return stack(steps.Select(s => s.H), 0);

        (Tensor H, Tensor[] Gates) Step(Tensor at, int t)
        {
            var read = (at.mm(q["W_q"].t()) + h.mm(q["U_q"].t()) + q["b_q"]).softmax(-1).select(-1, 0);
            var reads = read.ge(Settings.Real("threshold"));
            var (readers, skimmers) = (Real(reads).nonzero().flatten(), Real(reads.logical_not()).nonzero().flatten());
            (done, skimmed) = (done + readers.numel() + skimmers.numel(), skimmed + skimmers.numel());
            var gates = pass.RecordsGates ? Lstm(big, at, h, c).Gates : null;  // the record has the big net's gates at skimmed steps too
            var (nextH, nextC) = (h.clone(), c.clone());
            if (readers.numel() > 0)
            {
                var (newH, newC, _) = Lstm(big, at[readers], h[readers], c[readers]);
                nextH.index_copy_(0, readers, newH);
                nextC.index_copy_(0, readers, newC);
            }
            if (small > 0 && skimmers.numel() > 0)
            {
                var seen = h[skimmers];
                var (newH, newC, _) = Lstm(little, at[skimmers], full ? seen : seen.narrow(-1, 0, small), c[skimmers].narrow(-1, 0, small));
                nextH.narrow(-1, 0, small).index_copy_(0, skimmers, newH);
                nextC.narrow(-1, 0, small).index_copy_(0, skimmers, newC);
            }
            (h, c) = (nextH, nextC);
            return (h, gates is null ? [] : [reads.logical_not().to(x.dtype).unsqueeze(-1), (1 - read).unsqueeze(-1), .. gates]);

            // A sequence that has ended does nothing any more.
            Tensor Real(Tensor chosen) => pass.Lengths is not { } lengths ? chosen : chosen.logical_and(tensor([.. lengths.Select(length => t < length)], device: x.device));
        }
    }

    static (Tensor W, Tensor U, Tensor B) Net(IReadOnlyDictionary<string, Tensor> q, string at) =>
        (cat([.. letters.Select(l => q[$"{at}W_{l}"])], 0).t(), cat([.. letters.Select(l => q[$"{at}U_{l}"])], 0).t(), cat([.. letters.Select(l => q[$"{at}b_{l}"])], 0));

    static (Tensor H, Tensor C, Tensor[] Gates) Lstm((Tensor W, Tensor U, Tensor B) net, Tensor x, Tensor h, Tensor c)
    {
        var parts = (x.mm(net.W) + h.mm(net.U) + net.B).chunk(4, -1);
        var (i, f, o) = (parts[0].sigmoid(), parts[1].sigmoid(), parts[2].sigmoid());
        var next = f * c + i * parts[3].tanh();
        return (o * next.tanh(), next, [i, f, o]);
    }

    /// <summary>Both nets at every step and the mixture of their results; shows h and, behind it, log p of skimming.</summary>
    sealed class Mixed(int input, int small, bool full, bool soft, bool straight, bool warm, double threshold) : Cell
    {
        readonly State h = new(), c = new();
        Expr? shown;

        protected override Expr? Output => shown;

        protected override void Equations(Input x)
        {
            Width one = new(1, "1"), own = new(input, "I"), little = new(small, "S");
            var at = new Slice(x[t], 0, own, 2);
            var q = Let("q", new Matrix("W", "q") * at + new Matrix("U", "q") * h[t-1] + new Vector("b", "q"));
            Expr gap = new Slice(q, 0, one, 1) - new Slice(q, 1, one, 0);
            var p = Gate("p_skim", σ(-gap));
            var (noise, sharpness) = (new Slice(x[t], input, one, 1), new Slice(x[t], input + 1, one, 0));
            var read = soft ? σ((gap + noise) * sharpness) : 1 - new Apply(Function.Step, warm ? threshold - (1 - p) - noise : threshold - (1 - p));
            if (straight) read = hold(new Apply(Function.Step, read - 0.5) - read) + read;          // straight through: Bengio, Léonard and Courville 2013
            var skim = Gate("skim", 1 - read);

            var (bigH, bigC) = Net("", h[t-1], c[t-1]);
            Expr keptH = h[t-1], keptC = c[t-1];
            if (small > 0)
            {
                var (smallH, smallC) = Net("small.", full ? h[t-1] : First(h[t-1]), First(c[t-1]));
                (keptH, keptC) = (Replaced(smallH, h[t-1]), Replaced(smallC, c[t-1]));
            }
            c[t] = bigC + new Spread(skim, one, 1, H.Size) * (keptC - bigC);
            h[t] = bigH + new Spread(skim, one, 1, H.Size) * (keptH - bigH);
            shown = new Concat((h[t], H), (-softplus(gap), one));

            Slice First(Expr whole) => new(whole, 0, little, H.Size - small);
            Concat Replaced(Expr first, Expr whole) => new((first, little), (new Slice(whole, small, new Width(H.Size - small, "H-S"), 0), new Width(H.Size - small, "H-S")));

            (Expr H, Expr C) Net(string prefix, Expr h, Expr c)
            {
                Affine Sum(string l) => new Matrix(prefix + "W", l) * at + new Matrix(prefix + "U", l) * h + new Vector(prefix + "b", l);
                Expr Named(string l) => prefix == "" ? Gate(l, σ(Sum(l))) : Let(prefix + l, σ(Sum(l)));
                var (i, f, o) = (Named("i"), Named("f"), Named("o"));
                var next = Let(prefix + "c'", f * c + i * Let(prefix + "g", tanh(Sum("g"))));
                return (Let(prefix + "h'", o * tanh(next)), next);
            }
        }
    }
}
