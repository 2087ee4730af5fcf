using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The linear recurrent unit: a linear network with a complex diagonal matrix, stable and normalised by the way it is parameterised.</summary>
/// <remarks>
/// Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu and De 2023, ICML, arXiv:2303.06349. Complex numbers are pairs of real ones. The forms of λ are
/// those of their section 3; all start from the same λ, but only the stable one keeps |λ| below 1 in training.
/// </remarks>
public sealed class Lru(int stateSize, string lambda, bool normalize) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("lru", s => new Lru(s.Integer("state_size"), s.Choice("lambda"), s.Flag("normalize")))
    {
        Title = "Linear recurrent unit",
        Source = "Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu and De 2023, ICML, arXiv:2303.06349",
        Family = "fast",
        Settings =
        [
            Setting.Integer("state_size", null, "the number of complex state units N", max: 65_536) with { Usual = "128" },
            Setting.Choice("lambda", "stable", "what is learned of λ: stable, log ν and log θ of exp(-ν + iθ); polar, ν and θ; direct, the real and the imaginary part", "stable", "polar", "direct"),
            Setting.Flag("normalize", true, "whether the input of each unit is scaled by exp(gamma_log)"),
            Setting.Real("r_min", 0, "the smallest modulus |λ| at the start", 0, 1),
            Setting.Real("r_max", 1, "the largest modulus |λ| at the start", 0, 1),
            Setting.Real("max_phase", 2 * Math.PI, "the largest phase of λ at the start", double.Epsilon, 2 * Math.PI),
            Setting.Flag("block", false, "residual blocks with layer normalisation and a gated linear unit"),
            Setting.Real("dropout", 0, "the dropout of the blocks", 0, 0.99),
            Setting.Real("lr_factor", 1, "the learning rate of λ, gamma_log and B as a multiple of that of the rest", 0),
        ],
        Beyond = LruBlock.For,
        RewritesInside = true,
        Initial = Ring,
        Constraints = Rates,
        Recipes =
        [
            //             H    N    steps   batch factor dropout r_min  r_max   phase
            Of("scifar",     512, 384, 180_000,  50, 0.25, 0.1, 0.9,   0.999),
            Of("listops",    128, 256,  80_000,  32, 0.5,  0,   0,     0.99),
            Of("text",       256, 192,  50_000,  32, 0.1,  0.1, 0.5,   0.9),
            Of("retrieval",  128, 256, 100_000,  64, 0.5,  0.1, 0.5,   0.9),
            Of("pathfinder", 192, 256, 500_000,  64, 0.25, 0,   0.9,   0.999),
            Of("pathx",      128, 256, 250_000,  32, 0.25, 0,   0.999, 0.9999, Math.PI / 10),
        ],
    };

    static Recipe Of(string task, int hidden, int units, int steps, int batch, double factor, double dropout, double low, double high, double phase = 2 * Math.PI) =>
        Recipe.Of(task, "Orvieto et al. 2023, table of the appendix; the full rate is not stated there", FormattableString.Invariant(
            $"batch={batch} optimizer=adamw learning_rate=0.001 weight_decay=0.05 steps={steps} warmup=0.1 anneal=cosine rate_floor=1e-7 model.hidden={hidden} model.layers=6 model.block=true model.state_size={units} model.dropout={dropout} model.lr_factor={factor} model.r_min={low} model.r_max={high} model.max_phase={phase:R}"));

    /// <summary>The recurrent parameters have a rate of their own and do not decay.</summary>
    static IEnumerable<ConstraintRule> Rates(Settings s) => new[] { "nu_log", "theta_log", "nu", "theta", "lambda_*", "gamma_log", "B_*" }.SelectMany(name => new Constraint[]
        { new Constraint.Undecayed(), new Constraint.Rate(s.Real("lr_factor")) }.Where(rule => rule is not Constraint.Rate { Factor: 1 }).Select(rule => new ConstraintRule(name, rule)));

    /// <summary>Moduli uniform on the ring between two radii, by area; gamma so that a white input keeps its variance. Every form of λ sees the same draws.</summary>
    static IEnumerable<InitialRule> Ring(Settings s)
    {
        var (low, high, phase) = (s.Real("r_min"), s.Real("r_max"), s.Real("max_phase"));
        if (low >= high) throw new UserError("lru: r_min has to be below r_max.");
        var (ring, circle) = (FormattableString.Invariant($"|λ|² uniform on [{low * low},{high * high}]"), FormattableString.Invariant($"phase of λ uniform on [0,{phase}]"));
        return
        [
            new("nu_log", new Initial.Mapped(v => Math.Log(Nu(v)), ring)), new("theta_log", new Initial.Mapped(v => Math.Log(phase * v), circle)),
            new("nu", new Initial.Shared(["nu_log"], v => Nu(v[0]), ring)), new("theta", new Initial.Shared(["theta_log"], v => phase * v[0], circle)),
            new("lambda_re", new Initial.Shared(["nu_log", "theta_log"], v => Math.Exp(-Nu(v[0])) * Math.Cos(phase * v[1]), $"{ring}, {circle}")),
            new("lambda_im", new Initial.Shared(["nu_log", "theta_log"], v => Math.Exp(-Nu(v[0])) * Math.Sin(phase * v[1]), "with lambda_re")),
            new("gamma_log", new Initial.Computed(forms[s.Choice("lambda")].Modulus, q => 0.5 * Math.Log(forms[s.Choice("lambda")].Lost(q)), "log √(1 - |λ|²)")),
            new("B_*", new Initial.FanInNormal(Math.Sqrt(0.5))), new("C_*", new Initial.FanInNormal(1)), new("D", new Initial.Normal(1)),
        ];

        double Nu(double v) => -0.5 * Math.Log(v * (high * high - low * low) + low * low);
    }

    /// <summary>The forms of λ: real and imaginary part; the parameters that |λ| follows from, and 1 - |λ|² of their values, which rounding may make 0.</summary>
    static readonly Dictionary<string, (Func<(Expr Re, Expr Im)> Lambda, string[] Modulus, Func<double[], double> Lost)> forms = new()
    {
        ["stable"] = (() => Polar(exp(new Vector("nu_log", "")), exp(new Vector("theta_log", ""))), ["nu_log"], q => 1 - Math.Exp(-2 * Math.Exp(q[0]))),
        ["polar"]  = (() => Polar(new Vector("nu", ""), new Vector("theta", "")), ["nu"], q => 1 - Math.Exp(-2 * q[0])),
        ["direct"] = (() => (new Vector("lambda", "re"), new Vector("lambda", "im")), ["lambda_re", "lambda_im"], q => Math.Max(1 - q[0] * q[0] - q[1] * q[1], 1e-7)),
    };

    static (Expr Re, Expr Im) Polar(Expr nu, Expr theta)
    {
        var modulus = exp(-nu);
        return (modulus * new Apply(Function.Cos, theta), modulus * new Apply(Function.Sin, theta));
    }

    readonly State re = new(new Width(stateSize, "N")), im = new(new Width(stateSize, "N"));
    Expr? y;

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var λ = forms[lambda].Lambda();
        var (a, b) = (Let("a", λ.Re), Let("b", λ.Im));
        var gamma = new Vector("gamma_log", "");
        re[t] = a * re[t-1] - b * im[t-1] + Scaled(new Matrix("B", "re") * x[t], gamma);
        im[t] = b * re[t-1] + a * im[t-1] + Scaled(new Matrix("B", "im") * x[t], gamma);

        // D is a diagonal where the sizes agree, as in the authors' code, and a matrix where they differ.
        Expr direct = I.Size == H.Size ? new Vector("D", "") * x[t] : new Matrix("D", "") * x[t];
        y = Let("y", new Matrix("C", "re") * re[t] - (new Matrix("C", "im") * im[t]).Sum + direct);
    }

    /// <inheritdoc/>
    protected override Expr? Output => y;

    Expr Scaled(Expr input, Vector gamma) => normalize ? exp(gamma) * input : input;
}
