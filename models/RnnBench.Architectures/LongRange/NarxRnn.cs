using System.Globalization;
using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The network whose next state sees several past states, each through a matrix of its own.</summary>
/// <remarks>
/// Lin, Horne, Tiño and Giles 1996, IEEE Transactions on Neural Networks 7(6), with hidden states fed back as in DiPietro et al. 2017; the network
/// of 1996 fed back its outputs.
/// </remarks>
public sealed class NarxRnn(Function f, IReadOnlyList<int> delays) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("narx-rnn", s => new NarxRnn(Activation.Of(s), DelaysOf(s)))
    {
        Title = "NARX recurrent network",
        Source = "Lin, Horne, Tiño and Giles 1996, IEEE Transactions on Neural Networks 7(6):1329-1338",
        Family = "longrange",
        Settings =
        [
            Setting.Integer("n_d", 4, "the number of delays 1, 2, 3 ...", max: 1000),
            Setting.Integers("delays", [], "the delays themselves, in place of n_d", max: 100_000),
            Activation.Setting("tanh", "relu", "identity", "sigmoid"),
        ],
        Initial = s => [new("U_h", new Initial.Normal(1 / Math.Sqrt((double)DelaysOf(s).Count * s.Integer("hidden")))), new("W_h", new Initial.NormalFanIn())],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var U = new Stored("U", "h", new Width(delays.Count, "K"), H, H);
        Expr sum = W * x[t];
        foreach (var (k, delay) in delays.Index())
            sum += new Matrix("U", "h" + k.ToString(CultureInfo.InvariantCulture)) { From = new StoredMatrix(U, k) } * h[t-delay];
        h[t] = new Apply(f, sum + b);
    }

    static IReadOnlyList<int> DelaysOf(Settings s) => Delays.Of(s, "narx-rnn", "delays", () => Enumerable.Range(1, s.Integer("n_d")));
}
