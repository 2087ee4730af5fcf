namespace RnnBench.Language;

/// <summary>Prints matrices that are computed from stored parameters.</summary>
/// <param name="dialect">The dialect of the equations around them.</param>
/// <param name="name">How a parameter is printed.</param>
sealed class MatrixPrinter(Printer.Dialect dialect, Func<Parameter, string> name)
{
    /// <param name="m">The matrix.</param>
    /// <param name="around">How strongly it must hold together: product of elements 3, of matrices 4, a single thing 5.</param>
    public string Of(MatrixExpr m, int around)
    {
        var (text, binds) = m switch
        {
            StoredMatrix { Place: { } place } x => ($"{name(x.Parameter)}[{Text.Of(place)}]", 5),
            StoredMatrix x => (name(x.Parameter), 5),
            Masked x => ($"{dialect.Letter("M")}{dialect.Times}{Of(x.Operands[0], 3)}", 3),
            Skew x => ($"{Of(x.Operands[0], 5)}{dialect.Triangle} - {Of(x.Operands[0], 5)}{dialect.Triangle}{dialect.Transpose}", 2),
            MatrixExponential x => (string.Format(null, dialect.Function(Exp), Of(x.Operands[0], 0)), 5),
            CayleyMap x => ($"(I + {Of(x.Operands[0], 3)}){dialect.Inverse} (I - {Of(x.Operands[0], 3)})", 4),
            MatrixProduct x => ($"{Of(x.Operands[0], 4)} {Of(x.Operands[1], 4)}", 4),
            ComplexMatrix x => ($"{Of(x.Operands[0], 2)} + i {Of(x.Operands[1], 3)}", 2),
            ComplexIdentity => ("I", 5),
            RealForm x => (Of(x.Operands[0], around), 5),
            Phases x => (Before(string.Format(null, dialect.Function(Exp), $"i {name(x.Angle)}"), x), 4),
            Fourier x => (Before(dialect.Letter("F") + (x.Inverse ? dialect.Inverse : ""), x), 4),
            Reflection x => (Before($"R({name(x.Re)} + i {name(x.Im)})", x), 4),
            Permuted x => (Before("Π", x), 4),
            _ => throw new NotSupportedException($"the printer does not know the matrix {m.GetType().Name}"),
        };
        return binds < around ? $"({text})" : text;
    }

    /// <summary>A factor before the rest of a product, which is left out where it is the identity.</summary>
    string Before(string factor, MatrixExpr m) => m.Operands[0] is ComplexIdentity ? factor : $"{factor} {Of(m.Operands[0], 4)}";

    static readonly Functions.Row Exp = new(Math.Exp, (_, y) => y, @"\exp({0})", "exp({0})");
}
