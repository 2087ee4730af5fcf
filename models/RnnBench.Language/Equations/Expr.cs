namespace RnnBench.Language;

/// <summary>
/// A vector-valued node of a cell's equations, one value per batch member and step. Operators are elementwise; a constant fits any width.
/// Nodes compare by reference: a graph shares its nodes, and structural comparison would cost two to the depth.
/// </summary>
public abstract class Expr
{
    /// <summary>Elementwise sum.</summary>
    public static Expr operator +(Expr left, Expr right) => new Elementwise(Operator.Add, left, right);
    /// <summary>Elementwise difference.</summary>
    public static Expr operator -(Expr left, Expr right) => new Elementwise(Operator.Subtract, left, right);
    /// <summary>Elementwise product, ⊙ in the papers.</summary>
    public static Expr operator *(Expr left, Expr right) => new Elementwise(Operator.Multiply, left, right);
    /// <summary>Elementwise quotient.</summary>
    public static Expr operator /(Expr left, Expr right) => new Elementwise(Operator.Divide, left, right);
    /// <summary>Elementwise negation.</summary>
    public static Expr operator -(Expr of) => new Apply(Function.Negate, of);
    /// <summary>A number, the same for every unit.</summary>
    public static implicit operator Expr(double value) => new Constant(value);
}

/// <summary>The elementwise operators of two operands.</summary>
public enum Operator
{
    /// <summary>a + b</summary>
    Add,
    /// <summary>a - b</summary>
    Subtract,
    /// <summary>a ⊙ b</summary>
    Multiply,
    /// <summary>a / b</summary>
    Divide,
    /// <summary>max(a, b); where the two are equal the slope is that of b.</summary>
    Maximum,
}

/// <summary>The elementwise functions of one operand. What each means, and its derivative, stands in one row of <see cref="Functions"/>.</summary>
public enum Function
{
    /// <summary>-a</summary>
    Negate,
    /// <summary>1 / (1 + exp(-a))</summary>
    Sigmoid,
    /// <summary>tanh a</summary>
    Tanh,
    /// <summary>max(a, 0), slope 0 at 0</summary>
    Relu,
    /// <summary>1 where a &gt; 0, else 0: the slope of <see cref="Relu"/>; its own slope is 0.</summary>
    Step,
    /// <summary>√a; the slope at 0 is infinite.</summary>
    Sqrt,
    /// <summary>exp a</summary>
    Exp,
    /// <summary>log a, of a number above 0.</summary>
    Log,
    /// <summary>log(1 + exp a), without overflow: -softplus(-a) is log σ(a).</summary>
    Softplus,
    /// <summary>cos a</summary>
    Cos,
    /// <summary>sin a</summary>
    Sin,
    /// <summary>a itself, held constant in the backward pass: for what only keeps numbers in range and does not change the result.</summary>
    Hold,
    /// <summary>a itself: the linear activation, kept as a node so that a setting can choose it.</summary>
    Identity,
}

/// <summary>A number, the same for every unit.</summary>
public sealed class Constant(double value) : Expr
{
    /// <summary>The number.</summary>
    public double Value { get; } = value;
}

/// <summary>Numbers that are part of the cell's definition, one for each unit: time constants, periods.</summary>
/// <param name="letter">What they are called in printed equations.</param>
/// <param name="values">The numbers.</param>
public sealed class ConstantVector(string letter, params IReadOnlyList<double> values) : Expr
{
    /// <summary>What they are called in printed equations.</summary>
    public string Letter { get; } = letter;
    /// <summary>The numbers.</summary>
    public IReadOnlyList<double> Values { get; } = values;
}

/// <summary>The cell's input x at t - <paramref name="lag"/>.</summary>
public sealed class InputAt(int lag) : Expr
{
    /// <summary>Steps back from the one being computed; 0 is x[t].</summary>
    public int Lag { get; } = lag;
}

/// <summary>A state at t - <paramref name="lag"/>; the lag is at least 1.</summary>
public sealed class StateAt(State state, int lag) : Expr
{
    /// <summary>The state that is read.</summary>
    public State State { get; } = state;
    /// <summary>Steps back from the one being computed, at least 1.</summary>
    public int Lag { get; } = lag;
}

/// <summary>A vector parameter as a value: a bias, a peephole.</summary>
public sealed class ParameterVector(Vector vector) : Expr
{
    /// <summary>The parameter, of the width of this node.</summary>
    public Vector Vector { get; } = vector;
}

/// <summary>A matrix times a vector: M v, or Mᵀ v.</summary>
public sealed class Product(Matrix matrix, Expr operand, bool transposed = false) : Expr
{
    /// <summary>The matrix, [rows, columns].</summary>
    public Matrix Matrix { get; } = matrix;
    /// <summary>The vector: as wide as the matrix has columns (rows, when transposed).</summary>
    public Expr Operand { get; } = operand;
    /// <summary>Whether the matrix is transposed, as it is in derivatives.</summary>
    public bool Transposed { get; } = transposed;
}

/// <summary>Two nodes joined element by element.</summary>
public sealed class Elementwise(Operator op, Expr left, Expr right) : Expr
{
    /// <summary>The operator.</summary>
    public Operator Operator { get; } = op;
    /// <summary>The left operand.</summary>
    public Expr Left { get; } = left;
    /// <summary>The right operand.</summary>
    public Expr Right { get; } = right;
}

