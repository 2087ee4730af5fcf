using TorchSharp;
using static TorchSharp.torch;

namespace RnnBench.Backends;

/// <summary>
/// The exponential of a matrix by scaling and squaring: exp(A) = exp(A / 2^s)^(2^s), the inner one by its Taylor polynomial of degree 12 in five products
/// (Paterson and Stockmeyer 1973; Higham 2005 on the choice of s). Its gradient takes two products for each of these; that of libtorch's own function is an
/// exponential of twice the size, eight times the work.
/// </summary>
static class Exponential
{
    const int Degree = 12, Block = 4;
    static readonly double[] coefficients = [.. Enumerable.Range(0, Degree + 1).Select(k => 1 / Enumerable.Range(1, k).Aggregate(1.0, (product, i) => product * i))];

    /// <summary>exp(A).</summary>
    /// <param name="a">A, [N,N], float32 or float64.</param>
    public static Tensor Of(Tensor a)
    {
        var halvings = Halvings(a);
        var scaled = a * Math.Pow(2, -halvings);
        var square = scaled.mm(scaled);
        Tensor[] powers = [eye(a.shape[0], dtype: a.dtype, device: a.device), scaled, square, square.mm(scaled), square.mm(square)];
        var sum = Part(powers, Degree - Block, Block);
        for (var from = Degree - 2 * Block; from >= 0; from -= Block) sum = Part(powers, from, Block - 1).addmm(sum, powers[Block]);
        for (var i = 0; i < halvings; i++) sum = sum.mm(sum);
        return sum;
    }

    /// <summary>The terms of the powers 0 to <paramref name="last"/>, with the coefficients from <paramref name="from"/> on.</summary>
    static Tensor Part(Tensor[] powers, int from, int last)
    {
        var sum = powers[0] * coefficients[from];
        for (var k = 1; k <= last; k++) sum = sum.add(powers[k], coefficients[from + k]);
        return sum;
    }

    /// <summary>s, so that the first term that is left out, |A / 2^s|^13 / 13!, is below the rounding of the numbers.</summary>
    static int Halvings(Tensor a)
    {
        var norm = a.detach().abs().sum(dim: 0).max().ToDouble();
        var rounding = a.dtype == ScalarType.Float32 ? Math.Pow(2, -24) : Math.Pow(2, -53);
        var most = Math.Pow(rounding * (Degree + 1) / coefficients[Degree], 1.0 / (Degree + 1));
        return norm > most && double.IsFinite(norm) ? (int)Math.Ceiling(Math.Log2(norm / most)) : 0;
    }
}
