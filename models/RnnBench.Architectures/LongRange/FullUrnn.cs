using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The unitary network whose recurrent matrix is any unitary matrix, moved along the unitary matrices at each update.</summary>
/// <remarks>Wisdom, Powers, Hershey, Le Roux and Atlas 2016, NIPS, arXiv:1611.00035. The update takes the whole gradient; their code takes a part of it.</remarks>
public sealed class FullUrnn(int hidden, double epsilon) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("full-urnn", s => new FullUrnn(s.Integer("hidden"), s.Real("eps")))
    {
        Title = "Full-capacity unitary network",
        Source = "Wisdom, Powers, Hershey, Le Roux and Atlas 2016, NIPS, arXiv:1611.00035",
        Family = "longrange",
        Settings =
        [
            Setting.Real("eps", 1e-5, "added to the modulus that is divided by", min: 0),
            Setting.Real("unitary_rate", 1, "step size of the unitary matrix, as a multiple of the learning rate", min: 0),
            Setting.Flag("unitary_rms", false, "the gradient of the unitary matrix is divided by the root of its mean square (natGradRMS)"),
            Setting.Integer("unitary_every", 100, "updates from one projection to the nearest unitary matrix to the next; 0 for none", min: 0),
            Setting.Choice("init", "product", "how the unitary matrix starts: as the product of random factors of urnn, or as the identity", "product", "identity"),
        ],
        Initial = s => [.. s.Choice("init") == "identity" ? new InitialRule[] { new("U_re", new Initial.Identity()), new("U_im", new Initial.Constant(0)) }
            : [new("U_re", StartOf(s, 0)), new("U_im", StartOf(s, s.Integer("hidden")))], .. Urnn.Starts(s.Integer("hidden"))],
        Constraints = s => [new("U_re", new Constraint.Unitary("U_im", s.Real("unitary_rate"), s.Flag("unitary_rms"), s.Integer("unitary_every")))],
        Recipes =
        [
            Recipe.Of("copy", "Wisdom et al. 2016, their code", "optimizer=rmsprop learning_rate=0.001 batch=20"),
            Recipe.Of("smnist", "Wisdom et al. 2016, their code", "optimizer=rmsprop learning_rate=0.001 batch=50 patience=5 model.hidden=116 model.unitary_rms=true model.unitary_rate=0.001"),
            Recipe.Of("pmnist", "Wisdom et al. 2016, their code", "optimizer=rmsprop learning_rate=0.001 batch=50 patience=5 model.hidden=116 model.unitary_rms=true model.unitary_rate=0.001"),
        ],
    };

    readonly State h = new(new Width(2 * hidden, "2H")) { Start = [UnitaryParts.Half("h0_re", hidden), UnitaryParts.Half("h0_im", hidden)] };

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var complex = new ComplexMatrix(new StoredMatrix(new Stored("U", "re", H, H)), new StoredMatrix(new Stored("U", "im", H, H)));
        var U = new Matrix("U", "") { From = new RealForm(complex) };
        var z = Let("z", U * h[t-1] + new Concat((new Matrix("W", "re") * x[t], H), (new Matrix("W", "im") * x[t], H)));
        h[t] = UnitaryParts.ModRelu(z, new Vector("b", "h"), epsilon, H);
    }

    /// <summary>A part of the product of random unitary factors.</summary>
    static Initial.Evaluated StartOf(Settings s, int row)
    {
        var product = UnitaryParts.Product(s.Integer("hidden"));
        return new(product, product.Stored.ToDictionary(q => q, q => UnitaryParts.StartOf(q, s.Integer("hidden"))), row);
    }
}
