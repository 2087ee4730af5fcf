namespace RnnBench.Language;

/// <summary>How a parameter starts. The harness draws the numbers, from the stream named <c>init</c>; this only says which.</summary>
public abstract record Initial
{
    Initial() { }
    /// <summary>Every element the same number.</summary>
    public sealed record Constant(double Value) : Initial;
    /// <summary>Uniform on [-a, a].</summary>
    public sealed record Uniform(double A) : Initial;
    /// <summary>Uniform on [low, high].</summary>
    public sealed record Interval(double Low, double High) : Initial;
    /// <summary>
    /// Uniform on ±gain / sqrt(columns), the columns of a matrix (all sides of a kernel but the first) being what a unit sums over; a gain of
    /// sqrt(3) gives the variance 1 / columns.
    /// </summary>
    public sealed record FanIn(double Gain) : Initial;
    /// <summary>
    /// For a bias <c>b_q</c>: uniform on ±1 / sqrt(columns) of the matrix <c>W_q</c> beside it, as the linear layers of common libraries start.
    /// </summary>
    public sealed record BiasOfLinear : Initial;
    /// <summary>Gaussian with mean 0 and deviation gain / sqrt(columns).</summary>
    public sealed record FanInNormal(double Gain) : Initial;
    /// <summary>Gaussian with mean 0.</summary>
    public sealed record Normal(double Deviation) : Initial;
    /// <summary>Gaussian with mean 0 and deviation gain / sqrt(columns).</summary>
    public sealed record NormalFanIn(double Gain = 1) : Initial;
    /// <summary>Gaussian with mean 0, drawn again where it is beyond two deviations.</summary>
    public sealed record TruncatedNormal(double Deviation) : Initial;
    /// <summary>
    /// Uniform on ±sqrt(6 / (rows + columns)): Glorot and Bengio 2010, eq. 16. The rows count <paramref name="Parts"/> times for a matrix that is
    /// one of several parts of a larger one, such as the real part of a complex one.
    /// </summary>
    public sealed record Glorot(double Parts = 1) : Initial;
    /// <summary>Gaussian with mean 0 and variance 2 / (rows + columns): Glorot and Bengio 2010, eq. 12.</summary>
    public sealed record GlorotNormal : Initial;
    /// <summary>A random orthogonal matrix (Saxe et al. 2014): Q of the QR factorisation of a Gaussian matrix, signs made unique.</summary>
    public sealed record Orthogonal : Initial;
    /// <summary>A function of a uniform number on [0, 1], in words.</summary>
    public sealed record Mapped(Func<double, double> Of, string Words) : Initial;
    /// <summary>A number for each unit, counted from 0, in words.</summary>
    public sealed record ByUnit(Func<int, double> Of, string Words) : Initial;
    /// <summary>A function of the starting values of other parameters of the same scan and shape, element by element, in words.</summary>
    public sealed record Computed(IReadOnlyList<string> From, Func<double[], double> Of, string Words) : Initial;
    /// <summary>
    /// A function of uniform numbers on [0, 1], in words, each from the stream of a parameter's name in the same scan, whether or not the model has
    /// that parameter: several that name the same streams see the same draws.
    /// </summary>
    public sealed record Shared(IReadOnlyList<string> Streams, Func<double[], double> Of, string Words) : Initial;
    /// <summary>
    /// (A + I) / e with A = RᵀR / H of a Gaussian matrix R and e the largest eigenvalue of A + I: positive definite with the largest eigenvalue 1
    /// (Talathi and Vartak 2015).
    /// </summary>
    /// <param name="PlusIdentity">Whether the identity is added.</param>
    /// <param name="Top">What the largest eigenvalue is brought to; 0 to leave it as it is.</param>
    public sealed record NormalisedPositiveDefinite(bool PlusIdentity = true, double Top = 1) : Initial;
    /// <summary>
    /// Zero but for every other element above the diagonal, [0,1], [2,3] ...: the angles of a block-diagonal rotation, uniform on ±π (Henaff et al.
    /// 2016), or as tan of half a uniform angle for the Cayley map (Helfrich et al. 2018).
    /// </summary>
    public sealed record RotationBlocks(bool Cayley) : Initial;
    /// <summary>The numbers from 0 on in random order.</summary>
    public sealed record Permutation : Initial;
    /// <summary>The logit of exp(-1/τ), with time constants τ spread log-uniformly from 1 to the longest.</summary>
    public sealed record TimeConstants(double Longest) : Initial;
    /// <summary>
    /// Gaussian with mean 0 and deviation (1 - λ) / sqrt(columns), λ the logistic function of another parameter: its element at the same place, or
    /// of the same column, or of the same row. What is summed over a trace of rate λ then keeps its scale.
    /// </summary>
    public sealed record Trace(string Logits, bool ByRow) : Initial;
    /// <summary>What a matrix is computed to, from parameters that start as said; several parts of one matrix see the same draws.</summary>
    /// <param name="Matrix">The matrix.</param>
    /// <param name="Starts">How the parameters below it start.</param>
    /// <param name="Row">The first row that is taken.</param>
    public sealed record Evaluated(MatrixExpr Matrix, IReadOnlyDictionary<Parameter, Initial> Starts, int Row) : Initial;
    /// <summary>A multiple of the identity matrix.</summary>
    public sealed record Identity(double Scale = 1) : Initial;
    /// <summary>
    /// The Euclidean norm of each row of another parameter, all sides but the first taken together: the gains of a weight normalisation that
    /// leaves the weights as they were drawn (Salimans and Kingma 2016).
    /// </summary>
    public sealed record Norms(string Of) : Initial;
}

/// <summary>One line of an initialisation: the parameters whose name matches, and how they start. The first line that matches counts.</summary>
/// <param name="Pattern">A parameter's name, or a prefix of it and <c>*</c>: <c>b_f</c>, <c>U_*</c>.</param>
/// <param name="Start">How they start.</param>
public sealed record InitialRule(string Pattern, Initial Start)
{
    /// <summary>Whether the line is about this parameter, by its name without or with the prefix of its layer.</summary>
    public bool Matches(string name) => Matches(Pattern, name);

    /// <summary>Whether a pattern, a name or a prefix and <c>*</c>, is about a name.</summary>
    public static bool Matches(string pattern, string name) => pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;

    /// <summary>What the project uses where a paper gives nothing: input weights Glorot, recurrent ones orthogonal, biases zero.</summary>
    public static IReadOnlyList<InitialRule> Default { get; } =
    [
        new("W*", new Initial.Glorot()),
        new("U*", new Initial.Orthogonal()),
        new("*", new Initial.Constant(0)),
    ];
}
