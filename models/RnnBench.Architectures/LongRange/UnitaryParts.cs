using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>What the complex networks share: the product of cheap unitary factors, and the nonlinearity on moduli.</summary>
static class UnitaryParts
{
    /// <summary>A vector of H elements, by its name.</summary>
    public static Vector Half(string name, int hidden, bool trained = true) => new(name, "") { Width = new Width(hidden, "H"), Trained = trained };

    /// <summary>How the parameters of <see cref="Product"/> start.</summary>
    public static Initial StartOf(Parameter q, int hidden) => q.Name switch
    {
        "perm" => new Initial.Permutation(),
        ['t', ..] => new Initial.Interval(-Math.PI, Math.PI),
        _ => new Initial.Uniform(Math.Sqrt(6.0 / (2 + 2 * hidden))),
    };

    /// <summary>D3 R2 F⁻¹ D2 Π R1 F D1 (Arjovsky, Shah and Bengio 2016, eq. 6), from the identity; an ablation leaves factors out.</summary>
    /// <param name="hidden">The number of complex units.</param>
    /// <param name="without">What is left out: reflections, permutation or fourier; anything else for nothing.</param>
    public static MatrixExpr Product(int hidden, string without = "")
    {
        MatrixExpr m = new Phases(Half("theta1", hidden), new ComplexIdentity(hidden));
        if (without != "fourier") m = new Fourier(m, inverse: false);
        if (without != "reflections") m = Reflected("v1", m);
        if (without != "permutation") m = new Permuted(Half("perm", hidden, trained: false), m);
        m = new Phases(Half("theta2", hidden), m);
        if (without != "fourier") m = new Fourier(m, inverse: true);
        if (without != "reflections") m = Reflected("v2", m);
        return new Phases(Half("theta3", hidden), m);

        Reflection Reflected(string v, MatrixExpr of) => new(Half($"{v}_re", hidden), Half($"{v}_im", hidden), of);
    }

    /// <summary>z relu(|z| + b) / (|z| + ε) on complex numbers, stored as (Re, Im) (Arjovsky, Shah and Bengio 2016, eq. 8).</summary>
    public static Expr ModRelu(Expr z, Vector b, double epsilon, Width half)
    {
        var (re, im) = (new Slice(z, 0, half, half.Size), new Slice(z, half.Size, half, 0));
        Expr modulus = new Apply(Function.Sqrt, re * re + im * im + 1e-20);           // the slope at 0 is then 0, and no value changes
        var scale = new Apply(Function.Relu, modulus + b) / (modulus + epsilon);
        return z * new Concat((scale, half), (scale, half));
    }
}
