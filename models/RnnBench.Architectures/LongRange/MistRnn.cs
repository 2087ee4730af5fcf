using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The mixed-history network: past states at growing delays, mixed by a softmax and read through one matrix.</summary>
/// <remarks>DiPietro, Rupprecht, Navab and Hager 2017, arXiv:1702.07805. The reset gate is on the mixed history; states before the first step are zero and keep their share. They draw the learning rate from 1e-4 to 10; the recipe has the middle.</remarks>
public sealed class MistRnn(Function f, IReadOnlyList<int> delays, bool reset) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("mist-rnn", s => new MistRnn(Activation.Of(s), DelaysOf(s), s.Flag("reset")))
    {
        Title = "Mixed-history recurrent network",
        Source = "DiPietro, Rupprecht, Navab and Hager 2017, arXiv:1702.07805",
        Family = "longrange",
        Settings =
        [
            Setting.Integer("n_d", 8, "the number of delays 1, 2, 4, 8 ...", max: 16),
            Setting.Integers("delays", [], "the delays themselves, in place of n_d", max: 100_000),
            Activation.Setting("tanh", "relu", "identity", "sigmoid"),
            Setting.Flag("reset", true, "whether a gate r says how much of the mixed history is read"),
        ],
        Initial = s => [new("b*", new Initial.Constant(0)), new("*", new Initial.Normal(1 / Math.Sqrt(s.Integer("hidden"))))],
        Recipes = [Recipe.Of("dipietro", "DiPietro et al. 2017, their code: gradients brought to the norm 1, here to 1 at most; the rate the middle of the range that they draw from", "optimizer=sgd momentum=0.9 learning_rate=0.03 clip_norm=1 batch=100")],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var (D, one) = (new Width(delays.Count, "D"), new Width(1, "1"));
        var a = Gate("a", new Softmax(W * x[t] + U * h[t-1] + b, D));
        Expr mixed = 0;
        foreach (var (i, delay) in delays.Index())
        {
            var share = new Spread(new Slice(a, i, one, delays.Count - i - 1), one, 1, H.Size) * h[t-delay];
            mixed = i == 0 ? share : mixed + share;
        }
        var m = Let("m", reset ? Gate("r", σ(W * x[t] + U * h[t-1] + b)) * mixed : mixed);
        h[t] = new Apply(f, W * x[t] + U * m + b);
    }

    static IReadOnlyList<int> DelaysOf(Settings s) => Delays.Of(s, "mist-rnn", "delays", () => Enumerable.Range(0, s.Integer("n_d")).Select(i => 1 << i));
}
