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
            Setting.Real("u_max_gain", 2, "γ: after each update |u| is at most γ^(1/T), T the steps of a training sequence; 0 for no bound", 0),
        ],
        Beyond = IndRnnNet.For,
        RewritesInside = true,
        Initial = _ => [new("u", new Initial.Interval(0, 1))],
        Constraints = Bound,
        Recipes =
        [
            Recipe.Of("adding", "Li et al. 2018; the gradient clipped by its norm, at a constant rate", "batch=32 optimizer=adam learning_rate=2e-4 clip_norm=10 model.hidden=128 model.layers=2"),
            Recipe.Of("mnist", "Li et al. 2018; dropout afresh at each step, weight decay on all parameters", "batch=32 optimizer=adam learning_rate=2e-4 weight_decay=1e-4 dropout=0.1 model.hidden=128 model.layers=6 model.bn=after"),
            Recipe.Of("characters", "Li et al. 2018, characters of the Penn Treebank, without normalisation, which here would let the future in", "batch=128 bptt=50 optimizer=adam learning_rate=2e-4 model.hidden=2000 model.layers=6"),
        ],
    };

    /// <summary>|u| ≤ γ^(1/T), so that a step back over T gains γ at most; with tanh, whose slope is about 0.9 in use, (γ / 0.9^(T/10))^(1/T).</summary>
    internal static IEnumerable<ConstraintRule> Bound(Settings s) => s.Real("u_max_gain") is > 0 and var gain
        ? [new("u", new Constraint.LastingGain(gain, s.Choice("activation") == "tanh" ? Math.Pow(0.9, -0.1) : 1))] : [];

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x) =>
        h[t] = new Apply(act, new Matrix("W", "") * x[t] + new Vector("u", "") * h[t-1] + new Vector("b", ""));
}
