namespace RnnBench.Language;

/// <summary>
/// The meaning of a <see cref="MatrixExpr"/>, in double precision, and its derivatives: each node's value once, and backwards from the users to
/// the operands. What a node does to its operands' values and derivatives stands side by side.
/// </summary>
/// <param name="root">The matrix.</param>
/// <param name="stored">The stored parameters' elements.</param>
sealed class MatrixTape(MatrixExpr root, Func<Parameter, double[]> stored)
{
    readonly Dictionary<MatrixExpr, double[]> values = [];

    /// <summary>The elements, row by row.</summary>
    public double[] Value()
    {
        foreach (var m in root.Order()) values[m] = Compute(m);
        return values[root];
    }

    /// <summary>Adds what the stored parameters get of the matrix's own derivative. The values must have been computed.</summary>
    /// <param name="gradient">d loss / d matrix.</param>
    /// <param name="into">Where d loss / d parameter is added to.</param>
    public void Back(double[] gradient, Func<Parameter, double[]> into)
    {
        var adjoint = root.Order().ToDictionary(m => m, m => new double[m.Rows * m.Columns]);
        adjoint[root] = gradient;
        foreach (var m in root.Order().Reverse()) Back(m, adjoint[m], adjoint, into);
    }

    double[] Compute(MatrixExpr m) => m switch
    {
        StoredMatrix x => stored(x.Parameter)[Range(x)],
        Masked x => [.. values[x.Operands[0]].Zip(x.Mask(), (a, keep) => a * keep)],
        Skew x => Antisymmetric(values[x.Operands[0]], x.Rows),
        MatrixExponential x => Dense.Exponential(values[x.Operands[0]], x.Rows),
        CayleyMap x => Dense.Solve(Shifted(x, 1), Shifted(x, -1), x.Rows),
        MatrixProduct x => Dense.Multiply(values[x.Operands[0]], values[x.Operands[1]], x.Operands[0].Columns),
        ComplexMatrix x => [.. values[x.Operands[0]], .. values[x.Operands[1]]],
        ComplexIdentity x => [.. Dense.Identity(x.Columns), .. new double[x.Columns * x.Columns]],
        RealForm x => [.. Rows(values[x.Operands[0]], x.Operands[0].Columns).Zip(Rows(Turned(values[x.Operands[0]], 1), x.Operands[0].Columns), (own, turned) => (double[])[.. own, .. turned]).SelectMany(row => row)],
        Phases x => Turn(values[x.Operands[0]], stored(x.Angle), 1),
        Fourier x => Transformed(values[x.Operands[0]], x.Rows / 2, x.Inverse),
        Reflection x => Reflected(values[x.Operands[0]], stored(x.Re), stored(x.Im)),
        Permuted x => Gathered(values[x.Operands[0]], Ranks(stored(x.Permutation))),
        _ => throw new NotSupportedException($"the interpreter does not know the matrix {m.GetType().Name}"),
    };

    void Back(MatrixExpr m, double[] d, Dictionary<MatrixExpr, double[]> adjoint, Func<Parameter, double[]> into)
    {
        switch (m)
        {
            case StoredMatrix x: AddTo(into(x.Parameter).AsSpan(Range(x)), d); break;
            case Masked x: Give(0, [.. d.Zip(x.Mask(), (a, keep) => a * keep)]); break;
            case Skew x: Give(0, Above(Dense.Add(d, Dense.Transpose(d, x.Rows), -1), x.Rows)); break;
            case MatrixExponential x: Give(0, Dense.ExponentialAlong(Dense.Transpose(values[x.Operands[0]], x.Rows), d, x.Rows)); break;
            case CayleyMap x:                               // (I + S) U = I - S, so dS gets -(I + S)⁻ᵀ d (I + U)ᵀ
                var left = Dense.Solve(Dense.Transpose(Shifted(x, 1), x.Rows), d, x.Rows);
                var right = Dense.Transpose(Dense.Add(values[x], Dense.Identity(x.Rows)), x.Rows);
                Give(0, [.. Dense.Multiply(left, right, x.Rows).Select(a => -a)]);
                break;
            case MatrixProduct x:
                Give(0, Dense.Multiply(d, Dense.Transpose(values[x.Operands[1]], x.Operands[1].Rows), x.Columns));
                Give(1, Dense.Multiply(Dense.Transpose(values[x.Operands[0]], x.Rows), d, x.Rows));
                break;
            case ComplexMatrix x:
                Give(0, d[..(d.Length / 2)]);
                Give(1, d[(d.Length / 2)..]);
                break;
            case ComplexIdentity: break;
            case RealForm x:
                var columns = x.Operands[0].Columns;
                Give(0, [.. Rows(d, 2 * columns).SelectMany(row => row[..columns])]);
                Give(0, Turned([.. Rows(d, 2 * columns).SelectMany(row => row[columns..])], -1));
                break;
            case Phases x: BackPhases(x, d); break;
            case Fourier x: Give(0, Transformed(d, x.Rows / 2, !x.Inverse)); break;
            case Reflection x: BackReflection(x, d); break;
            case Permuted x: Give(0, Gathered(d, Inverse(Ranks(stored(x.Permutation))))); break;
            default: throw new NotSupportedException($"the interpreter has no derivative of the matrix {m.GetType().Name}");
        }

        void Give(int operand, double[] part) => AddTo(adjoint[m.Operands[operand]], part);

        void BackPhases(Phases x, double[] d)
        {
            Give(0, Turn(d, stored(x.Angle), -1));
            var (n, moved) = (x.Rows / 2 * x.Columns, Turned(values[x], 1));      // d value / dθ = i · value
            var angle = into(x.Angle);
            for (var k = 0; k < 2 * n; k++) angle[k % n / x.Columns] += d[k] * moved[k];
        }

        void BackReflection(Reflection x, double[] d)
        {
            var (re, im) = (stored(x.Re), stored(x.Im));
            Give(0, Reflected(d, re, im));                                        // a reflection is its own conjugate transpose
            var (z, n, size) = (values[x.Operands[0]], x.Columns, re.Length);
            var norm = re.Sum(a => a * a) + im.Sum(a => a * a);
            var (own, other) = (Along(z, re, im), Along(d, re, im));              // v* z and v* d, column by column
            var both = Enumerable.Range(0, n).Sum(c => own[c] * other[c] + own[n + c] * other[n + c]);
            var (dRe, dIm) = (into(x.Re), into(x.Im));
            for (var k = 0; k < size; k++)
            {
                double sumRe = 0, sumIm = 0;
                for (var c = 0; c < n; c++)
                {
                    var (zRe, zIm, gRe, gIm) = (z[k * n + c], z[(size + k) * n + c], d[k * n + c], d[(size + k) * n + c]);
                    sumRe += gRe * own[c] + gIm * own[n + c] + zRe * other[c] + zIm * other[n + c];
                    sumIm += gIm * own[c] - gRe * own[n + c] + zIm * other[c] - zRe * other[n + c];
                }
                dRe[k] += -2 / norm * sumRe + 4 / (norm * norm) * both * re[k];
                dIm[k] += -2 / norm * sumIm + 4 / (norm * norm) * both * im[k];
            }
        }
    }