/// <summary>A function of each element.</summary>
public sealed class Apply(Function function, Expr operand) : Expr
{
    /// <summary>The function.</summary>
    public Function Function { get; } = function;
    /// <summary>Its operand.</summary>
    public Expr Operand { get; } = operand;
}

/// <summary>The mean over the units, at every unit: one number for each batch member and step, as wide as its operand.</summary>
public sealed class Mean(Expr operand) : Expr
{
    /// <summary>Its operand.</summary>
    public Expr Operand { get; } = operand;
}

/// <summary>exp of each element over the sum of all: shares that add up to 1.</summary>
/// <param name="operand">Its operand.</param>
/// <param name="width">The operand's width and its own.</param>
public sealed class Softmax(Expr operand, Width width) : Expr
{
    /// <summary>Its operand.</summary>
    public Expr Operand { get; } = operand;
    /// <summary>The operand's width and its own.</summary>
    public Width Width { get; } = width;
}

/// <summary>Vectors one after the other: [h; s].</summary>
public sealed class Concat(params IReadOnlyList<(Expr Part, Width Width)> parts) : Expr
{
    /// <summary>The parts, each with its width.</summary>
    public IReadOnlyList<(Expr Part, Width Width)> Parts { get; } = parts;
    /// <summary>The sum of the widths.</summary>
    public Width Width { get; } = new(parts.Sum(part => part.Width.Size), string.Join("+", parts.Select(part => part.Width.Symbol)));
}

/// <summary>Some elements of a vector, side by side.</summary>
/// <param name="operand">The vector.</param>
/// <param name="before">The elements before them.</param>
/// <param name="width">How many they are.</param>
/// <param name="after">The elements after them.</param>
public sealed class Slice(Expr operand, int before, Width width, int after) : Expr
{
    /// <summary>The vector.</summary>
    public Expr Operand { get; } = operand;
    /// <summary>The number of elements before them.</summary>
    public int Before { get; } = before;
    /// <summary>How many they are.</summary>
    public Width Width { get; } = width;
    /// <summary>The number of elements after them.</summary>
    public int After { get; } = after;
}

/// <summary>
/// Each block of a vector several times in a row: [p q] in two blocks, three times each, is [p p p q q q]. In as many blocks as elements it
/// turns a vector into a matrix of equal columns, in one block into a matrix of equal rows, matrices being kept row by row.
/// </summary>
/// <param name="operand">The vector.</param>
/// <param name="width">Its width.</param>
/// <param name="blocks">The number of blocks, which divides the width.</param>
/// <param name="count">How often each block stands there.</param>
public sealed class Spread(Expr operand, Width width, int blocks, int count) : Expr
{
    /// <summary>The vector.</summary>
    public Expr Operand { get; } = operand;
    /// <summary>The vector's width.</summary>
    public Width Of { get; } = width;
    /// <summary>The number of blocks.</summary>
    public int Blocks { get; } = blocks;
    /// <summary>How often each block stands there.</summary>
    public int Count { get; } = count;
    /// <summary>The width of the result.</summary>
    public Width Width { get; } = new(checked(width.Size * count), $"{count}{width.Symbol}");
}

/// <summary>
/// The transpose of <see cref="Spread"/>: blocks that stand several times in a row are added up. [p q r s] in two blocks, two at a time, is
/// [p+q r+s]: with as many blocks as rows the sums of a matrix's rows.
/// </summary>
/// <param name="operand">The vector, <paramref name="count"/> times as wide as the result.</param>
/// <param name="width">The width of the result.</param>
/// <param name="blocks">The number of blocks of the result.</param>
/// <param name="count">How many are added up into each.</param>
public sealed class Fold(Expr operand, Width width, int blocks, int count) : Expr
{
    /// <summary>The vector.</summary>
    public Expr Operand { get; } = operand;
    /// <summary>The width of the result.</summary>
    public Width Width { get; } = width;
    /// <summary>The number of blocks of the result.</summary>
    public int Blocks { get; } = blocks;
    /// <summary>How many are added up into each.</summary>
    public int Count { get; } = count;
    /// <summary>The width of the vector.</summary>
    public Width Of { get; } = new(checked(width.Size * count), $"{count}{width.Symbol}");
}

/// <summary>What a named node is to the cell.</summary>
public enum Role
{
    /// <summary>An intermediate value, such as the candidate of an LSTM.</summary>
    Value,
    /// <summary>A gate: recorded by the probes, fixed by ablations.</summary>
    Gate,
    /// <summary>The next value of a state.</summary>
    State,
}

/// <summary>A node that the paper gives a letter: one equation.</summary>
public sealed class Named(string name, Expr body, Role role) : Expr
{
    /// <summary>The letter, as the catalogue spells it.</summary>
    public string Name { get; } = name;
    /// <summary>The right-hand side.</summary>
    public Expr Body { get; } = body;
    /// <summary>What it is to the cell.</summary>
    public Role Role { get; } = role;
}

/// <summary>A value that is given from outside the equations, such as the incoming derivative of a state. Compares by reference.</summary>
public sealed class Given(string name, Width width) : Expr
{
    /// <summary>What it is called in messages and printed equations.</summary>
    public string Name { get; } = name;
    /// <summary>Its width.</summary>
    public Width Width { get; } = width;
}
