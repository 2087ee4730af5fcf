using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The temporal-kernel network: each unit sees every past state of every unit, a lag of k weighted by λ to the k-1.</summary>
/// <remarks>
/// Sutskever and Hinton 2010, Neural Networks 23(2). The trace s is the sum over lags, with λ = σ(lam) per sending unit, per receiving unit, one for
/// all of them, or per connection; then it is a matrix, kept row by row. Where λ stands, and how it starts, is this project's reading.
/// </remarks>
public sealed class TkRnn(Function f, string place, int hidden) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("tkrnn", s => new TkRnn(Activation.Of(s), s.Choice("lambda_on"), s.Integer("hidden")))
    {
        Title = "Temporal-kernel recurrent network",
        Source = "Sutskever and Hinton 2010, Neural Networks 23(2):239-243",
        Family = "longrange",
        Settings =
        [
            Activation.Setting("tanh", "relu", "identity", "sigmoid"),
            Setting.Choice("lambda_on", "source", "whether λ belongs to the sending unit (source), to the receiving one (target), to their connection (pair), or to all units alike (all)", "source", "target", "pair", "all"),
            Setting.Flag("lambda_fixed", false, "whether λ stays as it starts"),
            Setting.Real("longest", 100, "the longest time constant of λ at the start, in steps", min: 1),
        ],
        Initial = s =>
        [
            new("lam", new Initial.TimeConstants(s.Real("longest"))),
            new("U_h", new Initial.Trace("lam", ByRow: s.Choice("lambda_on") == "target")),
            new("W_h", new Initial.NormalFanIn()),
        ],
        Constraints = s => s.Flag("lambda_fixed") ? [new("lam", new Constraint.Frozen())] : [],
        Recipes = [Recipe.Of("project", "the project's own; the paper's is not known", "optimizer=adam learning_rate=0.001 clip_norm=1")],
    };

    readonly State h = new(), s = new(place == "pair" ? Pairs(hidden) : null);

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        Width? width = place == "pair" ? Pairs(hidden) : null;
        var (one, U) = (new Width(1, "1"), new Matrix("U", "h"));
        var lam = σ(new Vector("lam", "") { Width = place == "all" ? one : width });
        var λ = Let("λ", place == "all" ? new Spread(lam, one, 1, hidden) : lam);
        s[t] = λ * s[t-1] + place switch
        {
            "source" or "all" => h[t-1],
            "target" => U * h[t-1],
            _ => new Spread(h[t-1], H, 1, hidden),                                       // every row is h
        };
        h[t] = new Apply(f, place switch
        {
            "source" or "all" => W * x[t] + U * s[t] + b,
            "target" => W * x[t] + s[t] + b,
            _ => W * x[t] + new Fold(new Vector("U", "h") { Width = width } * s[t], H, hidden, hidden) + b,
        });
    }

    static Width Pairs(int hidden) => hidden <= 46_340 ? new(hidden * hidden, "H²") { Sides = [hidden, hidden] }
        : throw new UserError($"tkrnn: hidden={hidden} has more pairs of units than can be counted; choose a smaller hidden, or lambda_on=source.");
}
