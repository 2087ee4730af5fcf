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
            Setting.Choice("net", "plain", "layers on top of each other, residual blocks, or densely connected ones", "plain", "residual", "dense"),
            Setting.Integer("blocks", 1, "the blocks of the residual network", max: 1000),
            Setting.Integers("dense_blocks", [8, 6, 4], "the layers of each block of the dense network", max: 1000),
            Setting.Integer("growth", 0, "the features that a layer of the dense network adds; 0 for a sixth of hidden", min: 0, max: 65_536),
            Setting.Choice("bn", "none", "batch normalisation before the recurrence or after it", "none", "before", "after"),
            Setting.Choice("bn_over", "sequence", "what its statistics are over: all steps and members of the batch, or the members at each step, as language models need it", "sequence", "step"),
            Setting.Real("u_max_gain", 2, "γ: after each update |u| is at most γ^(1/T), T the steps of a training sequence; 0 for no bound", 0),
            Setting.Integer("u_lasts", 0, "T: u of the last layer starts uniform on γ^(±1/T), so that T steps are remembered; 0: on [0,1] as in the layers below", min: 0),
        ],
        Beyond = IndRnnNet.For,
        RewritesInside = true,
        Initial = s => [.. Lasting(s), new("u", new Initial.Interval(0, 1))],
        Constraints = s => [.. Bound(s), new("u", new Constraint.Undecayed()), new("b", new Constraint.Undecayed())],
        Recipes =
        [
            Recipe.Of("adding", "Li et al. 2018", "batch=32 optimizer=adam learning_rate=2e-4 decay=0.1 decay_every=20000 clip_value=10 model.hidden=128 model.layers=2"),
            Recipe.Of("mnist", "Li et al. 2018; dropout afresh at each step", "batch=32 optimizer=adam learning_rate=2e-4 decay=0.1 decay_every=600000 weight_decay=1e-4 dropout=0.1 model.hidden=128 model.layers=6 model.bn=after"),
            Recipe.Of("characters", "Li et al. 2018, characters of the Penn Treebank", "batch=128 bptt=50 optimizer=adam learning_rate=2e-4 decay=0.2 plateau=1 model.hidden=2000 model.layers=6 model.bn=before model.bn_over=step"),
        ],
    };

    /// <summary>The start of the last layer for tasks that read the last step alone.</summary>
    static IEnumerable<InitialRule> Lasting(Settings s)
    {
        var (steps, gain, layers) = (s.Integer("u_lasts"), s.Real("u_max_gain"), s.Integer("layers"));
        if (steps > 0 && gain <= 1) throw new UserError(FormattableString.Invariant($"indrnn: u_lasts={steps} wants γ above 1, and u_max_gain={gain}."));
        return steps == 0 ? [] : new[] { "", "fwd.", "bwd." }.Select(way => new InitialRule(
            layers == 1 ? $"{way}u" : FormattableString.Invariant($"layer{layers - 1}.{way}u"), new Initial.Interval(Math.Pow(gain, -1.0 / steps), Math.Pow(gain, 1.0 / steps))));
    }

    /// <summary>|u| ≤ γ^(1/T), so that a step back over T gains γ at most; with tanh, whose slope is about 0.9 in use, (γ / 0.9^(T/10))^(1/T).</summary>
    internal static IEnumerable<ConstraintRule> Bound(Settings s) => s.Real("u_max_gain") is > 0 and var gain
        ? [new("u", new Constraint.LastingGain(gain, s.Choice("activation") == "tanh" ? Math.Pow(0.9, -0.1) : 1))] : [];

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x) =>
        h[t] = new Apply(act, new Matrix("W", "") * x[t] + new Vector("u", "") * h[t-1] + new Vector("b", ""));
}
