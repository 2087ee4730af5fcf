using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>Weights that are computed from stored parameters, and states that start from them, as tensors with autograd: what they are, one row a node.</summary>
static class ComputedWeights
{
    /// <summary>The computed weights of a cell; none for most cells.</summary>
    /// <param name="cell">The equations.</param>
    /// <param name="stored">The stored parameters, in their own shapes.</param>
    public static IEnumerable<KeyValuePair<Matrix, Tensor>> Of(Recurrence cell, Func<Parameter, Tensor> stored) =>
        cell.Weights.OfType<Matrix>().Where(m => m.From is not null).Select(m => KeyValuePair.Create(m, Of(m.From!, stored)));

    /// <summary>One matrix.</summary>
    /// <param name="root">How it is computed.</param>
    /// <param name="stored">The stored parameters.</param>
    public static Tensor Of(MatrixExpr root, Func<Parameter, Tensor> stored)
    {
        var (values, any) = (new Dictionary<MatrixExpr, Tensor>(), stored(root.Stored.First()));
        foreach (var m in root.Order()) values[m] = Compute(m);
        return values[root];

        Tensor Compute(MatrixExpr m) => m switch
        {
            StoredMatrix { Place: { } place } x => stored(x.Parameter)[place],
            StoredMatrix x => stored(x.Parameter),
            Masked x => values[x.Operands[0]] * Like(x, x.Mask()),
            Skew x => Skewed(values[x.Operands[0]]),
            MatrixExponential x => Exponential.Of(values[x.Operands[0]]),
            CayleyMap x => linalg.solve(Eye(x) + values[x.Operands[0]], Eye(x) - values[x.Operands[0]]),
            MatrixProduct x => values[x.Operands[0]].mm(values[x.Operands[1]]),
            ComplexMatrix x => cat([values[x.Operands[0]], values[x.Operands[1]]], 0),
            ComplexIdentity x => eye(2 * x.Columns, x.Columns, any.dtype, any.device),
            RealForm x => cat([values[x.Operands[0]], Turned(values[x.Operands[0]])], 1),
            Phases x => Turn(values[x.Operands[0]], stored(x.Angle).unsqueeze(1)),
            Fourier x => Transformed(values[x.Operands[0]], x.Inverse),
            Reflection x => Reflected(values[x.Operands[0]], cat([stored(x.Re), stored(x.Im)], 0).unsqueeze(1)),
            Permuted x => Gathered(values[x.Operands[0]], stored(x.Permutation).argsort().argsort()),
            _ => throw new NotSupportedException($"the eager backend does not know the matrix {m.GetType().Name}"),
        };

        Tensor Like(MatrixExpr m, double[] elements) => tensor(elements, [m.Rows, m.Columns]).to(any.dtype, any.device);

        Tensor Eye(MatrixExpr m) => eye(m.Rows, m.Columns, any.dtype, any.device);
    }

    /// <summary>The initial states, those that start from parameters and were not given put in.</summary>
    /// <param name="cell">The equations.</param>
    /// <param name="initial">The states that were given.</param>
    /// <param name="batch">B.</param>
    /// <param name="stored">The stored parameters.</param>
    public static IReadOnlyDictionary<string, Tensor> Started(Recurrence cell, IReadOnlyDictionary<string, Tensor> initial, long batch, Func<Parameter, Tensor> stored)
    {
        var starting = cell.States.Where(s => s.Start.Count > 0 && !initial.ContainsKey(s.Name)).ToArray();
        if (starting.Length == 0) return initial;
        var all = new Dictionary<string, Tensor>(initial);
        foreach (var state in starting)
        {
            var row = cat([.. state.Start.Select(stored)], 0);
            all[state.Name] = cell.DepthOf(state) is > 1 and var depth ? row.expand(depth, batch, -1) : row.expand(batch, -1);
        }
        return all;
    }

    static Tensor Skewed(Tensor a)
    {
        var above = a.triu(1);
        return above - above.t();
    }

    /// <summary>i z.</summary>
    static Tensor Turned(Tensor z)
    {
        var halves = z.chunk(2, 0);
        return cat([halves[1].neg(), halves[0]], 0);
    }

    static Tensor Turn(Tensor z, Tensor angle) => z * angle.cos().repeat(2, 1) + Turned(z) * angle.sin().repeat(2, 1);

    static Tensor Transformed(Tensor z, bool inverse)
    {
        var halves = z.chunk(2, 0);
        var columns = complex(halves[0], halves[1]);
        var sums = inverse ? fft.ifft(columns, dim: 0, norm: TorchSharp.FFTNormType.Ortho) : fft.fft_(columns, dim: 0, norm: TorchSharp.FFTNormType.Ortho);
        return cat([sums.real, sums.imag], 0);
    }

    /// <summary>z - 2 v (v* z) / ‖v‖²; over the real pairs v* z has the real part vᵀ z and the imaginary part (i v)ᵀ z.</summary>
    static Tensor Reflected(Tensor z, Tensor v)
    {
        var both = cat([v, Turned(v)], 1);
        return z - both.mm(both.t().mm(z)) * (2 / v.square().sum());
    }

    static Tensor Gathered(Tensor z, Tensor from) => cat([.. z.chunk(2, 0).Select(half => half.index_select(0, from))], 0);
}
