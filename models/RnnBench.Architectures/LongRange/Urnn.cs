using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The unitary evolution network: a complex state, and a recurrent matrix that is a product of cheap unitary factors.</summary>
/// <remarks>
/// Arjovsky, Shah and Bengio 2016, ICML, arXiv:1511.06464. The reflection is that for v; their code has the one for its conjugate. The product is
/// formed once for each pass over a sequence, and each step multiplies by it as a real matrix on (Re, Im).
/// </remarks>
public sealed class Urnn(int hidden, double epsilon, string variant) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("urnn", s => new Urnn(s.Integer("hidden"), s.Real("eps"), s.Choice(Ablation.Setting)))
    {
        Title = "Unitary evolution network",
        Source = "Arjovsky, Shah and Bengio 2016, ICML, arXiv:1511.06464",
        Family = "longrange",
        Settings = [Setting.Real("eps", 1e-5, "added to the modulus that is divided by", min: 0)],
        Ablations = new[] { "linear", "real_relu", "no_reflections", "no_permutation", "no_fourier" }.ToDictionary(name => name, _ => Ablation.OwnEquations),
        Initial = s => Starts(s.Integer("hidden")),
        Recipes = [Recipe.Of("arjovsky", "Arjovsky et al. 2016, their code", "optimizer=rmsprop rms_decay=0.9 rms_start=0.001 epsilon=0 learning_rate=0.001 batch=20")],
    };

    readonly State h = new(new Width(2 * hidden, "2H")) { Start = [UnitaryParts.Half("h0_re", hidden), UnitaryParts.Half("h0_im", hidden)] };

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var U = new Matrix("U", "") { From = new RealForm(UnitaryParts.Product(hidden, variant.Replace("no_", ""))) };
        var z = Let("z", U * h[t-1] + new Concat((new Matrix("W", "re") * x[t], H), (new Matrix("W", "im") * x[t], H)));
        var b = new Vector("b", "h");
        h[t] = variant switch
        {
            "linear" => z,
            "real_relu" => relu(z + new Concat((b, H), (b, H))),
            _ => UnitaryParts.ModRelu(z, b, epsilon, H),
        };
    }

    /// <summary>How the parameters start, those of the product apart from the complex networks' others.</summary>
    internal static IEnumerable<InitialRule> Starts(int hidden) =>
    [
        new("W_*", new Initial.Glorot(Parts: 2)),
        new("b_h", new Initial.Uniform(0.01)),
        new("h0_*", new Initial.Uniform(Math.Sqrt(3.0 / (2 * hidden)))),
        .. UnitaryParts.Product(hidden).Stored.Select(q => new InitialRule(q.Name, UnitaryParts.StartOf(q, hidden))),
    ];
}
