using System.Globalization;
using RnnBench.Backends.Modules;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Architectures;

/// <summary>The sliced network: one net reads all of n^k slices side by side, a second their last states in groups of n, and so on.</summary>
/// <remarks>
/// Yu and Liu 2018, COLING, arXiv:1807.02291. Padding stands in front; z = 1 keeps. activation = identity is the published code. carry = true is the
/// catalogue's ablation: nothing runs side by side, level 0 is one net over the whole sequence, and its state at the end of each slice has seen all of
/// the past, so that the levels above only read what level 0 knows already.
/// </remarks>
public sealed class SlicedRnn : Module
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("sliced-rnn", request => new SlicedRnn(request))
    {
        Title = "Sliced recurrent network",
        Source = "Yu and Liu 2018, COLING, arXiv:1807.02291",
        Family = "fast",
        Settings =
        [
            Architecture.Hidden,
            Setting.Integer("slices", 8, "the number n of slices that a sequence is cut into at each level"),
            Setting.Integer("levels", 2, "how often it is cut, k", min: 0, max: 20),
            Setting.Choice("cell", "gru", "the net at every level", "gru", "lstm", "rnn"),
            Activation.Named("activation", "the nonlinearity of the candidate", "tanh", "identity"),
            Setting.Choice("padding", "front", "where zeros are put until the slices come out even", "front", "end"),
            Setting.Flag("carry", false, "a slice begins with the last state of the slice before it, at every level, and not with zeros"),
        ],
        RewritesInside = true,
        Recipes = [Recipe.Of("yu", "Yu and Liu 2018, their code; words of the task's own vocabulary", "batch=100 optimizer=adam learning_rate=0.001 epochs=10 choose=accuracy embedding=200 model.hidden=50")],
    };

    readonly int slices, levels, hidden;
    readonly bool carries;

    SlicedRnn(ModelRequest request) : base(request)
    {
        (slices, levels, hidden, carries) = (Settings.Integer("slices"), Settings.Integer("levels"), Settings.Integer("hidden"), Settings.Flag("carry"));
        if (Math.Pow(slices, levels) > 1 << 20) throw new UserError($"sliced-rnn: slices={slices} and levels={levels} make more than {1 << 20} slices; choose fewer.");
        Equation($"level 0 reads n^k slices of x, level p the last states of level p-1 in groups of n{(carries ? ", each slice and group from the last state of the one before it" : "")}",
            @"h^{(p)} &= C_p(\text{last states of level } p-1, \text{ in groups of } n)");
        for (var p = 0; p <= levels; p++)
        {
            var cell = request.Rewritten(new Inner(Settings.Choice("cell"), Activation.Of(Settings))
                .Define(request.Architecture.Id, p == 0 ? new Width(request.InputWidth, "I") : new Width(hidden, "H"), new Width(hidden, "H")));
            HasInside(Level(p), new Stack(request.Text, request.Architecture, [[new Scan("", cell, false)]], cell.Input.Size, false, false, []));
        }
        HasOutput(hidden);
    }

    /// <inheritdoc/>
    public override Tensor Run(Pass pass, Tensor x)
    {
        var count = (long)Math.Pow(slices, levels);
        if (count > x.shape[0]) throw new UserError($"{Text}: {count} slices of a sequence of {x.shape[0]} steps; choose fewer slices or levels.");
        var unequal = pass.Lengths is { } given && given.Any(length => length < x.shape[0]);
        if (unequal && levels == 0) return pass.Inside(Level(0), x).Output;
        var (lengths, batch) = (unequal ? pass.Lengths!.Select(length => (length + count - 1) / count).ToArray() : null, x.shape[1]);
        var sequence = unequal ? Spaced(x, pass.Lengths!, lengths!, count) : Padded(x, (count - x.shape[0] % count) % count);
        for (var p = 0; ; p++)
        {
            var groups = (long)Math.Pow(slices, levels - p);
            var (own, side) = (p == 0 ? lengths : null, carries ? 1 : groups);
            int[]? steps = own is null ? null : [.. Enumerable.Range(0, (int)side).SelectMany(_ => own.Select(n => (int)(n * groups / side)))];
            var run = pass.Inside(Level(p), SideBySide(sequence, side), change: hooks => hooks with { Lengths = steps });
            foreach (var (gate, values) in run.Gates) pass.Gate(Level(p) + gate, InTime(values, side));
            if (p == levels) return run.Output;
            sequence = carries ? Ends(run.Output, groups, own) : run.State["h"].view(groups, batch, hidden);
        }
    }

    /// <summary>What a net that went over all slices gave at the end of each, [groups,B,H].</summary>
    /// <param name="y">[T,B,H].</param>
    /// <param name="groups">The slices.</param>
    /// <param name="steps">The steps of each member's slices; null where all are equal.</param>
    static Tensor Ends(Tensor y, long groups, long[]? steps)
    {
        steps ??= [.. Enumerable.Repeat(y.shape[0] / groups, (int)y.shape[1])];
        var places = tensor([.. Enumerable.Range(1, (int)groups).SelectMany(slice => steps.Select(n => slice * n - 1))], [groups, y.shape[1], 1], device: y.device);
        return y.gather(0, places.expand(groups, y.shape[1], y.shape[2]));
    }

    Tensor Padded(Tensor x, long padding)
    {
        var zeros = x.new_zeros([padding, x.shape[1], x.shape[2]]);
        return padding == 0 ? x : cat(Settings.Choice("padding") == "front" ? [zeros, x] : [x, zeros], 0);
    }

    /// <summary>
    /// Sequences of unequal lengths, each padded to so many slices of its own: side by side every slice stands where that of the longest sequence
    /// does, with its own steps first; one by one they follow on each other.
    /// </summary>
    /// <param name="x">[T,B,I], each sequence at the start of its column.</param>
    /// <param name="lengths">The steps of each.</param>
    /// <param name="steps">The steps of each one's slices.</param>
    /// <param name="count">The number of slices.</param>
    Tensor Spaced(Tensor x, IReadOnlyList<int> lengths, long[] steps, long count)
    {
        var longest = steps.Max();
        var columns = lengths.Select((length, member) =>
        {
            var whole = Padded(x.select(1, member).narrow(0, 0, length).unsqueeze(1), count * steps[member] - length).reshape(count, steps[member], x.shape[2]);
            var rest = x.new_zeros([count, longest - steps[member], x.shape[2]]);
            return carries ? cat([whole.reshape(-1, x.shape[2]), rest.reshape(-1, x.shape[2])], 0) : cat([whole, rest], 1).reshape(count * longest, x.shape[2]);
        });
        return stack(columns.ToArray(), 1);
    }

    /// <inheritdoc/>
    public override bool EachStep => levels == 0;

    static string Level(int p) => string.Create(CultureInfo.InvariantCulture, $"level{p}.");

    /// <summary>[groups·L,B,W] as a batch of slices, [L,groups·B,W].</summary>
    static Tensor SideBySide(Tensor sequence, long groups) => sequence
        .reshape(groups, sequence.shape[0] / groups, sequence.shape[1], sequence.shape[2]).transpose(0, 1).reshape(sequence.shape[0] / groups, -1, sequence.shape[2]);

    /// <summary>The way back, in the order of time.</summary>
    static Tensor InTime(Tensor slices, long groups) => slices
        .reshape(slices.shape[0], groups, slices.shape[1] / groups, slices.shape[2]).transpose(0, 1).reshape(groups * slices.shape[0], -1, slices.shape[2]);

    /// <summary>The nets of the paper: a GRU whose reset comes before the matrix and whose z keeps, an LSTM, a plain network.</summary>
    sealed class Inner(string kind, Function a) : Cell
    {
        readonly State h = new();
        readonly State[] memory = kind == "lstm" ? [new State(name: "c")] : [];

        protected override void Equations(Input x)
        {
            switch (kind)
            {
                case "gru":
                    var r = Gate("r", σ(W * x[t] + U * h[t-1] + b));
                    var z = Gate("z", σ(W * x[t] + U * h[t-1] + b));
                    var n = Let("n", new Apply(a, W * x[t] + U * (r * h[t-1]) + b));
                    h[t] = z * h[t-1] + (1 - z) * n;
                    break;
                case "lstm":
                    var i = Gate("i", σ(W * x[t] + U * h[t-1] + b));
                    var f = Gate("f", σ(W * x[t] + U * h[t-1] + b));
                    var o = Gate("o", σ(W * x[t] + U * h[t-1] + b));
                    var g = Let("g", new Apply(a, W * x[t] + U * h[t-1] + b));
                    memory[0][t] = f * memory[0][t-1] + i * g;
                    h[t] = o * new Apply(a, memory[0][t]);
                    break;
                default:
                    h[t] = new Apply(a, new Matrix("W", "") * x[t] + new Matrix("U", "") * h[t-1] + new Vector("b", ""));
                    break;
            }
        }
    }
}
