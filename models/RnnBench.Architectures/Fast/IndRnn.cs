using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The independently recurrent network: each unit has one recurrent weight of its own.</summary>
/// <remarks>Li, Li, Cook, Zhu and Gao 2018, CVPR, arXiv:1803.04831.</remarks>
public sealed class IndRnn(Function act) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("indrnn", s => new IndRnn(Activation.Of(s)))
    {
        Title = "Independently recurrent network",
        Source = "Li, Li, Cook, Zhu and Gao 2018, CVPR, arXiv:1803.04831",
        Family = "fast",
        Settings = [Activation.Setting("relu", "tanh", "identity")],
        Initial = _ => [new("u", new Initial.Interval(0, 1))],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x) =>
        h[t] = new Apply(act, new Matrix("W", "") * x[t] + new Vector("u", "") * h[t-1] + new Vector("b", ""));
}
