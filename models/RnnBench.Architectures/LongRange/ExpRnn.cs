using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The orthogonal network: the recurrent matrix is the exponential, or the Cayley map, of a skew-symmetric one.</summary>
/// <remarks>
/// Lezcano-Casado and Martínez-Rubio 2019, ICML, arXiv:1901.08428; with a base that moves along, Lezcano-Casado 2019, NeurIPS, arXiv:1909.09501. They
/// multiply rows: their matrix is the transpose of this one. With a diagonal D of ones and some -1 behind the orthogonal matrix and map = cayley it is
/// the scoRNN of Helfrich, Willmott and Ye 2018, ICML, arXiv:1707.09520, whose matrix can have the eigenvalue -1.
/// </remarks>
public sealed class ExpRnn(string map, bool moves, int hidden, int negative) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("exp-rnn", s => new ExpRnn(s.Choice("map"), s.Flag("dtriv"), s.Integer("hidden"), Negative(s)))
    {
        Title = "Exponential orthogonal network",
        Source = "Lezcano-Casado and Martínez-Rubio 2019, ICML, arXiv:1901.08428; dtriv, Lezcano-Casado 2019, NeurIPS, arXiv:1909.09501",
        Family = "longrange",
        Settings =
        [
            Setting.Choice("map", "exp", "what makes an orthogonal matrix of a skew-symmetric one", "exp", "cayley"),
            Setting.Flag("dtriv", false, "whether the matrix is taken from a base that moves along"),
            Setting.Integer("dtriv_k", 100, "updates from one move of the base to the next"),
            Setting.Integer("dtriv_m", 100, "moves from one projection of the base to the nearest orthogonal matrix to the next"),
            Setting.Choice("init", "henaff", "how the angles of the rotation start", "henaff", "cayley"),
            Setting.Integer("negative", 0, "how many of the last elements of the diagonal D in U D are -1, the others being 1 (scoRNN)", min: 0, max: 65_536),
            Setting.Real("orthogonal_rate", 0.1, "the learning rate of A, as a multiple of that of the others", min: 0),
        ],
        Initial = s => [new("W_h", new Initial.NormalFanIn(Math.Sqrt(2))), new("A", new Initial.RotationBlocks(s.Choice("init") == "cayley")),
            new("b_h", new Initial.Uniform(0.01)), new("base", new Initial.Identity())],
        Constraints = s => [new("A", new Constraint.Rate(s.Real("orthogonal_rate"))), new("A", new Constraint.Undecayed()),
            .. s.Flag("dtriv") ? [new ConstraintRule("A", new Constraint.Trivialised("base", s.Choice("map"), s.Integer("dtriv_k"), s.Integer("dtriv_m")))] : Array.Empty<ConstraintRule>()],
        Recipes =
        [
            Recipe.Of("copy", "Lezcano-Casado and Martínez-Rubio 2019, their code", "optimizer=rmsprop learning_rate=0.0002 batch=128"),
            Recipe.Of("smnist", "Lezcano-Casado and Martínez-Rubio 2019, their code", "optimizer=rmsprop learning_rate=0.0007 batch=128 epochs=70 model.hidden=170 model.init=cayley"),
            Recipe.Of("pmnist", "Lezcano-Casado and Martínez-Rubio 2019, their code", "optimizer=rmsprop learning_rate=0.0007 batch=128 epochs=70 model.hidden=170 model.init=cayley"),
        ],
    };

    readonly State h = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var skew = new Skew(new StoredMatrix(new Stored("A", "", H, H)));
        MatrixExpr orthogonal = map == "exp" ? new MatrixExponential(skew) : new CayleyMap(skew);
        if (moves) orthogonal *= new StoredMatrix(new Stored("base", "", H, H) { Trained = false });
        Expr before = negative == 0 ? h[t-1] : new ConstantVector("D", [.. Enumerable.Range(0, hidden).Select(k => k < hidden - negative ? 1.0 : -1)]) * h[t-1];
        var z = Let("z", new Matrix("W", "h") * x[t] + new Matrix("U", "") { From = orthogonal } * before);
        h[t] = Sign(z) * relu(relu(z) + relu(-z) + new Vector("b", "h"));
    }

    static int Negative(Settings s) => s.Integer("negative") <= s.Integer("hidden") ? s.Integer("negative")
        : throw new UserError($"exp-rnn: negative={s.Integer("negative")} elements of D are to be -1, and it has hidden={s.Integer("hidden")}; give at most as many.");

    static Expr Sign(Expr z) => new Apply(Function.Step, z) - new Apply(Function.Step, -z);
}
