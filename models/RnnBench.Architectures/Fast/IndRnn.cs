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
        Settings =
        [
            Activation.Setting("relu", "tanh", "identity"),
            Setting.Choice("net", "plain", "layers on top of each other, or residual blocks", "plain", "residual"),
            Setting.Integer("blocks", 1, "the blocks of the residual network", max: 1000),
            Setting.Choice("bn", "none", "batch normalisation before the recurrence or after it", "none", "before", "after"),
        ],
        Beyond = IndRnnNet.For,
        Initial = _ => [new("u", new Initial.Interval(0, 1))],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x) =>
        h[t] = new Apply(act, new Matrix("W", "") * x[t] + new Vector("u", "") * h[t-1] + new Vector("b", ""));
}
