namespace RnnBench.Language;

/// <summary>
/// A matrix that is computed from stored parameters, once for each pass over a sequence: what a weight is whose elements are not free, such as
/// an orthogonal one. Gradients go through it to the parameters. Complex matrices are kept as their real parts above their imaginary ones.
/// </summary>
/// <param name="rows">The number of rows.</param>
/// <param name="columns">The number of columns.</param>
/// <param name="operands">The matrices that it is computed from.</param>
public abstract class MatrixExpr(int rows, int columns, params IReadOnlyList<MatrixExpr> operands)
{
    /// <summary>The number of rows.</summary>
    public int Rows { get; } = rows;
    /// <summary>The number of columns.</summary>
    public int Columns { get; } = columns;
    /// <summary>The matrices that it is computed from.</summary>
    public IReadOnlyList<MatrixExpr> Operands { get; } = operands;
    /// <summary>The stored parameters that it reads itself.</summary>
    public virtual IReadOnlyList<Parameter> Reads => [];

    /// <summary>Matrix product.</summary>
    public static MatrixExpr operator *(MatrixExpr left, MatrixExpr right) => new MatrixProduct(left, right);

    /// <summary>The stored parameters below it, each once, in the order of first use.</summary>
    public IEnumerable<Parameter> Stored => Order().SelectMany(m => m.Reads).Distinct();

    /// <summary>Its elements, row by row.</summary>
    /// <param name="stored">The elements of the stored parameters.</param>
    public double[] Value(Func<Parameter, double[]> stored) => new MatrixTape(this, stored).Value();

    /// <summary>It and all below it, each once, operands before their users.</summary>
    public IReadOnlyList<MatrixExpr> Order()
    {
        var order = new List<MatrixExpr>();
        Visit(this);
        return order;

        void Visit(MatrixExpr m)
        {
            if (order.Contains(m)) return;
            foreach (var operand in m.Operands) Visit(operand);
            order.Add(m);
        }
    }
}

/// <summary>A stored parameter, or one of the matrices that are stacked in it.</summary>
/// <param name="parameter">[rows, columns], or [K, rows, columns].</param>
/// <param name="place">Which of the stacked ones; null for a parameter that is one matrix.</param>
public sealed class StoredMatrix(Stored parameter, int? place = null) : MatrixExpr(parameter.Sides[^2].Size, parameter.Sides[^1].Size)
{
    /// <summary>The parameter.</summary>
    public Stored Parameter { get; } = parameter;
    /// <summary>Which of the stacked ones.</summary>
    public int? Place { get; } = place;
    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Reads => [Parameter];
}

/// <summary>A matrix with some elements set to zero; they get no gradient.</summary>
/// <param name="operand">The matrix.</param>
/// <param name="keeps">Whether the element of a row and column stays.</param>
public sealed class Masked(MatrixExpr operand, Func<int, int, bool> keeps) : MatrixExpr(operand.Rows, operand.Columns, operand)
{
    /// <summary>Whether the element of a row and column stays.</summary>
    public Func<int, int, bool> Keeps { get; } = keeps;

    /// <summary>1 where an element stays, else 0, row by row.</summary>
    public double[] Mask() => [.. Enumerable.Range(0, Rows * Columns).Select(k => Keeps(k / Columns, k % Columns) ? 1.0 : 0)];
}

/// <summary>triu(A,1) - triu(A,1)ᵀ: skew-symmetric, from what stands above the diagonal of A.</summary>
public sealed class Skew(MatrixExpr operand) : MatrixExpr(operand.Rows, operand.Columns, operand);

/// <summary>The matrix exponential; orthogonal where its operand is skew-symmetric.</summary>
public sealed class MatrixExponential(MatrixExpr operand) : MatrixExpr(operand.Rows, operand.Columns, operand);

/// <summary>(I + S)⁻¹ (I - S); orthogonal where S is skew-symmetric.</summary>
public sealed class CayleyMap(MatrixExpr operand) : MatrixExpr(operand.Rows, operand.Columns, operand);

/// <summary>A matrix times another.</summary>
public sealed class MatrixProduct(MatrixExpr left, MatrixExpr right) : MatrixExpr(left.Rows, right.Columns, left, right);

/// <summary>A complex matrix from its real and its imaginary part: [re; im].</summary>
public sealed class ComplexMatrix(MatrixExpr re, MatrixExpr im) : MatrixExpr(2 * re.Rows, re.Columns, re, im);

/// <summary>The complex identity: [I; 0].</summary>
/// <param name="size">The number of complex rows and columns.</param>
public sealed class ComplexIdentity(int size) : MatrixExpr(2 * size, size);

/// <summary>A complex matrix [re; im] as the real one that does the same to vectors (Re, Im): [[re, -im], [im, re]].</summary>
public sealed class RealForm(MatrixExpr operand) : MatrixExpr(operand.Rows, 2 * operand.Columns, operand);

/// <summary>exp(iθ) ⊙ row by row: a diagonal matrix of phases times a complex matrix.</summary>
/// <param name="angle">θ, one for each complex row.</param>
/// <param name="operand">[re; im].</param>
public sealed class Phases(Vector angle, MatrixExpr operand) : MatrixExpr(operand.Rows, operand.Columns, operand)
{
    /// <summary>θ.</summary>
    public Vector Angle { get; } = angle;
    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Reads => [Angle];
}

/// <summary>The unitary discrete Fourier transform of each column, or its inverse, both over √H.</summary>
/// <param name="operand">[re; im].</param>
/// <param name="inverse">Whether it is the inverse.</param>
public sealed class Fourier(MatrixExpr operand, bool inverse) : MatrixExpr(operand.Rows, operand.Columns, operand)
{
    /// <summary>Whether it is the inverse.</summary>
    public bool Inverse { get; } = inverse;
}

/// <summary>(I - 2 v v* / ‖v‖²) times a complex matrix: a Householder reflection.</summary>
/// <param name="re">Re v.</param>
/// <param name="im">Im v.</param>
/// <param name="operand">[re; im].</param>
public sealed class Reflection(Vector re, Vector im, MatrixExpr operand) : MatrixExpr(operand.Rows, operand.Columns, operand)
{
    /// <summary>Re v.</summary>
    public Vector Re { get; } = re;
    /// <summary>Im v.</summary>
    public Vector Im { get; } = im;
    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Reads => [Re, Im];
}

/// <summary>The rows of a complex matrix in another order: row j is row perm[j] of the operand.</summary>
/// <param name="order">perm; what counts is the order of its values, so that any numbers make a permutation.</param>
/// <param name="operand">[re; im].</param>
public sealed class Permuted(Vector order, MatrixExpr operand) : MatrixExpr(operand.Rows, operand.Columns, operand)
{
    /// <summary>perm.</summary>
    public Vector Permutation { get; } = order;
    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Reads => [Permutation];
}
