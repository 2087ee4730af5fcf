using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The plain recurrent network of rectified linear units whose recurrent matrix starts as the identity.</summary>
/// <remarks>Le, Jaitly and Hinton 2015, arXiv:1504.00941. 0.001 is read as the standard deviation of the input weights.</remarks>
public sealed class Irnn(Function f) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("irnn", s => new Irnn(Activation.Of(s)))
    {
        Title = "Identity-initialised ReLU network",
        Source = "Le, Jaitly and Hinton 2015, arXiv:1504.00941",
        Family = "longrange",
        Settings =
        [
            Activation.Setting("relu", "tanh", "identity", "sigmoid"),
            Setting.Real("identity_scale", 1, "the multiple of the identity that U_h starts as"),
            Setting.Choice("init", "identity", "how U_h starts: as that identity, Gaussian with deviation 0.001 (the paper's RNN + ReLU), or orthogonal", "identity", "gaussian", "orthogonal"),
        ],
        Initial = s => [new("W_h", new Initial.Normal(0.001)), new("U_h", s.Choice("init") switch
        {
            "gaussian" => new Initial.Normal(0.001),
            "orthogonal" => new Initial.Orthogonal(),
            _ => new Initial.Identity(s.Real("identity_scale")),
        })],
        Recipes =
        [
            Recipe.Of("le", "Le et al. 2015, adding, T = 200", "optimizer=sgd learning_rate=0.01 clip_norm=1 batch=16"),
            Recipe.Of("smnist", "Le et al. 2015", "optimizer=sgd learning_rate=1e-8 clip_norm=1 batch=16 model.hidden=100"),
            Recipe.Of("pmnist", "Le et al. 2015", "optimizer=sgd learning_rate=1e-9 clip_norm=1 batch=16 model.hidden=100"),
            Words,
        ],
    };

    /// <summary>Rectified networks whose state is carried from window to window: it grows without bound where a singular value is above 1.</summary>
    internal static Recipe Words => Recipe.Of("ptb", "the project's own, for words, where the state is carried on: the singular values of U_h stay at most 1",
        "optimizer=adam learning_rate=0.001 clip_norm=1 svclip_mode=max svclip_s=1");

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x) =>
        h[t] = new Apply(f, W * x[t] + U * h[t-1] + b);
}
