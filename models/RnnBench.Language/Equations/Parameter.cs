namespace RnnBench.Language;

/// <summary>
/// A weight. A fresh one is named for the equation it first stands in: <c>W</c> in the equation of gate <c>i</c> is <c>W_i</c>.
/// A weight that is used in several equations is made once, with its full name.
/// </summary>
public abstract class Parameter(string symbol, string? equation)
{
    /// <summary>The letter: W, U, b, p.</summary>
    public string Symbol { get; } = symbol;
    /// <summary>The equation that it belongs to, or null where the name is the letter alone.</summary>
    public string? Equation { get; internal set; } = equation;
    /// <summary>Whether it is trained; a constant of the model (the catalogue's <c>const.NAME</c>) is not.</summary>
    public bool Trained { get; init; } = true;
    /// <summary>Whether its name takes no prefix of a layer or direction.</summary>
    public bool Unprefixed { get; init; }
    /// <summary>The catalogue's name: <c>W_i</c>.</summary>
    public virtual string Name => string.IsNullOrEmpty(Equation) ? Symbol : $"{Symbol}_{Equation}";
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A matrix weight, [rows, columns]; it acts on column vectors: W x.</summary>
/// <param name="symbol">The letter.</param>
/// <param name="equation">The equation's name; null waits for the first equation that uses it; "" for a name that is the letter alone.</param>
public sealed class Matrix(string symbol, string? equation = null) : Parameter(symbol, equation)
{
    /// <summary>What it is computed from, where its elements are not stored themselves.</summary>
    public MatrixExpr? From { get; init; }

    /// <summary>The stack that it is stored in, or null where it is a parameter by itself.</summary>
    public MatrixStack? Stack { get; internal init; }
    /// <summary>Its place in the stack.</summary>
    public int Index { get; internal init; }
    /// <inheritdoc/>
    public override string Name => Stack is null ? base.Name : $"{base.Name}[{Text.Of(Index)}]";

    /// <summary>The matrix-vector product.</summary>
    public static Affine operator *(Matrix matrix, Expr operand) => new(new Product(matrix, operand));
}

/// <summary>
/// Several matrices of one shape that are stored as one parameter: the blocks of a block-diagonal matrix, [K,rows,columns], or the taps of a
/// convolution, [rows,columns,K]. Equations use them one by one, and so do the backends.
/// </summary>
public sealed class MatrixStack
{
    readonly Matrix[] matrices;

    /// <param name="symbol">The letter.</param>
    /// <param name="equation">The equation's name.</param>
    /// <param name="count">How many they are, K.</param>
    /// <param name="last">Whether K is the last side of the stored parameter rather than the first.</param>
    public MatrixStack(string symbol, string equation, Width count, bool last = false)
    {
        (Count, Last) = (count, last);
        matrices = [.. Enumerable.Range(0, count.Size).Select(k => new Matrix(symbol, equation) { Stack = this, Index = k })];
    }

    /// <summary>How many they are.</summary>
    public Width Count { get; }
    /// <summary>Whether K is the last side of the stored parameter rather than the first.</summary>
    public bool Last { get; }
    /// <summary>The catalogue's name.</summary>
    public string Name => $"{matrices[0].Symbol}_{matrices[0].Equation}";
    /// <summary>One of them.</summary>
    public Matrix this[int k] => matrices[k];
    /// <summary>All of them, in order.</summary>
    public IReadOnlyList<Matrix> Matrices => matrices;

    /// <summary>The shape as it is stored.</summary>
    public Width[] Shape(Width rows, Width columns) => Last ? [rows, columns, Count] : [Count, rows, columns];
}

/// <summary>A vector weight: a bias, a peephole, a diagonal recurrence.</summary>
/// <param name="symbol">The letter.</param>
/// <param name="equation">As for <see cref="Matrix"/>.</param>
public sealed class Vector(string symbol, string? equation = null) : Parameter(symbol, equation)
{
    /// <summary>Its width, where the equations do not say it; with <see cref="Width.Sides"/> it is stored in that shape.</summary>
    public Width? Width { get; init; }

    /// <summary>The vector as a value.</summary>
    public static implicit operator Expr(Vector vector) => new ParameterVector(vector);
    /// <summary>Elementwise product with a value: a diagonal matrix times a vector.</summary>
    public static Expr operator *(Vector vector, Expr operand) => new ParameterVector(vector) * operand;
    /// <summary>A value plus a bias.</summary>
    public static Expr operator +(Expr value, Vector vector) => value + new ParameterVector(vector);
}

/// <summary>A parameter that no equation uses as it is: other weights are computed from it (<see cref="MatrixExpr"/>).</summary>
/// <param name="symbol">The letter.</param>
/// <param name="equation">As for <see cref="Matrix"/>, but never null.</param>
/// <param name="sides">Its shape: [rows, columns], or [K, rows, columns] for several matrices in one.</param>
public sealed class Stored(string symbol, string equation, params IReadOnlyList<Width> sides) : Parameter(symbol, equation)
{
    /// <summary>Its shape.</summary>
    public IReadOnlyList<Width> Sides { get; } = sides;
}

/// <summary>
/// A sum of matrix products and biases, before its nonlinearity. It is a type of its own so that <c>U * r * h</c>, which C# reads as
/// (U r) ⊙ h and papers as U (r ⊙ h), does not compile.
/// </summary>
/// <param name="Sum">The sum as a node.</param>
public readonly record struct Affine(Expr Sum)
{
    /// <summary>The sum as a node.</summary>
    public static implicit operator Expr(Affine a) => a.Sum;
    /// <summary>Sum of two sums.</summary>
    public static Affine operator +(Affine a, Affine b) => new(a.Sum + b.Sum);
    /// <summary>Sum with any value.</summary>
    public static Affine operator +(Affine a, Expr b) => new(a.Sum + b);
    /// <summary>Sum with a bias.</summary>
    public static Affine operator +(Affine a, Vector b) => new(a.Sum + b);

    /// <summary>Does not compile: write brackets.</summary>
    [Obsolete("U * r * h means (U r) ⊙ h. Write U * (r * h), or name U * r with Let first.", error: true)]
    public static Expr operator *(Affine a, Expr b) => a.Sum * b;
}
