using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>What brings matrices back to where a constraint wants them, in double precision on the CPU. Results are of the caller's scope.</summary>
static class MatrixProjections
{
    /// <summary>Brings all singular values of a matrix [m,n] (or of each of several, [K,m,n], [K,L,m,n]) into [low, high]; one within stays as it is, to the bit.</summary>
    public static Tensor ClampSingularValues(Tensor matrix, double low, double high)
    {
        if (matrix.dim() > 2) return stack([.. matrix.unbind(0).Select(m => ClampSingularValues(m, low, high))], 0);
        using var scope = NewDisposeScope();
        var (p, s, q) = linalg.svd(matrix, fullMatrices: false);
        var clamped = s.clamp(low, high);
        return (clamped.equal(s).all().item<bool>() ? matrix.alias() : p.mul(clamped).mm(q)).MoveToOuterDisposeScope();
    }

    /// <summary>The nearest orthogonal matrix: P Qᵀ of the singular value decomposition P S Qᵀ.</summary>
    public static Tensor Polar(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var (p, _, q) = linalg.svd(matrix, fullMatrices: false);
        return p.mm(q).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A step along the unitary matrices (Wisdom et al. 2016, eq. 6), on the real forms [2H,2H] of the complex matrices: A = G U* - U G*,
    /// U ← (I + η/2 A)⁻¹ (I - η/2 A) U.
    /// </summary>
    public static Tensor CayleyStep(Tensor unitary, Tensor gradient, double rate)
    {
        using var scope = NewDisposeScope();
        var half = (gradient.mm(unitary.t()) - unitary.mm(gradient.t())) * (rate / 2);
        var one = eye(unitary.shape[0], dtype: unitary.dtype);
        return linalg.solve(one + half, (one - half).mm(unitary)).MoveToOuterDisposeScope();
    }

    /// <summary>exp or the Cayley map of the skew-symmetric matrix that the upper triangle makes.</summary>
    public static Tensor Orthogonal(Tensor triangle, string map)
    {
        using var scope = NewDisposeScope();
        var above = triangle.triu(1);
        var (skew, one) = (above - above.t(), eye(triangle.shape[0], dtype: triangle.dtype));
        return (map == "exp" ? linalg.matrix_exp(skew) : linalg.solve(one + skew, one - skew)).MoveToOuterDisposeScope();
    }

    /// <summary>[[re, -im], [im, re]].</summary>
    public static Tensor RealForm(Tensor re, Tensor im)
    {
        using var scope = NewDisposeScope();
        return cat([cat([re, im.neg()], 1), cat([im, re], 1)], 0).MoveToOuterDisposeScope();
    }
}
