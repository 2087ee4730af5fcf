using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The reversible GRU: two halves of the state update each other in turn, so that a step can be undone from its result.</summary>
/// <remarks>MacKay, Vicol, Ba and Grosse 2018, NeurIPS, arXiv:1810.10999; z = 1 keeps. The arithmetic that undoes a step to the last bit: <see cref="Backends.Reversible.FixedPoint"/>.
/// Without it, arithmetic = drifting, what comes back drifts away from what was, the faster the more a step forgets: a limit of forgetting slows it.</remarks>
public sealed class RevGru(double floor, bool forgets) : Cell
{
    /// <summary>The settings of both reversible cells.</summary>
    internal static IReadOnlyList<Setting> Common { get; } =
    [
        MaxForgetBits,
        Setting.Choice("arithmetic", "float", "fixed: states in fixed point, undone exactly in the backward pass instead of being kept for it; drifting: undone in floating point, by division", "float", "fixed", "drifting"),
    ];

    /// <summary>The limit of forgetting.</summary>
    internal static Setting MaxForgetBits => Setting.Integer("max_forget_bits", 0, "the most bits m that a unit may forget in a step; 0 for no limit", min: 0, max: 10);

    /// <summary>The usual start of linear layers: everything uniform on ±1 / √columns.</summary>
    internal static IReadOnlyList<InitialRule> Start { get; } =
    [
        .. from half in new[] { "half1.", "half2." } from letter in new[] { "W_*", "U_*", "b_*" } select new InitialRule(half + letter, letter == "b_*" ? new Initial.BiasOfLinear() : new Initial.FanIn(1)),
    ];

    /// <summary>How the authors train both on words; what suits other tasks they do not say.</summary>
    internal static IReadOnlyList<Recipe> Recipes { get; } =
    [
        Recipe.Of("project", "the project's own, for tasks that the authors do not train on; they forget 3 bits by default", "optimizer=adam learning_rate=0.001 clip_norm=1 model.max_forget_bits=3"),
        Words("ptb"), Words("wikitext-2"),
    ];

    static Recipe Words(string task) => Recipe.Of(task, "MacKay et al. 2018, one layer; one dropout for input and output, none on the recurrent weights",
        "batch=20 bptt=70 optimizer=sgd learning_rate=20 decay=0.25 plateau=5 clip_norm=0.1 dropout=0.4 weight_decay=1.2e-6 embedding=650 model.hidden=650 model.max_forget_bits=3");

    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("rev-gru", s => new RevGru(Floor("rev-gru", s), s.Flag("forgets")))
    {
        Title = "Reversible GRU",
        Source = "MacKay, Vicol, Ba and Grosse 2018, NeurIPS, arXiv:1810.10999",
        Family = "fast",
        Settings = [.. Common, Setting.Flag("forgets", true, "whether z keeps less than all of the old state; without, (1 - z) n is added to all of it (for rev-lstm write [f=1][p=1])")],
        Initial = _ => Start,
        Reversal = ReversalOf,
        Recipes = Recipes,
    };

    /// <summary>How steps are undone.</summary>
    internal static Reversal ReversalOf(Settings s) => s.Choice("arithmetic") switch { "fixed" => Reversal.FixedPoint, "drifting" => Reversal.FloatingPoint, _ => Reversal.None };

    /// <summary>The least value 2^-m of a gate that forgets; 0 for no limit.</summary>
    /// <exception cref="UserError">The hidden size is odd.</exception>
    internal static double Floor(string id, Settings s) => s.Integer("hidden") % 2 != 0
        ? throw new UserError($"{id}: setting hidden={s.Integer("hidden")} is odd; the state is cut into two halves.")
        : s.Integer("max_forget_bits") is > 0 and var bits ? Math.Pow(2, -bits) : 0;

    /// <summary>A gate that forgets, kept from 2^-m up.</summary>
    internal static Expr Limited(Expr gate, double floor) => floor == 0 ? gate : floor + (1 - floor) * gate;

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var (half, size) = (new Width(H.Size / 2, "H/2"), H.Size / 2);
        var (z1, r1, h1) = Half("half1.", new Slice(h[t-1], 0, half, size), new Slice(h[t-1], size, half, 0));
        var (z2, r2, h2) = Half("half2.", new Slice(h[t-1], size, half, 0), h1);
        Gate("z", new Concat((z1, half), (z2, half)));
        Gate("r", new Concat((r1, half), (r2, half)));
        h[t] = new Concat((h1, half), (h2, half));

        (Expr Z, Expr R, Expr H) Half(string at, Expr own, Expr other)
        {
            var z = Let(at + "z", Limited(σ(Sum(at, "z", other)), floor));
            var r = Let(at + "r", σ(Sum(at, "r", other)));
            var n = Let(at + "n", tanh(Sum(at, "n", r * other)));
            return (z, r, Let(at + "h", (forgets ? z * own : own) + (1 - z) * n));
        }

        Affine Sum(string at, string q, Expr other) => new Matrix(at + "W", q) * x[t] + new Matrix(at + "U", q) * other + new Vector(at + "b", q);
    }
}