    double[] Shifted(CayleyMap x, double sign) => Dense.Add(Dense.Identity(x.Rows), values[x.Operands[0]], sign);

    static Range Range(StoredMatrix x) => x.Place is { } k ? (k * x.Rows * x.Columns)..((k + 1) * x.Rows * x.Columns) : ..;

    static IEnumerable<double[]> Rows(double[] a, int columns) => a.Chunk(columns);

    static double[] Antisymmetric(double[] a, int n) => Above(a, n) is var above ? Dense.Add(above, Dense.Transpose(above, n), -1) : [];

    static double[] Above(double[] a, int n) => [.. a.Select((x, k) => k % n > k / n ? x : 0)];

    /// <summary>i z for a sign of 1, -i z for -1.</summary>
    static double[] Turned(double[] z, double sign) => [.. z[(z.Length / 2)..].Select(im => -sign * im), .. z[..(z.Length / 2)].Select(re => sign * re)];

    static double[] Turn(double[] z, double[] angle, double sign)
    {
        var (n, columns) = (z.Length / 2, z.Length / 2 / angle.Length);
        var turned = new double[z.Length];
        for (var k = 0; k < n; k++)
        {
            var (sin, cos) = Math.SinCos(sign * angle[k / columns]);
            (turned[k], turned[n + k]) = (cos * z[k] - sin * z[n + k], sin * z[k] + cos * z[n + k]);
        }
        return turned;
    }

    static double[] Transformed(double[] z, int size, bool inverse)
    {
        var (n, columns) = (z.Length / 2, z.Length / 2 / size);
        var sums = new double[z.Length];
        for (var k = 0; k < size; k++)
            for (var j = 0; j < size; j++)
            {
                var (sin, cos) = Math.SinCos((inverse ? 2 : -2) * Math.PI * ((long)j * k % size) / size);
                for (var c = 0; c < columns; c++)
                {
                    var (re, im) = (z[j * columns + c] / Math.Sqrt(size), z[n + j * columns + c] / Math.Sqrt(size));
                    sums[k * columns + c] += cos * re - sin * im;
                    sums[n + k * columns + c] += sin * re + cos * im;
                }
            }
        return sums;
    }

    /// <summary>v* z, column by column: real parts, then imaginary ones.</summary>
    static double[] Along(double[] z, double[] re, double[] im)
    {
        var (n, columns) = (z.Length / 2, z.Length / 2 / re.Length);
        var sums = new double[2 * columns];
        for (var k = 0; k < n; k++)
        {
            var (row, c) = (k / columns, k % columns);
            sums[c] += re[row] * z[k] + im[row] * z[n + k];
            sums[columns + c] += re[row] * z[n + k] - im[row] * z[k];
        }
        return sums;
    }

    static double[] Reflected(double[] z, double[] re, double[] im)
    {
        var (n, columns, along) = (z.Length / 2, z.Length / 2 / re.Length, Along(z, re, im));
        var factor = 2 / (re.Sum(a => a * a) + im.Sum(a => a * a));
        var reflected = (double[])z.Clone();
        for (var k = 0; k < n; k++)
        {
            var (row, c) = (k / columns, k % columns);
            reflected[k] -= factor * (re[row] * along[c] - im[row] * along[columns + c]);
            reflected[n + k] -= factor * (re[row] * along[columns + c] + im[row] * along[c]);
        }
        return reflected;
    }

    static double[] Gathered(double[] z, int[] from)
    {
        var columns = z.Length / 2 / from.Length;
        var rows = z.Chunk(columns).ToArray();
        return [.. from.SelectMany(j => rows[j]), .. from.SelectMany(j => rows[from.Length + j])];
    }

    /// <summary>How many values are smaller: the permutation itself, where the values are one.</summary>
    static int[] Ranks(double[] values)
    {
        var ranks = new int[values.Length];
        foreach (var (rank, place) in Enumerable.Range(0, values.Length).OrderBy(k => values[k]).Index()) ranks[place] = rank;
        return ranks;
    }

    static int[] Inverse(int[] permutation) => [.. permutation.Index().OrderBy(p => p.Item).Select(p => p.Index)];

    static void AddTo(Span<double> sum, double[] part)
    {
        for (var k = 0; k < part.Length; k++) sum[k] += part[k];
    }
}
