using MathNet.Numerics.LinearAlgebra;
using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// Draws starting values, in double precision and rounded to float32 for every element type, so that no backend or device changes them. Every
/// parameter has a stream of its own, <c>init/NAME</c>: models that share a parameter (an ablation and its base) start from the same values.
/// </summary>
static class Initializer
{
    /// <summary>A parameter's starting values.</summary>
    /// <param name="start">How it starts.</param>
    /// <param name="shape">[rows, columns] or [width]; the sides of a kernel behind the first count as columns.</param>
    /// <param name="random">Its stream.</param>
    /// <returns>Row by row.</returns>
    public static float[] Draw(Initial start, IReadOnlyList<int> shape, Random random)
    {
        var (rows, columns) = (shape[0], shape.Skip(1).Aggregate(1, (product, side) => product * side));
        return start switch
        {
            Initial.Constant x => Fill((r, c) => x.Value),
            Initial.Uniform x => Fill((r, c) => Uniform(x.A)),
            Initial.Interval x => Fill((r, c) => x.Low + (x.High - x.Low) * random.NextDouble()),
            Initial.FanIn x => Fill((r, c) => Uniform(x.Gain / Math.Sqrt(columns))),
            Initial.FanInNormal x => Fill((r, c) => x.Gain / Math.Sqrt(columns) * Gauss(random)),
            Initial.Mapped x => Fill((r, c) => x.Of(random.NextDouble())),
            Initial.ByUnit x => Fill((r, c) => x.Of(r)),
            Initial.Normal x => Fill((r, c) => x.Deviation * Gauss(random)),
            Initial.Glorot x => Fill((r, c) => Uniform(Math.Sqrt(6.0 / (x.Parts * rows + columns)))),
            Initial.GlorotNormal => Fill((r, c) => Math.Sqrt(2.0 / (rows + columns)) * Gauss(random)),
            Initial.Orthogonal => Orthogonal(rows, columns, random) is var q ? Fill((r, c) => q[r, c]) : [],
            Initial.NormalFanIn x => Fill((r, c) => x.Gain / Math.Sqrt(columns) * Gauss(random)),
            Initial.TruncatedNormal x => Fill((r, c) => x.Deviation * Within(2)),
            Initial.NormalisedPositiveDefinite x => NormalisedPositiveDefinite(Gaussian(rows, columns, random), x.PlusIdentity, x.Top) is var p ? Fill((r, c) => p[r, c]) : [],
            Initial.RotationBlocks x => Fill((r, c) => r % 2 == 0 && c == r + 1 ? Rotation(x.Cayley) : 0),
            Initial.Permutation => Permutation(rows),
            Initial.TimeConstants x => Fill((r, c) => -Math.Log(Math.Exp(Math.Exp(-random.NextDouble() * Math.Log(x.Longest))) - 1)),
            Initial.Identity x => Fill((r, c) => r == c ? x.Scale : 0),
            _ => throw new NotSupportedException($"Initializer does not know {start.GetType().Name}"),
        };

        double Within(double deviations)
        {
            while (true)
                if (Gauss(random) is var drawn && Math.Abs(drawn) <= deviations) return drawn;
        }

        double Rotation(bool cayley) => cayley ? -Math.Tan(random.NextDouble() * Math.PI / 4) : Uniform(Math.PI);

        float[] Permutation(int count)
        {
            float[] order = [.. Enumerable.Range(0, count)];
            for (var k = count - 1; k > 0; k--)                              // Durstenfeld 1964
                if (random.Next(k + 1) is var other) (order[k], order[other]) = (order[other], order[k]);
            return order;
        }

        double Uniform(double a) => (2 * random.NextDouble() - 1) * a;

        float[] Fill(Func<int, int, double> value)
        {
            var values = new float[shape.Aggregate(1, (product, side) => product * side)];
            for (var i = 0; i < values.Length; i++) values[i] = (float)value(i / columns, i % columns);
            return values;
        }
    }

    /// <summary>Draws a matrix, or each of several that are kept as one, [K,m,n].</summary>
    public static float[] DrawEach(Initial start, IReadOnlyList<int> shape, Random random) =>
        [.. Enumerable.Range(0, shape.SkipLast(2).Aggregate(1, (product, side) => product * side)).SelectMany(_ => Draw(start, [.. shape.TakeLast(2)], random))];

    /// <summary>What follows from the starting values of other parameters, element by element.</summary>
    public static float[] Compute(Initial.Computed start, float[][] others) =>
        [.. Enumerable.Range(0, others[0].Length).Select(k => (float)start.Of([.. others.Select(values => (double)values[k])]))];

    /// <summary>A function of one uniform number from each stream, element by element.</summary>
    public static float[] Shared(Initial.Shared start, int count, Random[] streams) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)start.Of([.. streams.Select(random => random.NextDouble())]))];

    /// <summary>A Gaussian draw for each element, times 1 - σ of another parameter's element at the same place, of the same column, of the same row, or its only one.</summary>
    public static float[] Trace(Initial.Trace start, IReadOnlyList<int> shape, float[] logits, Random random)
    {
        var (columns, values) = (shape[1], new float[shape[0] * shape[1]]);
        for (var i = 0; i < values.Length; i++)
        {
            var logit = logits[logits.Length == values.Length ? i : logits.Length == 1 ? 0 : start.ByRow ? i / columns : i % columns];
            values[i] = (float)(Gauss(random) / Math.Sqrt(columns) / (1 + Math.Exp(logit)));
        }
        return values;
    }

    /// <summary>(A + I) / e with A = RᵀR / H and e the largest eigenvalue of A + I (Talathi and Vartak 2015).</summary>
    /// <param name="r">R, [H,H].</param>
    /// <param name="plusIdentity">Whether the identity is added.</param>
    /// <param name="top">What the largest eigenvalue is brought to; 0 to leave it as it is.</param>
    public static Matrix<double> NormalisedPositiveDefinite(Matrix<double> r, bool plusIdentity = true, double top = 1)
    {
        var shifted = r.TransposeThisAndMultiply(r) / r.RowCount;
        if (plusIdentity) shifted += Matrix<double>.Build.DenseIdentity(r.ColumnCount);
        return top == 0 ? shifted : shifted * (top / shifted.Evd(Symmetricity.Symmetric).EigenValues.Max(value => value.Real));
    }

    /// <summary>The Euclidean norm of each row, rounded to float32.</summary>
    public static float[] Norms(float[] values, int rows) =>
        [.. values.Chunk(values.Length / rows).Select(row => (float)Math.Sqrt(row.Sum(value => (double)value * value)))];

    /// <summary>
    /// Orthonormal columns (rows, where there are fewer of them): Q of the QR factorisation of a Gaussian matrix, each column turned so that
    /// the diagonal of R is positive, which makes Q unique and uniformly distributed (Mezzadri 2007, Notices of the AMS 54(5)).
    /// </summary>
    static Matrix<double> Orthogonal(int rows, int columns, Random random)
    {
        var gaussian = Gaussian(Math.Max(rows, columns), Math.Min(rows, columns), random);
        var qr = gaussian.QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Thin);
        var q = qr.Q.MapIndexed((r, c, value) => qr.R[c, c] < 0 ? -value : value);
        return rows >= columns ? q : q.Transpose();
    }

    static Matrix<double> Gaussian(int rows, int columns, Random random) => Matrix<double>.Build.Dense(rows, columns, (_, _) => Gauss(random));

    /// <summary>A standard normal number (Box and Muller 1958); the second of the pair is not used, so that a number takes two draws.</summary>
    static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
