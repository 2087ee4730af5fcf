using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The plain recurrent network.</summary>
/// <remarks>Elman 1990, "Finding Structure in Time", Cognitive Science 14(2).</remarks>
public sealed class Rnn(Function activation) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("rnn", s => new Rnn(Activation.Of(s)))
    {
        Title = "Vanilla recurrent network",
        Source = "Elman 1990, Cognitive Science 14(2):179-211",
        Family = "gated",
        Settings = [Activation.Setting("tanh", "relu", "identity")],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x) =>
        h[t] = new Apply(activation, W * x[t] + U * h[t-1] + b);
}
