using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The plain recurrent network of rectified linear units whose recurrent matrix starts positive definite with the largest eigenvalue 1.</summary>
/// <remarks>Talathi and Vartak 2015, arXiv:1511.03771. The equations are those of <see cref="Irnn"/>; W_h starts with variance 1/H times a factor of Sussillo and Abbott 2014.</remarks>
public static class NpRnn
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("np-rnn", s => new Irnn(Activation.Of(s)))
    {
        Title = "Normalised-positive-definite ReLU network",
        Source = "Talathi and Vartak 2015, arXiv:1511.03771",
        Family = "longrange",
        Settings =
        [
            Activation.Setting("relu", "tanh", "identity", "sigmoid"),
            Setting.Flag("plus_identity", true, "whether U_h starts from A + I; without, from A alone"),
            Setting.Real("top_eigenvalue", 1, "what the largest eigenvalue of U_h is brought to at the start; 0 to leave it as it is", min: 0),
        ],
        Initial = s => [new("U_h", new Initial.NormalisedPositiveDefinite(s.Flag("plus_identity"), s.Real("top_eigenvalue"))), new("W_h", new Initial.Normal(Deviation(s.Integer("hidden"))))],
        Recipes = [Recipe.Of("talathi", "Talathi and Vartak 2015, the fastest of the rates that they try", "optimizer=rmsprop learning_rate=0.001 clip_norm=1"), Irnn.Words],
    };

    static double Deviation(int hidden) => Math.Sqrt(2.0 / hidden) * Math.Exp(1.2 / (Math.Max(hidden, 6) - 2.4));
}
